/** Putting databases back: from a backup on the host, or from dumps that the operator has. */
import { basename } from "node:path";
import { databaseOf, type Role, roles } from "../components/databases/roles";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { size } from "./amounts";
import { timeOf } from "./backups";
import { inColumns } from "./columns";
import { localTime } from "./local-time";
import { eitherName, ownedBy } from "./names";

export interface Backup {
  /** Its folder's name. */
  readonly name: string;
  readonly made: Date;
  readonly release: string;
  readonly note: string;
  /** In bytes, packed. */
  readonly sizes: Readonly<Partial<Record<Role, number>>>;
}

/** A dump of the operator's, when it is on the host. */
export interface Dump {
  readonly file: string;
  readonly role: Role;
  /** When it was made, as it says itself; not every dump does. */
  readonly made: string;
}

type Words = Readonly<Record<string, string | number>>;

const action = (settings: Settings, stack: string, words: Words): Action => ({
  script: "restore",
  told: {
    ...ownedBy(settings, stack),
    ...eitherName(settings, ({ receipts }) => ({ schema: receipts.schema, row: receipts.row })),
    ...words,
  },
});

export const listAction = (settings: Settings, stack: string): Action => action(settings, stack, { verb: "list" });

/** A file on its way to the host: what comes on standard input. */
export interface Sent {
  readonly name: string;
  readonly bytes: number;
  readonly sum: string;
  /** The backup that it is of. */
  readonly of?: string;
}
export const takeAction = (settings: Settings, stack: string, { name, bytes, sum, of = "" }: Sent): Action =>
  action(settings, stack, { verb: "take", name, bytes, sum, of });

export const fromBackup = (
  settings: Settings,
  stack: string,
  { name }: Backup,
  wanted: readonly Role[],
  sent = false,
): Action =>
  action(settings, stack, {
    verb: "begin",
    sent: sent ? "yes" : "",
    what: `the restore of ${wanted.join(", ")} from the backup ${name}`,
    from: name,
    only: wanted.join(","),
  });

export const fromDumps = (settings: Settings, stack: string, dumps: readonly Dump[]): Action =>
  action(settings, stack, {
    verb: "begin",
    what: `the restore of ${dumps.map(({ role }) => role).join(", ")} from ${dumps.length === 1 ? "a dump" : "dumps"}`,
    parts: dumps.map(({ role, file }) => `${role} ${file}`).join("\n"),
  });

export interface Backups {
  readonly backups: readonly Backup[];
  /** A restore that is at work, or was cut off. */
  readonly open?: string;
}

/** A backup that was brought to this machine, by its manifest. @throws an error where that is none */
export function pulledBackup(name: string, manifest: string): { readonly backup: Backup; readonly files: string[] } {
  const lines = manifest.split("\n").map((line) => line.split("\t"));
  const of = (key: string) => lines.find(([word]) => word === key)?.[1] ?? "";
  const made = timeOf(name);
  if (lines[0]?.[0] !== "format" || Number.isNaN(made.getTime()))
    throw new Error(`${name} is no backup: a backup's folder has the name that it had on the host, and a manifest`);
  const files = lines.filter(([word]) => word === "file");
  const sizes: Partial<Record<Role, number>> = {};
  for (const [word, database, role = ""] of lines)
    if (word === "database" && isRole(role))
      sizes[role] = Number(files.find(([, file]) => file === `${database}.sql.zst`)?.[2]);
  const backup = { name, made, release: of("release"), note: of("note"), sizes };
  return { backup, files: ["manifest", ...files.map(([, file = ""]) => basename(file))] };
}

const isRole = (word: string): word is Role => (roles as readonly string[]).includes(word);

/**
 * What `list` printed.
 * @throws an error where it is not whole
 */
export function backupsIn(said: string): Backups {
  const lines = said.split("\n").map((line) => line.split("\t"));
  if (lines.pop()?.[0] !== "end") throw new Error("the list of backups did not arrive whole; run it again");
  const backups: Backup[] = [];
  let open: string | undefined;
  for (const [word, first = "", release = "", note = "", parts = ""] of lines) {
    if (word === "open") open = first;
    if (word !== "backup") continue;
    const sizes: Partial<Record<Role, number>> = {};
    for (const part of parts.split(",")) {
      const [role = "", bytes] = part.split(":");
      if (isRole(role)) sizes[role] = Number(bytes);
    }
    backups.push({ name: first, made: timeOf(first), release, note, sizes });
  }
  return open === undefined ? { backups } : { backups, open };
}

/** @throws an error where it says no such thing */
export function dumpIn(said: string): Dump {
  for (const line of said.split("\n")) {
    const [word, file = "", role = "", made = ""] = line.split("\t");
    if (word === "dump" && isRole(role)) return { file, role, made };
  }
  throw new Error("what the host has of the dump was not said; run it again");
}

/**
 * The backup that is meant: its number in the list, its name, or the newest one.
 * @throws an error with what there is
 */
export function chosenBackup(backups: readonly Backup[], which: string): Backup {
  const found =
    which === "newest" ? backups[0] : (backups.find(({ name }) => name === which) ?? backups[Number(which) - 1]);
  if (found && (which === "newest" || found.name === which || /^\d{1,4}$/.test(which))) return found;
  throw new Error(
    backups.length === 0
      ? "there is no backup on the host yet: npm run realm -- backup"
      : `there is no backup ${JSON.stringify(which)}; npm run realm -- restore lists them`,
  );
}

/**
 * Which databases of a backup are put back: all that are in it, or the ones that are named.
 * @throws an error where one is not in it
 */
export function wantedRoles({ name, sizes }: Backup, only: readonly Role[]): Role[] {
  const missing = only.find((role) => sizes[role] === undefined);
  if (missing) throw new Error(`the backup ${name} has no ${missing} in it`);
  return roles.filter((role) => sizes[role] !== undefined && (only.length === 0 || only.includes(role)));
}

/** How long ago, in the two largest units. */
export function ago(from: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - from.getTime()) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

/** The list as a table. */
export function table(backups: readonly Backup[], now: Date): string {
  const rows = backups.map(({ made, release, note, sizes }, at) => [
    `${at + 1}`,
    localTime(made),
    ago(made, now),
    release.slice(0, 12) || "-",
    ...roles.map((role) => (sizes[role] === undefined ? "-" : size(sizes[role]))),
    at === 0 && !note ? "newest" : note,
  ]);
  return inColumns([["#", "when", "age", "release", ...roles, "note"], ...rows], "   ");
}

/** What the operator is told before it is done. */
export function losses(settings: Settings, wanted: readonly Role[], made: Date | undefined, now: Date): string {
  const names = wanted.map((role) => databaseOf(settings, role).name).join(" and ");
  const since = made ? `since ${localTime(made)} (${ago(made, now)})` : "since the dump was made";
  return (
    `This replaces ${names} as they are now (the present state is backed up first, as "before restore").\n` +
    `Players lose what they did ${since}.`
  );
}
