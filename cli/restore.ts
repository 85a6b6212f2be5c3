/** `npm run realm -- restore`. */
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Action } from "../actions/action";
import { size } from "../actions/amounts";
import {
  type Backup,
  backupsIn,
  chosenBackup,
  type Dump,
  dumpIn,
  fromBackup,
  fromDumps,
  listAction,
  losses,
  pulledBackup,
  table,
  takeAction,
  wantedRoles,
} from "../actions/restore";
import type { Role } from "../components/databases/roles";
import { Failure } from "../program/failure";
import { askText, onTerminal } from "./ask";
import { ENDED } from "./ended";
import { sumOf } from "./file-sum";
import { causeIn, type OnHost, withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export interface RestoreOptions extends StackOptions {
  readonly only?: readonly Role[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What this program ends with. */
export async function restore(which: readonly string[], options: RestoreOptions): Promise<number> {
  const [folder = ""] = which;
  if (which.length === 1 && existsSync(join(folder, "manifest")))
    return withHost(options, (host) => restoreFolder(host, folder, options));
  const files = which.filter((word) => isFile(word));
  if (files.length > 0 && files.length < which.length)
    throw new Failure(`${which.find((word) => !isFile(word))} is no file; either files or one backup can be restored`);
  if (files.length === 0 && which.length > 1) throw new Failure("one backup is restored at a time");
  return withHost(options, async (host) =>
    files.length > 0 ? restoreFiles(host, files, options) : restoreBackup(host, which[0], options),
  );
}

const isFile = (word: string): boolean => /[/.]/.test(word) && existsSync(word) && statSync(word).isFile();

async function restoreBackup(host: OnHost, which: string | undefined, options: RestoreOptions): Promise<number> {
  const { backups, open } = backupsIn(await host.run(listAction(host.settings, host.stack)));
  if (which === undefined && (options.json || !onTerminal())) {
    console.log(options.json ? JSON.stringify({ backups, open }, null, 2) : table(backups, new Date()));
    return ENDED.well;
  }
  if (open) console.error(`${open} is not at its end: if it was cut off, it is undone first`);
  if (which === undefined) console.error(table(backups, new Date()));
  const chosen = which ?? (await askText("restore which?", "", (answer) => wrong(() => chosenBackup(backups, answer))));
  const backup: Backup = chosenBackup(backups, chosen);
  const wanted = wantedRoles(backup, options.only ?? []);
  await confirm(host, losses(host.settings, wanted, backup.made, new Date()), options);
  return follow(host, fromBackup(host.settings, host.stack, backup, wanted));
}

async function restoreFiles(host: OnHost, files: readonly string[], options: RestoreOptions): Promise<number> {
  if (options.only) throw new Failure("--only is for backups; which database a dump is of is told by its tables");
  const dumps: Dump[] = [];
  for (const [at, file] of files.entries()) {
    const name = `${at + 1}-${basename(file).replace(/[^A-Za-z0-9._-]/g, "-")}`;
    dumps.push(dumpIn(await send(host, file, name)));
  }
  for (const [at, { role, made }] of dumps.entries()) {
    const same = dumps.findIndex((dump) => dump.role === role);
    if (same !== at) throw new Failure(`${files[same]} and ${files[at]} are both dumps of ${role}`);
    console.error(`${files[at]}: a dump of ${role}${made ? `, made ${made} by the clock of where it was made` : ""}`);
  }
  const wanted = dumps.map(({ role }) => role);
  await confirm(host, losses(host.settings, wanted, undefined, new Date()), options);
  return follow(host, fromDumps(host.settings, host.stack, dumps));
}

/** Of a backup that was brought to this machine, with all that belongs to it. */
async function restoreFolder(host: OnHost, folder: string, options: RestoreOptions): Promise<number> {
  const { backup, files } = pulledBackup(basename(resolve(folder)), readFileSync(join(folder, "manifest"), "utf8"));
  const wanted = wantedRoles(backup, options.only ?? []);
  const missing = files.find((file) => !existsSync(join(folder, file)));
  if (missing) throw new Failure(`${folder} has no ${missing}, which its manifest names`);
  await confirm(host, losses(host.settings, wanted, backup.made, new Date()), options);
  for (const file of files) await send(host, join(folder, file), file, backup.name);
  return follow(host, fromBackup(host.settings, host.stack, backup, wanted, true));
}

/** Brings a file to the host; what that says of it. */
async function send(host: OnHost, file: string, name: string, of?: string): Promise<string> {
  const sending = { name, bytes: statSync(file).size, sum: await sumOf(file), ...(of ? { of } : {}) };
  console.error(`sending ${file} (${size(sending.bytes)})`);
  const running = await host.begin(takeAction(host.settings, host.stack, sending));
  // Where the host refuses it, that is what its end says.
  const sent = running.send(createReadStream(file)).catch(() => {});
  const said: string[] = [];
  for await (const line of running.lines) said.push(line);
  await sent;
  const { code, stderr } = await running.ended;
  if (code !== 0) throw new Failure(causeIn(stderr, code, host.settings.host.address));
  return said.join("\n");
}

/** @throws Failure where the operator does not want it, or could not be asked */
async function confirm(host: OnHost, text: string, { yes }: RestoreOptions): Promise<void> {
  console.error(text);
  if (yes) return;
  const { key } = host.settings.realm;
  if (!onTerminal()) throw new Failure("nobody can be asked here: --yes says that it is wanted; nothing was changed");
  await askText(`Type the realm's name to go on (${key})`, "", (answer) =>
    answer === key ? undefined : `it is ${key}; Ctrl-C ends this, and nothing is changed`,
  );
}

async function follow(host: OnHost, action: Action): Promise<number> {
  await host.run(action, (line) => console.log(line));
  return ENDED.well;
}

/** What an error says. */
function wrong(what: () => unknown): string | undefined {
  try {
    what();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
