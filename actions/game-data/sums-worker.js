/** A thread of its own that makes the SHA-256 sums of files, while they travel. */
const { createHash } = require("node:crypto");
const { closeSync, openSync, readSync } = require("node:fs");
const { join } = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const buffer = Buffer.allocUnsafe(1 << 20);

function sum(file) {
  const hash = createHash("sha256");
  const opened = openSync(file, "r");
  try {
    for (let read = -1; read !== 0; ) {
      read = readSync(opened, buffer, 0, buffer.length, null);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(opened);
  }
  return hash.digest("hex");
}

const { folder, paths } = workerData;
parentPort.postMessage(paths.map((path) => sum(join(folder, path))));
