/** An alert to see whether it arrives. */
import type { Settings } from "../settings";
import type { Action } from "./action";
import { ownedBy } from "./names";

export const alertAction = (settings: Pick<Settings, "host">, stack: string): Action => ({
  script: "alert",
  told: ownedBy(settings, stack),
});
