/** `npm run realm -- backup …`: what can be typed. */
import type { Command } from "commander";
import type { StackOptions } from "./stack-options";
import { inJson, ofStack } from "./verb";

export function backupVerbs(backup: Command): void {
  backup.description("the backups on the host (docs/backups.md)");

  ofStack(backup.command("now", { isDefault: true }))
    .description("back up the databases now, as each night, and say how it ended")
    .action(async (options: StackOptions) => (await import("./backup")).backUpNow(options));

  inJson(ofStack(backup.command("list")))
    .description("the backups: age, size, release, why they were made, and whether they were tried")
    .action(async (options: StackOptions & { json?: boolean }) => (await import("./backup")).listBackups(options));

  ofStack(backup.command("pull [which] [folder]"))
    .description(
      "bring a backup to this machine, and check it: the newest, or the one whose name begins so. What was cut off " +
        "goes on where it was",
    )
    .action(async (which: string | undefined, folder: string | undefined, options: StackOptions) =>
      (await import("./backup-pull")).pullBackup(which, folder, options),
    );
}
