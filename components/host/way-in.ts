import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { firewallBackend } from "./distribution";

/** Confirms that a firewall that was just started lets new logins in; without this it is stopped after a minute. */
export function wayInPlan(settings: Pick<WithLayout, "host" | "layout">, facts: Facts): Plan {
  return {
    step: settings.layout.host.receipts.wayIn,
    kind: "way-in",
    args: { backend: firewallBackend(settings, facts) },
  };
}
