/** What the host answers about the game data it has, and what still has to go there. */
import { gunzipSync, gzipSync } from "node:zlib";
import { Failure } from "../../program/failure";
import type { Action } from "../action";
import { size } from "../amounts";
import { type DataFile, folderOf, type GameData, inWords, type Versions } from "./findings";
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
  /** Paths of live files that the manifest has with their size and time. */
  readonly known: ReadonlySet<string>;
  /** The versions of the live data's formats. */
  readonly versions: Versions;
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

export type GameDataVerb = "state" | "unpack" | "finish" | "arrived" | "check" | "list" | "copy";

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
  const known = new Set<string>();
  const files = { live: new Map<string, DataFile>(), incoming: new Map<string, DataFile>() };
  for (const line of gunzipSync(Buffer.from(listing, "base64")).toString().split("\n")) {
    const [where, size, mtime, path] = line.split("\t");
    if (path === undefined) continue;
    files[where === "incoming" ? where : "live"].set(path, { path, size: Number(size), mtime: Number(mtime) });
    if (where === "listed") known.add(path);
  }
  return {
    against: all("against"),
    free: Number(free),
    listed: all("listed")[0] === "yes",
    releases: releasesOf(all("reads")),
    versions: versionsIn(all("formats")[0] ?? ""),
    known,
    ...files,
  };
}

/** Reads "dbc, maps 10, vmaps 4.8". */
const versionsIn = (words: string): Versions =>
  Object.fromEntries(words.split(", ").flatMap((each) => (/ ./.test(each) ? [each.split(" ")] : [])));

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
  /** What is to be sent. */
  readonly files: readonly DataFile[];
  /** How many bytes of them. */
  readonly bytes: number;
  /** Those of which the host has nothing. */
  readonly whole: readonly DataFile[];
  /** Those of which the host has something: what arrived before it was cut off, or another state. */
  readonly begun: readonly DataFile[];
  /** What the host's list does not have yet: it needs the sums of these. */
  readonly unlisted: readonly DataFile[];
  /** Live files in the same folders that are not wanted any more. */
  readonly gone: readonly string[];
  /** The host has all of it, live and in its list, and nothing else in these folders. */
  readonly nothing: boolean;
}

const same = (one: DataFile, other: DataFile | undefined): boolean =>
  other !== undefined && one.size === other.size && one.mtime === other.mtime;

/** The live file is this one, by size and time, and was listed as such. */
export const isListed = (file: DataFile, { live, known }: Pick<OnHost, "live" | "known">): boolean =>
  known.has(file.path) && same(file, live.get(file.path));

export function remaining({ files, folders }: Pick<GameData, "files" | "folders">, there: OnHost): Remaining {
  const send = files.filter((file) => !same(file, there.live.get(file.path)));
  const unlisted = files.filter((file) => !isListed(file, there));
  const paths = new Set(files.map(({ path }) => path));
  const gone = [...there.live.values()].filter((file) => !paths.has(file.path) && folders.includes(folderOf(file)));
  const left = send.map((file) => {
    const begun = there.incoming.get(file.path);
    if (same(file, begun)) return 0;
    // What arrived of a file that was cut off is not sent again.
    return file.size - (begun && begun.size < file.size ? begun.size : 0);
  });
  const isBegun = ({ path }: DataFile) => there.incoming.has(path) || there.live.has(path);
  return {
    files: send,
    whole: send.filter((file) => !isBegun(file)),
    begun: send.filter(isBegun),
    bytes: left.reduce((sum, bytes) => sum + bytes, 0),
    unlisted,
    gone: gone.map(({ path }) => path),
    nothing: there.listed && send.length + unlisted.length + gone.length === 0,
  };
}

/**
 * What the host is told when all has arrived.
 * @param sums of the unlisted files, by their paths
 */
export function listOf(
  { unlisted, gone }: Pick<Remaining, "unlisted" | "gone">,
  sums: ReadonlyMap<string, string>,
): string {
  const sumOf = (path: string): string => {
    const sum = sums.get(path);
    if (sum === undefined) throw new Error(`no sum was made of ${path}`);
    return sum;
  };
  const lines = [
    ...unlisted.map(({ path, size, mtime }) => [size, mtime, sumOf(path), path]),
    ...gone.map((path) => ["gone", "", "", path]),
  ];
  return gzipSync(lines.map((line) => `${line.join("\t")}\n`).join(""), { level: 1 }).toString("base64");
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
