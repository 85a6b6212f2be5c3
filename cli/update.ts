/** `npm run realm -- update`. */
import { asCommit, changesIn, inWords, isNews, refusePinned, updateAction } from "../actions/update";
import { ENDED } from "./ended";
import { withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export interface UpdateOptions extends StackOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Says what would come. @returns what this program ends with */
export const check = (commit: string | undefined, options: UpdateOptions): Promise<number> =>
  withHost(options, async (host) => {
    refusePinned(host.settings, commit);
    const said = await host.run(updateAction(host.settings, host.stack, "check", commit && asCommit(commit)));
    const changes = changesIn(said);
    console.log(options.json ? JSON.stringify(changes, null, 2) : inWords(changes));
    return isNews(changes) ? ENDED.no : ENDED.well;
  });

/** Updates, to the end. @returns what this program ends with */
export const update = (commit: string | undefined, options: UpdateOptions): Promise<number> =>
  withHost(options, async (host) => {
    refusePinned(host.settings, commit);
    const action = updateAction(host.settings, host.stack, "now", commit && asCommit(commit));
    // The one JSON value is printed when all is done.
    await host.run(action, options.json ? undefined : (line) => console.log(line));
    if (options.json) console.log(JSON.stringify({ updated: true }));
    return ENDED.well;
  });
