/** The engine's home of one stack: its logs and notes, and the plugins and versions that all stacks share. */
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "./machine";

/** For each stack its own, since an engine clears out the logs of others. */
export const homeOf = (work: string): string => join(work, "pulumi-home");
export const logsOf = (work: string): string => join(homeOf(work), "logs");
const there = (path: string) => statSync(path, { throwIfNoEntry: false });

export function prepareHome(work: string): void {
  const shared = paths().home;
  const home = homeOf(work);
  mkdirSync(home, { recursive: true });
  mkdirSync(join(shared, "plugins"), { recursive: true });
  for (const name of ["plugins", "versions"]) {
    rmSync(join(home, name), { force: true });
    symlinkSync(join(shared, name), join(home, name));
  }
  // A log takes a tenth of a run's time; where a file is in its folder's place the engine goes without.
  if (!there(logsOf(work))) writeFileSync(logsOf(work), "");
}

/** From now on the engine writes a log of each run, as it does for users. */
export function keepLogs(work: string): void {
  if (there(logsOf(work))?.isFile()) rmSync(logsOf(work));
}
