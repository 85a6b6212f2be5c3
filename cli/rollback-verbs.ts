import type { Command } from "commander";
import type { RollbackOptions } from "./rollback";
import type { StackOptions } from "./stack-options";
import { ends, inJson, ofStack } from "./verb";

/** What has to do with the release that is live. */
export function releaseVerbs(realm: Command): void {
  inJson(ofStack(realm.command("rollback [release]")))
    .description(
      "go back to an older release, with the databases as they were then where it does not know theirs; the beginning " +
        "of its name is enough. Without one: list the releases that there are",
    )
    .option("-y, --yes", "ask nothing")
    .action(async (release: string | undefined, options: RollbackOptions) =>
      ends(await (await import("./rollback")).rollback(release, options)),
    );

  ofStack(realm.command("retry"))
    .description("let the newest release go live again that failed, or that was taken back; `pulumi up` does it then")
    .action(async (options: StackOptions) => ends(await (await import("./rollback")).retry(options)));
}
