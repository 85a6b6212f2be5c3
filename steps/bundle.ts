import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import * as tar from "tar-stream";

/** A file of an archive: its path inside, content, and whether it may be executed. */
export interface BundleFile {
  readonly path: string;
  readonly content: string | Buffer;
}

const SERVER = join(__dirname, "../server");

/** What runs on the server: every script under `server/`. */
export function serverScripts(folder = SERVER): BundleFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(sh|awk)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: relative(folder, path), content: readFileSync(path) }));
}

/** Names one state of the scripts: 12 hex digits of a hash over names and contents. */
export function bundleVersion(files: readonly BundleFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.path}\0${file.content.length}\0`).update(file.content);
  return hash.digest("hex").slice(0, 12);
}

/**
 * A tar.gz that is on its way while its last files are not known yet; `end` adds them. Only its owner may read what is
 * unpacked.
 * @param before what the stream begins with, ahead of the archive
 */
export function packing(
  files: readonly BundleFile[],
  before = "",
): { stream: Readable; end(last?: readonly BundleFile[]): void } {
  const archive = tar.pack();
  const add = (some: readonly BundleFile[]) => {
    for (const { path, content } of some) {
      archive.entry({ name: path, mode: path.endsWith(".sh") ? 0o700 : 0o600, mtime: new Date(0) }, content);
    }
  };
  add(files);
  const end = (last: readonly BundleFile[] = []) => {
    add(last);
    archive.finalize();
  };
  const stream = new PassThrough();
  stream.write(before);
  return { stream: archive.pipe(createGzip()).pipe(stream), end };
}

/** All of it at once; the same files give the same bytes. */
export function pack(files: readonly BundleFile[]): Promise<Buffer> {
  const { stream, end } = packing(files);
  end();
  return buffer(stream);
}

/**
 * One line of a script: unpacks what follows on stdin (the stack's scripts, a tar.gz) for this one run and starts a
 * script of it. It ends the script, or bash would read on where the archive ends.
 */
export function unpackAndRun(script: string, words: string, decode = ""): string {
  const unpack = `${decode}tar -xz --no-same-owner -C "$d"`;
  return `d=$(mktemp -d /run/trinity-stack.XXXXXX) && trap 'rm -rf "$d"' EXIT && ${unpack} && bash "$d/${script}" ${words}; exit\n`;
}
