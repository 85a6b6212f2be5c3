import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { formerArgs } from "./surroundings";

/** A realm that somebody else set up is taken over: what of it has to be known, and what would get in the way meanwhile. */
export function adoptionPlan(settings: Settings, facts: Facts): Plan {
  return { step: "adoption", kind: "adoption", args: formerArgs(settings, facts), effect: "restarts nothing" };
}

export class Adoption extends Step {
  constructor(name: string, { host, settings }: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:Adoption", name, host, adoptionPlan(settings, host.facts), opts);
  }
}
