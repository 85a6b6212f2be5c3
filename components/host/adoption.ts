import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { formerRealmArgs } from "./surroundings";

/**
 * Takes over a realm that somebody else set up: records what it has, and stops what would get in the way.
 */
export function adoptionPlan(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">, facts: Facts): Plan {
  return {
    step: settings.layout.host.receipts.adoption,
    kind: "adoption",
    args: formerRealmArgs(settings, facts),
    effect: "restarts nothing",
  };
}
