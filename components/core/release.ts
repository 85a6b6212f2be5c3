import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { dataArg, recordsArg, serversArg, type WithLayout } from "../layout";
import { restartArgs, withAnnouncement } from "../servers/restarts";

/** Makes the candidate live, and keeps some older releases for a way back. */
export function releasePlan(
  settings: Pick<WithLayout, "host" | "core" | "realm" | "restarts" | "announce" | "window" | "layout">,
  facts: Facts,
): Plan {
  return {
    step: settings.layout.core.receipts.release,
    kind: "release",
    args: {
      root: settings.layout.core.root,
      ...recordsArg(settings.layout.realm),
      servers: serversArg(settings.layout),
      user: settings.host.user.name,
      ...dataArg(settings.layout.realm),
      keep: settings.core.releases.keep,
      ...restartArgs(settings, facts),
    },
    effect: withAnnouncement("restarts both servers, unless they run from it already", settings),
  };
}
