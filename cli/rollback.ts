/** `npm run realm -- rollback`, `retry`. */
import { chosen, losses, releaseLine, releasesIn, rollbackAction } from "../actions/rollback";
import { Failure } from "../program/failure";
import { askText, onTerminal } from "./ask";
import { ENDED } from "./ended";
import { type OnHost, withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export interface RollbackOptions extends StackOptions {
  readonly json?: boolean;
  /** Without a question. */
  readonly yes?: boolean;
}

const listed = async (host: OnHost) => releasesIn(await host.run(rollbackAction(host.settings, host.stack, "list")));

/** @param named how the release's name begins; all are listed when it is not given */
export async function rollback(named: string | undefined, options: RollbackOptions): Promise<number> {
  return withHost(options, async (host) => {
    const releases = await listed(host);
    if (named === undefined) {
      console.log(options.json ? JSON.stringify(releases, null, 2) : releases.map(releaseLine).join("\n"));
      return ENDED.well;
    }
    const release = chosen(releases, named);
    for (const line of [`${release.name} goes live in place of the present release`, ...losses(release)])
      console.error(line);
    if (!options.yes) await consent(host.settings.realm.key);
    await host.run(rollbackAction(host.settings, host.stack, "back", release.name), (line) => console.log(line));
    console.log("`pulumi up` and the nights stay with it until there is a newer commit, or: npm run realm -- retry");
    return ENDED.well;
  });
}

async function consent(realm: string): Promise<void> {
  if (!onTerminal()) throw new Failure("there is no terminal to ask on; --yes goes on without a question");
  const answer = await askText(`Type the realm's name to go on (${realm})`, "no");
  if (answer !== realm) throw new Failure("stopped; nothing was changed");
}

export async function retry(options: StackOptions): Promise<number> {
  return withHost(options, async (host) => {
    await host.run(rollbackAction(host.settings, host.stack, "retry"), (line) => console.log(line));
    return ENDED.well;
  });
}
