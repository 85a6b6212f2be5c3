import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { firewallBackend } from "./distribution";

/** A firewall that was just started lets a new login in; without that it is stopped again after a minute. */
export function wayInPlan(settings: Pick<WithLayout, "host" | "layout">, facts: Facts): Plan {
  return {
    step: settings.layout.host.receipts.wayIn,
    kind: "way-in",
    args: { backend: firewallBackend(settings, facts) },
  };
}
