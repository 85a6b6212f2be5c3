/** `npm run realm -- backup pull`. */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { size } from "../actions/amounts";
import { ownSum, pullArgs, sender } from "../actions/backup-pull";
import { type BackupFile, backupAction, chosenBackup, filesIn } from "../actions/backups";
import { Progress } from "../actions/game-data/progress";
import { Failure } from "../program/failure";
import { remoteShell } from "../ssh/remote-shell";
import { backupsOn } from "./backup";
import { sumOf } from "./file-sum";
import { OnHost, type Reached } from "./on-host";
import { rsync, showProgress } from "./rsync";
import type { StackOptions } from "./stack-options";

/** Where backups go when no folder is named; git passes it over. */
const FOLDER = "backups";
/** Beyond the files themselves. */
const SPARE = 16 << 20;

/** It gets its name when all of it is there and is what the host has. */
export async function pullBackup(which: string | undefined, folder: string | undefined, options: StackOptions) {
  const host = await OnHost.reach(options);
  try {
    const { name } = chosenBackup(await backupsOn(host), which);
    const files = filesIn(await host.run(backupAction(host.settings, host.stack, "files", name)));
    const top = resolve(folder ?? FOLDER);
    const [done, part] = [join(top, name), join(top, `.${name}.part`)];
    if (existsSync(done)) {
      const wrong = await firstWrong(done, files);
      if (wrong) throw new Failure(`${done} is there, but ${wrong}; move it away, then run it again`);
      console.log(`${done} is there already, and whole`);
      return;
    }
    for (const made of [top, part]) mkdirSync(made, { recursive: true, mode: 0o700 });
    refuseFull(part, files);
    await bring(await host.reached(), name, files, part);
    const wrong = await firstWrong(part, files);
    if (wrong) {
      rmSync(part, { recursive: true });
      throw new Failure(`what came of ${name} is not what the host has: ${wrong}; run it again`);
    }
    for (const file of files) chmodSync(join(part, file.name), 0o600);
    renameSync(part, done);
    console.log(`${done}: ${size(bytesOf(files))}, checked`);
  } finally {
    host.close();
  }
}

const bytesOf = (files: readonly BackupFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);
const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
const here = (folder: string, files: readonly BackupFile[]): number =>
  files.reduce((sum, { name, bytes }) => sum + Math.min(bytes, sizeOf(join(folder, name))), 0);

function refuseFull(folder: string, files: readonly BackupFile[]): void {
  const { bavail, bsize } = statfsSync(folder);
  const needed = bytesOf(files) - here(folder, files) + SPARE;
  if (bavail * bsize < needed)
    throw new Failure(`${folder} has ${size(bavail * bsize)} free, and ${size(needed)} are still to come`);
}

async function bring(
  { session, endpoint, settings }: Reached,
  name: string,
  files: readonly BackupFile[],
  into: string,
): Promise<void> {
  const { user } = settings.layout.host.backups;
  const progress = new Progress(bytesOf(files) - here(into, files));
  const shell = remoteShell(
    session,
    endpoint,
    (called) => sender(called, user),
    () => {},
    (bytes) => progress.add(bytes),
  );
  const shown = showProgress(progress);
  try {
    const { code, said } = await rsync(
      pullArgs(`${settings.backups.folder}/${name}`, files, into, shell.command),
      shell,
    );
    if (code === 0) return;
    const [why = `rsync ended with status ${code}`] = (shell.said() || said).split("\n").filter((line) => line.trim());
    throw new Failure(`not all of ${name} came here: ${why}; run it again, and it goes on where it was`);
  } finally {
    shown.end();
  }
}

/** What differs first from what the host's manifest says, in words. */
async function firstWrong(folder: string, files: readonly BackupFile[]): Promise<string | undefined> {
  for (const { name, bytes, sum } of files) {
    const path = join(folder, name);
    if (!existsSync(path)) return `${name} is missing`;
    if (statSync(path).size !== bytes) return `${name} has ${statSync(path).size} bytes, should have ${bytes}`;
    if (sum === undefined ? !isItself(readFileSync(path, "utf8")) : (await sumOf(path)) !== sum)
      return `${name} has other content`;
  }
  return undefined;
}

function isItself(manifest: string): boolean {
  const own = ownSum(manifest);
  return own !== undefined && createHash("sha256").update(own.text).digest("hex") === own.sum;
}
