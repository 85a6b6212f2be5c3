import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import * as tar from "tar-stream";

/** A file of an archive: its path inside, content, and whether it may be executed. */
export interface BundleFile {
  readonly path: string;
  readonly content: string | Buffer;
}

const SERVER = join(__dirname, "../../server");

/** The shell that runs on the server: every file under `server/`. */
export function serverScripts(folder = SERVER): BundleFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
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

/** A tar.gz of the files; the same files give the same bytes. Only its owner may read what is unpacked. */
export async function pack(files: readonly BundleFile[]): Promise<Buffer> {
  const archive = tar.pack();
  for (const { path, content } of files) {
    archive.entry({ name: path, mode: path.endsWith(".sh") ? 0o700 : 0o600, mtime: new Date(0) }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}
