import { join } from "node:path";
import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { Failure } from "../../program/failure";
import type { DataFile } from "./findings";

/** Files on this machine that are read once, in threads of their own. */
export interface Reading {
  /** Tar archives of those that travel whole, each of them in one; an archive fails where a file cannot be read. */
  readonly archives: readonly Readable[];
  /** The SHA-256 sums of all, by their paths, made by the time the archives were taken whole. */
  readonly sums: Promise<ReadonlyMap<string, string>>;
  /** They are not wanted any more. */
  stop(): void;
}

/** What is to be read. */
interface Wanted {
  /** Files of which the sums are wanted alone. */
  readonly summed?: readonly DataFile[];
  /** Files of which archives are wanted as well. */
  readonly packed?: readonly DataFile[];
}

/**
 * @param archives how many archives are made beside each other, each in a thread of its own
 * @param hears gets the number of bytes of each part that is handed on to an archive
 */
export function startReading(
  folder: string,
  { archives = 1, ...wanted }: Wanted & { readonly archives?: number },
  hears: (bytes: number) => void = () => {},
): Reading {
  // Each thread takes the next file that none has taken, so all end at about the same time.
  const next = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const threads = Array.from({ length: archives }, () => startThread(folder, wanted, next, hears));
  const sums = Promise.all(threads.map((thread) => thread.sums)).then(
    (each) => new Map(each.flatMap((some) => [...some])),
  );
  // Who waits for them later hears it all the same.
  sums.catch(() => {});
  return {
    archives: threads.map(({ archive }) => archive),
    sums,
    stop: () => {
      for (const { stop } of threads) stop();
    },
  };
}

interface Thread extends Pick<Reading, "sums" | "stop"> {
  readonly archive: Readable;
}

type Message = { readonly part: Uint8Array } | { readonly sums: ReadonlyMap<string, string> };

function startThread(
  folder: string,
  { summed = [], packed = [] }: Wanted,
  next: SharedArrayBuffer,
  hears: (bytes: number) => void,
): Thread {
  const worker = new Worker(join(__dirname, "reader-worker.js"), {
    // It is plain JavaScript, and needs nothing of what this program was started with.
    execArgv: [],
    workerData: { folder, summed, packed, next },
  });
  // Each part that is not taken yet is one that the thread waits for.
  let untaken = 0;
  const archive = new Readable({
    read() {
      for (; untaken > 0; untaken--) worker.postMessage("taken");
    },
    destroy(error, done) {
      void worker.terminate();
      done(error);
    },
  });
  const sums = new Promise<ReadonlyMap<string, string>>((done, fail) => {
    const failed = (why: string) => {
      const failure = new Failure(why);
      archive.destroy(failure);
      fail(failure);
    };
    const ended = () => failed(`the sums of ${folder} were not made`);
    worker.once("error", ({ message }) => failed(`${folder} cannot be read whole: ${message}`));
    worker.once("exit", ended);
    worker.on("message", (message: Message) => {
      if ("sums" in message) {
        // The thread ends now, while the last parts may still be waiting to be taken.
        worker.off("exit", ended);
        archive.push(null);
        done(message.sums);
      } else {
        untaken++;
        hears(message.part.length);
        archive.push(message.part);
      }
    });
  });
  archive.on("error", () => {});
  return { archive, sums, stop: () => void worker.terminate() };
}
