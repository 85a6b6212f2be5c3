/** `npm run realm -- maintenance on|off`. */
import { type Level, maintenanceAction, maintenanceEnd } from "../actions/maintenance";
import { Failure } from "../program/failure";
import { ENDED } from "./ended";
import { withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

/** What this program ends with. */
export async function maintain(to: "on" | "off", level: Level, options: StackOptions): Promise<number> {
  return withHost(options, async (host) => {
    const action = maintenanceAction(host.settings, host.stack, to === "on" ? level : undefined);
    const { end, text } = maintenanceEnd(await host.run(action));
    if (end !== "done") throw new Failure(text);
    console.log(`maintenance is ${to}: ${text}`);
    return ENDED.well;
  });
}
