/** `npm run realm -- restore`: what can be typed. */
import { type Command, Option } from "commander";
import type { RestoreOptions } from "./restore";
import { ends, inJson, ofStack } from "./verb";

/** The same words as in components/databases/roles.ts, which would take a while to load. */
const roles = ["auth", "characters", "world"];

export function restoreVerbs(restore: Command): void {
  inJson(
    ofStack(restore.argument("[which...]", "a backup: its number, its name, `newest`, or its folder here; or dumps")),
  )
    .description(
      "put databases back: from a backup on the host, or from dumps that you have (.sql, .sql.gz, .sql.zst), one for " +
        "each database. Without a word it lists the backups, and asks on a terminal. What is there now is backed up " +
        "first; a restore that fails or is cut off changes nothing. Ends with 0 when it is done",
    )
    .addOption(
      new Option("--only <database>", "of a backup, this alone; may be given again")
        .choices(roles)
        .argParser((value: string, before: string[] = []) => [...before, value]),
    )
    .option("-y, --yes", "ask nothing")
    .action(async (which: string[], options: RestoreOptions) =>
      ends(await (await import("./restore")).restore(which, options)),
    );
}
