import { on } from "node:events";
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
 * @param hears gets the number of bytes of each part of the archive that is taken
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
  const sums = new Promise<ReadonlyMap<string, string>>((done, fail) => {
    worker.on("message", (message: Message) => "sums" in message && done(message.sums));
    worker.once("error", ({ message }) => fail(new Failure(`${folder} cannot be read whole: ${message}`)));
    worker.once("exit", () => fail(new Failure(`the sums of ${folder} were not made`)));
  });
  // Who waits for them later hears it all the same.
  sums.catch(() => {});
  const messages = on(worker, "message", { close: ["exit"] }) as AsyncIterableIterator<[Message]>;
  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      for await (const [message] of messages) {
        if ("sums" in message) return;
        hears(message.part.length);
        yield message.part;
        worker.postMessage("taken");
      }
    } catch {
      // They fail for the same reason, and say it.
      await sums;
    }
  }
  return { archive: Readable.from(parts(), { objectMode: false }), sums, stop: () => void worker.terminate() };
}
