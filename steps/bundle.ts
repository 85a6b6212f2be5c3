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

/** The scripts that run on the host: all in `server/` of this repository. */
export function serverScripts(folder = SERVER): BundleFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(sh|awk)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: relative(folder, path), content: readFileSync(path) }));
}

/** A version for these files: 12 hex digits of a hash over names and contents. */
export function bundleVersion(files: readonly BundleFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.path}\0${file.content.length}\0`).update(file.content);
  return hash.digest("hex").slice(0, 12);
}

/**
 * Starts a tar.gz as a stream; `end` adds the last files, which may become known later. Only the owner may read the
 * unpacked files.
 * @param before comes first in the stream, before the archive
 */
export function startPacking(
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

/** A tar.gz of these files; the same files give the same bytes. */
export function pack(files: readonly BundleFile[]): Promise<Buffer> {
  const { stream, end } = startPacking(files);
  end();
  return buffer(stream);
}

/**
 * A line of a script that unpacks a tar.gz from the rest of stdin into a folder for this run, and starts a script in
 * it. The line ends with `exit`, so that bash does not read the archive as commands.
 */
export function unpackAndRun(script: string, words: string, decode = ""): string {
  const unpack = `${decode}tar -xz --no-same-owner -C "$d"`;
  const makeFolder = `d=$(mktemp -d /run/trinity-stack.XXXXXX) && trap 'rm -rf "$d"' EXIT`;
  return `${makeFolder} && ${unpack} && bash "$d/${script}" ${words}; exit\n`;
}
