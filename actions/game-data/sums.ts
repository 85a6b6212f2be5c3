import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Failure } from "../../program/failure";
import type { DataFile } from "./findings";

/** The SHA-256 sums of files in a folder, in their order. */
export interface Sums {
  readonly made: Promise<readonly string[]>;
  /** They are not wanted any more. */
  stop(): void;
}

/** Makes them in a thread of its own. Where a file cannot be read, `made` fails. */
export function startSums(folder: string, files: readonly DataFile[]): Sums {
  const worker = new Worker(join(__dirname, "sums-worker.js"), {
    // It is plain JavaScript, and needs nothing of what this program was started with.
    execArgv: [],
    workerData: { folder, paths: files.map(({ path }) => path) },
  });
  const made = new Promise<readonly string[]>((done, fail) => {
    worker.once("message", done);
    worker.once("error", ({ message }) => fail(new Failure(`${folder} cannot be read whole: ${message}`)));
    worker.once("exit", () => fail(new Failure(`the sums of ${folder} were not made`)));
  });
  // Who waits for them later hears it all the same.
  made.catch(() => {});
  return { made, stop: () => void worker.terminate() };
}
