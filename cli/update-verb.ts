import type { Command } from "commander";
import type { UpdateOptions } from "./update";
import { ends, inJson, ofWholeStack } from "./verb";

/** What can be typed after `npm run realm -- update`. */
export function updateVerb(update: Command): void {
  inJson(ofWholeStack(update))
    .description(
      "update the core to the newest commit of its branch, or to that one: build it beside the live release, then go " +
        "live. It goes on when this is ended, and the same words join it. With --check: say what would come, and end " +
        "with 0 when nothing does, 1 when something does, 2 when that could not be told",
    )
    .option("--check", "only say what would come: commits, SQL files, keys of the confs")
    .action(async (commit: string | undefined, options: UpdateOptions) => {
      const { check, update: go } = await import("./update");
      ends(await (options.check ? check(commit, options) : go(commit, options)));
    });
}
