import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { firewallBackend } from "./distribution";

/** A firewall that was just started lets a new login in; without that it is stopped again after a minute. */
export function wayInPlan(settings: Settings, facts: Facts): Plan {
  return { step: "way-in", kind: "way-in", args: { backend: firewallBackend(settings, facts) } };
}

/** Comes after the firewall: each command is a login of its own, and this one is the proof. */
export class WayIn extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:WayIn", name, args.host, wayInPlan(args.settings, args.host.facts), opts);
  }
}
