/** `npm run realm -- alert`. */
import { alertAction } from "../actions/alert";
import { withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export const sendAlert = (options: StackOptions): Promise<void> =>
  withHost(options, async (host) => {
    await host.run(alertAction(host.settings, host.stack));
    console.log("the alert was sent, and taken: whether somebody reads it, only you can see");
  });
