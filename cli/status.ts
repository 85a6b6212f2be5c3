/** `npm run realm -- status`. */
import { isWell, statusAction, statusIn } from "../actions/status";
import { inWords } from "../actions/status-text";
import { ENDED } from "./ended";
import { withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

/** What this program ends with. */
export async function tellStatus(options: StackOptions & { readonly json?: boolean }): Promise<number> {
  return withHost(options, async (host) => {
    const status = statusIn(await host.run(statusAction(host.settings, host.stack)), host.settings);
    console.log(options.json ? JSON.stringify(status, null, 2) : inWords(status));
    return isWell(status) ? ENDED.well : ENDED.no;
  });
}
