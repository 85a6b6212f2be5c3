import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { formerArgs } from "./surroundings";

/**
 * A realm that somebody else set up is taken over: what of it has to be known, and what would get in the way meanwhile.
 */
export function adoptionPlan(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">, facts: Facts): Plan {
  return {
    step: settings.layout.host.receipts.adoption,
    kind: "adoption",
    args: formerArgs(settings, facts),
    effect: "restarts nothing",
  };
}
