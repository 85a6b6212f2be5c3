import { join } from "node:path";
import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { Failure } from "../../program/failure";
import type { DataFile } from "./findings";

/** Files on this machine that are read once, in a thread of its own. */
export interface Reading {
  /** The tar archive of those that travel whole; it fails where one cannot be read. */
  readonly archive: Readable;
  /** The SHA-256 sums of all, by their paths, made by the time the archive was taken whole. */
  readonly sums: Promise<ReadonlyMap<string, string>>;
  /** They are not wanted any more. */
  stop(): void;
}

type Message = { readonly part: Uint8Array } | { readonly sums: ReadonlyMap<string, string> };

/**
 * @param summed files of which the sums are wanted alone
 * @param packed files of which the archive is wanted as well
 * @param hears gets the number of bytes of each part that is handed on to the archive
 */
export function startReading(
  folder: string,
  { summed = [], packed = [] }: { readonly summed?: readonly DataFile[]; readonly packed?: readonly DataFile[] },
  hears: (bytes: number) => void = () => {},
): Reading {
  const worker = new Worker(join(__dirname, "reader-worker.js"), {
    // It is plain JavaScript, and needs nothing of what this program was started with.
    execArgv: [],
    workerData: { folder, summed, packed },
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
  // Who waits for them later hears it all the same.
  sums.catch(() => {});
  archive.on("error", () => {});
  return { archive, sums, stop: () => void worker.terminate() };
}
