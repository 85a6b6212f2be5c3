/** A folder on the host with game data: what the host lists of it, checked as a folder on this machine is. */
import { gunzipSync } from "node:zlib";
import { Failure } from "../../program/failure";
import type { GameData, SeenFile } from "./findings";
import { checked, refuseClient } from "./folder";
import { HEAD, readHead } from "./formats";

/**
 * @param answer of `game-data.sh list`
 * @throws Failure when the answer was cut off, or when the folder is not game data
 */
export function readHostFolder(folder: string, answer: string): GameData {
  const part = (key: string): Buffer => {
    const line = answer.split("\n").find((each) => each.startsWith(`${key} `));
    if (line === undefined) throw new Failure("the host's answer was cut off; run it again");
    return gunzipSync(Buffer.from(line.slice(key.length + 1), "base64"));
  };
  refuseClient(folder, new Set(part("inside").toString().split("\n")));
  const heads = new Heads(part("heads"));
  const files = part("files")
    .toString()
    .split("\0")
    .filter((line) => line !== "")
    .map((line): SeenFile => {
      const [size = "", mtime = "", ...path] = line.split("\t");
      return asSeen({ path: path.join("\t"), size: Number(size), mtime: Number(mtime) }, heads);
    });
  return checked(folder, files);
}

const asSeen = (file: { path: string; size: number; mtime: number }, heads: Heads): SeenFile => ({
  ...file,
  ...readHead(file.path, heads.next(file), file.size),
});

/** What `head -v` prints of the files, in the order in which they are listed. */
class Heads {
  private at = 0;
  constructor(private readonly printed: Buffer) {}

  next({ path, size }: { path: string; size: number }): Buffer {
    // Between two files is an empty line, except where xargs called `head` anew.
    if (this.printed[this.at] === 0x0a) this.at++;
    const title = Buffer.from(`==> ${path} <==\n`);
    const begin = this.at + title.length;
    if (!this.printed.subarray(this.at, begin).equals(title)) {
      throw new Failure(`${path} changed while the host listed it; run it again`);
    }
    this.at = begin + Math.min(size, HEAD);
    return this.printed.subarray(begin, this.at);
  }
}
