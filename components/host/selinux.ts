import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";
import { realmRoot } from "./layout";

/**
 * The servers' programs are labelled as programs: systemd may not start what lies in /var/lib otherwise.
 * The rule is for the real path; a label cannot go through the `run` link.
 */
export function selinuxPlan(settings: Settings, facts: Facts): Plan {
  const root = realmRoot(settings);
  return {
    step: "selinux",
    kind: "selinux",
    args: {
      enabled: facts.selinux !== "disabled",
      pattern: `${root.replace(/[.+]/g, "\\$&")}/releases/[^/]+/bin(/.*)?`,
      type: "bin_t",
      releases: `${root}/releases`,
    },
  };
}

export class SELinux extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:SELinux", name, args.host, selinuxPlan(args.settings, args.host.facts), opts);
  }
}
