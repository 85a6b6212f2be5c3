/** What the host answers about the game data it has, and what still has to go there. */
import { gunzipSync } from "node:zlib";
import { Failure } from "../../program/failure";
import type { Action } from "../action";
import { size } from "../amounts";
import { type DataFile, type GameData, inWords } from "./findings";
import type { DataFolder } from "./formats";

/** The host's names and places for game data. */
export interface Place {
  /** The live folder. */
  readonly data: string;
  /** Where new data is gathered, beside it. */
  readonly incoming: string;
  /** The list of what was sent, with sizes and checksums. */
  readonly manifest: string;
  readonly user: string;
  readonly group: string;
  /** The lock of who moves it: the receipt's name of the game-data step. */
  readonly lock: string;
  /** The folder of the core, where the releases are. */
  readonly core: string;
}

/** What there is on the host. */
export interface OnHost {
  /** Why nothing can be sent, a sentence each. */
  readonly against: readonly string[];
  /** Free room where new data is gathered, in bytes. */
  readonly free: number;
  readonly live: ReadonlyMap<string, DataFile>;
  readonly incoming: ReadonlyMap<string, DataFile>;
  /** Whether the live data is what the manifest has. */
  readonly listed: boolean;
  /** The live release, and the one that is to go live; fewer where there is none, or where both are the same. */
  readonly releases: readonly ReleaseFormats[];
}

/** A release by its name in `releases`, and the versions that it reads, as far as its source tells. */
export interface ReleaseFormats {
  readonly id: string;
  readonly reads: Readonly<Partial<Record<DataFolder, string>>>;
}

export type GameDataVerb = "state" | "finish" | "check" | "list" | "copy";

/** Calls `server/actions/game-data.sh`. */
export function gameDataAction(verb: GameDataVerb, place: Place, ...more: readonly string[]): Action {
  const { data, incoming, manifest, user, lock, core } = place;
  return { script: "game-data", words: [verb, data, incoming, manifest, user, lock, core, ...more], told: {} };
}

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
  return {
    against: all("against"),
    free: Number(free),
    listed: all("listed")[0] === "yes",
    releases: releasesOf(all("reads")),
    ...files,
  };
}

function releasesOf(lines: readonly string[]): ReleaseFormats[] {
  return [...new Set(lines)].flatMap((line) => {
    const [id = "", ...formats] = line.split(" ");
    return id === "" ? [] : [{ id, reads: Object.fromEntries(formats.map((format) => format.split("="))) }];
  });
}

/** @throws Failure when neither the live release nor the one that is to go live reads these formats */
export function refuseUnread(folder: string, { versions }: Pick<GameData, "versions">, { releases }: OnHost): void {
  const wrong = releases.map(({ id, reads }) => {
    const folders = (Object.keys(versions) as DataFolder[]).filter(
      (each) => reads[each] && reads[each] !== versions[each],
    );
    return { id, folders, reads };
  });
  if (wrong.length === 0 || wrong.some(({ folders }) => folders.length === 0)) return;
  const told = wrong.map(({ id, folders, reads }) => `releases/${id} reads ${inWords({ folders, versions: reads })}`);
  const folders = [...new Set(wrong.flatMap(({ folders }) => folders))];
  throw new Failure(
    `${folder} has ${inWords({ folders, versions })}, and ${told.join(", ")}; nothing was sent: ` +
      "extract the data again: `npm run realm -- data extract` takes the extractors of the newest release",
  );
}

/** What is left to do. */
export interface Remaining {
  /** How many files are to be sent, and how many bytes of them. */
  readonly files: number;
  readonly bytes: number;
  /** The host has all of it, live and in its list, and nothing else in these folders. */
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
  return { files: count, bytes, nothing: there.listed && alike === files.length && kept.length === alike };
}

/** Beyond the files themselves: folders, the list, and what a file system keeps for itself. */
const SPARE = 64 << 20;

/** @throws Failure when there is no room for what is still to be sent */
export function refuseFull(host: string, place: Place, there: OnHost, { bytes }: Pick<Remaining, "bytes">): void {
  if (there.free >= bytes + (bytes > 0 ? SPARE : 0)) return;
  throw new Failure(
    `${host} has ${size(there.free)} free for ${place.incoming}; ` +
      `the new data needs ${size(bytes + SPARE)}, because the ` +
      "live data stays until all of the new has arrived; make room there, then run it again: nothing was changed",
  );
}
