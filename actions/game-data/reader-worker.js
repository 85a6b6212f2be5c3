/**
 * A thread of its own that reads files once, while they travel: for their SHA-256 sums, and for a tar archive. Other
 * threads do the same beside it, with the same lists.
 */
const { createHash } = require("node:crypto");
const { closeSync, openSync, readFileSync, readSync } = require("node:fs");
const { join } = require("node:path");
const { pipeline } = require("node:stream/promises");
const { parentPort, workerData } = require("node:worker_threads");
const { pack } = require("tar-stream");

/** In bytes: larger files are read part by part. */
const AT_ONCE = 1 << 20;
/** In bytes: each part that SSH gets becomes packets of its own, so small ones are gathered. */
const GATHERED = 1 << 18;
/** So many parts may be on their way. */
const AHEAD = 8;

const { folder, packed, summed } = workerData;
const sums = new Map();

/** How many files of each list the threads have taken. */
const next = new Int32Array(workerData.next);
/** The files of a list that no other thread takes. */
function* untaken(files, list) {
  for (;;) {
    const file = files[Atomics.add(next, list, 1)];
    if (file === undefined) return;
    yield file;
  }
}

/** Its parts, with the sum made on the way. */
function* read({ path, size }) {
  const hash = createHash("sha256");
  const file = join(folder, path);
  let bytes = 0;
  const part = (content) => {
    bytes += content.length;
    hash.update(content);
    return content;
  };
  if (size <= AT_ONCE) yield part(readFileSync(file));
  else {
    const opened = openSync(file, "r");
    try {
      for (;;) {
        const buffer = Buffer.allocUnsafeSlow(AT_ONCE);
        const read = readSync(opened, buffer, 0, AT_ONCE, null);
        if (read === 0) break;
        yield part(buffer.subarray(0, read));
      }
    } finally {
      closeSync(opened);
    }
  }
  if (bytes !== size) throw new Error(`${path} changed while it was read`);
  sums.set(path, hash.digest("hex"));
}

async function fill(archive) {
  for (const file of untaken(packed, 1)) {
    const { path, size, mtime } = file;
    const header = { name: path, size, mtime: new Date(mtime * 1000), mode: 0o644 };
    if (size > AT_ONCE) await pipeline(read(file), archive.entry(header));
    else {
      const content = Buffer.concat([...read(file)]);
      await new Promise((done, fail) => {
        archive.entry(header, content, (error) => (error ? fail(error) : done()));
      });
    }
  }
  archive.finalize();
}

let ahead = 0;
let taken = () => {};
parentPort.on("message", () => {
  ahead--;
  taken();
});

async function send(parts, bytes) {
  // What is handed over must be nobody else's memory, as small buffers share theirs.
  const part = new Uint8Array(bytes);
  let at = 0;
  for (const each of parts) {
    part.set(each, at);
    at += each.length;
  }
  parentPort.postMessage({ part }, [part.buffer]);
  if (++ahead < AHEAD) return;
  await new Promise((done) => {
    taken = done;
  });
}

async function sendArchive() {
  const archive = pack();
  fill(archive).catch((error) => archive.destroy(error));
  let parts = [];
  let bytes = 0;
  for await (const part of archive) {
    parts.push(part);
    bytes += part.length;
    if (bytes < GATHERED) continue;
    await send(parts, bytes);
    parts = [];
    bytes = 0;
  }
  if (bytes > 0) await send(parts, bytes);
}

(async () => {
  for (const file of untaken(summed, 0)) for (const _ of read(file));
  if (packed.length > 0) await sendArchive();
  parentPort.postMessage({ sums });
  parentPort.unref();
})();
