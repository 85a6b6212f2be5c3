/** The backups on a host: making one, the list of them, and which of them is meant. */
import { hostLayout } from "../components/host-layout";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { duration, size } from "./amounts";
import { inColumns } from "./columns";
import { ownedBy } from "./names";

export function backupAction(settings: Settings, stack: string, verb: "now" | "list" | "files", name = ""): Action {
  const { drillRecords: tried } = hostLayout(settings.host).backups;
  return { script: "backup", told: { ...ownedBy(settings, stack), verb, tried, name } };
}

export interface Backup {
  /** The time at which it was made, in UTC: "2026-11-26T034000Z". */
  readonly name: string;
  readonly time: Date;
  readonly bytes: number;
  /** What the databases in it are for. */
  readonly roles: readonly string[];
  /** The release that was live then. */
  readonly release?: string;
  /** Why it was made, unless it is a night's. */
  readonly note?: string;
  /** When it was restored as a trial, and found whole. */
  readonly tried?: Date;
}

/**
 * @param said what `server/actions/backup.sh` printed
 * @returns the newest first
 * @throws Failure where the answer was cut off
 */
export function backupsIn(said: string): Backup[] {
  const lines = linesOf(said);
  const tried = new Map(lines.filter(([word]) => word === "tried").map(([, name, second]) => [name, Number(second)]));
  return lines
    .filter(([word]) => word === "backup")
    .map(([, name = "", bytes, roles = "", release, note]) => {
      const second = tried.get(name);
      return {
        ...{ name, time: timeOf(name), bytes: Number(bytes), roles: roles.split(",").filter(Boolean) },
        ...(release ? { release } : {}),
        ...(note ? { note } : {}),
        ...(second ? { tried: new Date(second * 1000) } : {}),
      };
    })
    .sort((one, other) => (one.name < other.name ? 1 : -1));
}

/** A backup's name is its time, such as 2026-11-26T034000Z. */
export const timeOf = (name: string): Date => new Date(name.replace(/T(..)(..)(..)Z$/, "T$1:$2:$3Z"));

/** A file of a backup; the manifest has no sum, but one of its own in its last line. */
export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sum?: string;
}

/** @throws Failure where the answer was cut off, or names what is no file of a backup */
export function filesIn(said: string): BackupFile[] {
  return linesOf(said)
    .filter(([word]) => word === "file")
    .map(([, name = "", bytes, sum]) => {
      if (!/^\w[\w.-]*$/.test(name)) throw new Failure(`the backup names a file elsewhere: ${JSON.stringify(name)}`);
      return { name, bytes: Number(bytes), ...(sum ? { sum } : {}) };
    });
}

function linesOf(said: string): string[][] {
  const lines = said.split("\n");
  if (!lines.includes("end")) throw new Failure("the host's answer was cut off; run it again");
  return lines.map((line) => line.split("\t"));
}

/**
 * @param which a backup's name, or what only one name begins with; the newest one when not given
 * @throws Failure that lists what there is, when it is none, or more than one
 */
export function chosenBackup(backups: readonly Backup[], which?: string): Backup {
  const [newest] = backups;
  if (!newest) throw new Failure("there is no backup yet; `npm run realm -- backup` makes one");
  if (which === undefined) return newest;
  const found = backups.filter(({ name }) => name.startsWith(which));
  if (found.length === 1) return found[0] as Backup;
  const names = (found.length > 0 ? found : backups).slice(0, 10).map(({ name }) => `  ${name}`);
  throw new Failure(
    `${found.length > 0 ? "more than one backup begins" : "no backup begins"} with ${which}:\n${names.join("\n")}`,
  );
}

/** For people: a line each, with the age of each. */
export function listInWords(backups: readonly Backup[], now: Date): string {
  if (backups.length === 0) return "there is no backup yet; `npm run realm -- backup` makes one";
  const rows = backups.map(({ name, time, bytes, roles, release, note, tried }) => [
    name,
    `${duration((now.getTime() - time.getTime()) / 1000)} old`,
    size(bytes),
    roles.join(" "),
    release ?? "",
    [note, tried && "tried, and whole"].filter(Boolean).join("; "),
  ]);
  const head = ["backup", "age", "size", "of", "release", "note"];
  return inColumns([head, ...rows]);
}
