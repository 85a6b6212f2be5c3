/** What the host says of the game data it has, and what is still to be sent there. */
import { gunzipSync } from "node:zlib";
import { Failure } from "../../program/failure";
import { quote } from "../../ssh/shell";
import type { DataFile, GameData } from "./findings";

/** The host's names and places that this is about. */
export interface Place {
  /** The live folder. */
  readonly data: string;
  /** Where new data is gathered, beside it. */
  readonly incoming: string;
  /** The list of what was sent, with sizes and sums. */
  readonly manifest: string;
  readonly user: string;
  readonly group: string;
  /** What who works at it holds: the name of the data's step, as the runner has it. */
  readonly lock: string;
}

/** What there is on the host. */
export interface OnHost {
  /** Why nothing can be sent, a sentence each. */
  readonly against: readonly string[];
  /** Free room where new data is gathered, in bytes. */
  readonly free: number;
  readonly live: ReadonlyMap<string, DataFile>;
  readonly incoming: ReadonlyMap<string, DataFile>;
  /** Whether what is live is what the manifest has. */
  readonly noted: boolean;
}

/** Words for `server/actions/game-data.sh`, as bash reads them. */
export function words(action: "state" | "finish" | "check", place: Place, ...more: readonly string[]): string {
  const { data, incoming, manifest, user, lock } = place;
  return [action, data, incoming, manifest, user, lock, ...more].map(quote).join(" ");
}

/** What each answer ends with. */
export const LAST = "\ngame data end\n";

/** @throws Failure when the answer has not all of it */
export function readState(answer: string): OnHost {
  const lines = answer.split("\n");
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [free, listing] = [all("free")[0], all("listing")[0]];
  if (free === undefined || listing === undefined) throw new Failure("the host's answer was cut off; run it again");
  const files = { live: new Map<string, DataFile>(), incoming: new Map<string, DataFile>() };
  for (const line of gunzipSync(Buffer.from(listing, "base64")).toString().split("\n")) {
    const [where, size, mtime, path] = line.split("\t");
    if (path === undefined) continue;
    files[where as keyof typeof files].set(path, { path, size: Number(size), mtime: Math.floor(Number(mtime)) });
  }
  return { against: all("against"), free: Number(free), noted: all("noted")[0] === "yes", ...files };
}

/** What is left to do. */
export interface Remaining {
  /** How many files are to be sent, and how many bytes of them. */
  readonly files: number;
  readonly bytes: number;
  /** The host has all of it, live and noted, and nothing else in these folders. */
  readonly nothing: boolean;
}

const same = (one: DataFile, other: DataFile | undefined): boolean =>
  other !== undefined && one.size === other.size && one.mtime === other.mtime;

export function remaining({ files, folders }: Pick<GameData, "files" | "folders">, there: OnHost): Remaining {
  let [count, bytes, alike] = [0, 0, 0];
  for (const file of files) {
    if (same(file, there.live.get(file.path))) {
      alike++;
      continue;
    }
    const begun = there.incoming.get(file.path);
    if (same(file, begun)) continue;
    count++;
    // What arrived of a file that was cut off is not sent again.
    bytes += Math.max(0, file.size - (begun && begun.size < file.size ? begun.size : 0));
  }
  const kept = [...there.live.keys()].filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));
  return { files: count, bytes, nothing: there.noted && alike === files.length && kept.length === alike };
}

/** Beyond the files themselves: folders, the list, and what a file system keeps for itself. */
const SPARE = 64 << 20;

/** @throws Failure when there is no room for what is still to be sent */
export function refuseFull(host: string, place: Place, there: OnHost, { bytes }: Remaining): void {
  if (there.free >= bytes + (bytes > 0 ? SPARE : 0)) return;
  throw new Failure(
    `${host} has ${size(there.free)} free for ${place.incoming}; what is to be sent needs ${size(bytes + SPARE)}, as the data ` +
      "that is live stays until the new is whole; make room there, then run it again: nothing was changed",
  );
}

/** For people. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
