import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution, packageNames } from "./distribution";
import { servers } from "./layout";

/** Everything the realm needs from the distribution. Packages are never removed: others may have come to need them. */
export function packagesPlan(settings: Settings, facts: Facts): Plan {
  return {
    step: "packages",
    kind: "packages",
    args: {
      family: distribution(facts.os).family,
      packages: packageNames(settings, facts),
      // A library update may not restart what players are on.
      needrestart: [
        "# The realm's servers restart when the stack says so, not when a library was updated.",
        ...servers.map((server) => `$nrconf{override_rc}{qr(^${server}\\.service$)} = 0;`),
      ],
    },
  };
}

export class Packages extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:Packages", name, args.host, packagesPlan(args.settings, args.host.facts), opts);
  }
}
