/** `npm run realm -- data …`: what can be typed. */
import type { Command } from "commander";
import type { StackOptions } from "./stack-options";
import { ends, ofStack } from "./verb";

export function dataVerbs(realm: Command): void {
  const data = realm.command("data").description("the game data on the host (docs/game-data.md)");

  ofStack(data.command("send <folder>"))
    .description(
      "send game data to the host: a folder with dbc, maps and vmaps in it, and with mmaps and Cameras where you have " +
        "them. What was cut off goes on where it was",
    )
    .action(async (folder: string, options: StackOptions) => (await import("./data")).sendData(folder, options));

  ofStack(data.command("check"))
    .description(
      "read the game data on the host and compare it with what was sent. Ends with 0 when it is that, 1 when not",
    )
    .action(async (options: StackOptions) => ends(await (await import("./data")).checkData(options)));
}
