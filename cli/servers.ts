/** `npm run realm -- start`, `stop`, `restart`. */
import { serversAction, type Verb } from "../actions/servers";
import type { Server } from "../components/layout";
import { withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export interface ServersOptions extends StackOptions {
  /** Without a word to the players. */
  readonly now?: boolean;
  /** How long they are told before, in seconds. */
  readonly in?: number;
}

/** @param which one server; both when none is named */
export async function change(verb: Verb, which: Server | undefined, options: ServersOptions): Promise<void> {
  await withHost(options, async (host) => {
    const seconds = options.now ? 0 : options.in;
    const action = serversAction(host.settings, host.stack, verb, which && [which], seconds);
    await host.run(action, (line) => console.log(line));
  });
}
