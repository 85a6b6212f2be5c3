/** `npm run realm -- data …`: what can be typed. */
import type { Command } from "commander";
import type { ExtractOptions } from "./extract";
import type { OnHostOptions } from "./extract-on-host";
import type { StackOptions } from "./stack-options";
import { ends, ofStack } from "./verb";

export function dataVerbs(data: Command): void {
  data.description("the game data on the host (docs/game-data.md)");

  ofStack(data.command("send <folder>"))
    .description(
      "send game data to the host: a folder with dbc, maps and vmaps in it, and with mmaps and Cameras where you have " +
        "them. What was cut off goes on where it was",
    )
    .action(async (folder: string, options: StackOptions) => (await import("./data")).sendData(folder, options));

  ofStack(data.command("use <folder>"))
    .description("take game data from a folder that is on the host already, which keeps it")
    .action(async (folder: string, options: StackOptions) => (await import("./data")).useData(folder, options));

  const detached = (verb: Command) =>
    ofStack(verb).option("--detach", "on the host, only begin it; the same words without this show how far it is");

  detached(data.command("extract [client]"))
    .description(
      "make game data of a client 3.3.5a on this machine, and send it to the host; one that is not named is looked for " +
        "in the usual places. The client stays as it is. What was cut off goes on where it was",
    )
    .option("--mmaps", "make mmaps too, which takes hours; `data mmaps` makes them later, on the host")
    .option("--locale <locale>", "of a client with several languages, the one whose texts are taken, such as deDE")
    .option("--scratch <folder>", "make it here instead of beside the client")
    .option("--keep", "leave it here when it was sent")
    .option("--fresh", "throw away what an earlier run made, and begin anew")
    .option("--on-host", "the client is on the host, and so is the work")
    .action(async (client: string | undefined, options: ExtractOptions) =>
      (await import("./extract")).extractData(client, options),
    );

  detached(data.command("mmaps"))
    .description("make mmaps of the game data on the host, there, in the background and at low priority")
    .action(async (options: OnHostOptions) => (await import("./extract-on-host")).extractOnHost({}, options));

  ofStack(data.command("check"))
    .description(
      "read the game data on the host and compare it with what was sent. Ends with 0 when it is that, 1 when not",
    )
    .action(async (options: StackOptions) => ends(await (await import("./data")).checkData(options)));
}
