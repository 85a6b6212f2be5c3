import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import { LIBEXEC } from "../../steps/places";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { realmRoot } from "./layout";

const literally = (path: string): string => path.replace(/[.+]/g, "\\$&");

/**
 * What systemd starts is labelled as programs: it may not start what lies in /var/lib otherwise, and runs what lies in /usr/local/libexec,
 * as Fedora's policy knows that folder, with its own rights. The rules are for real paths; a label cannot go through the `run` link.
 */
export function selinuxPlan(settings: Settings, facts: Facts): Plan {
  const root = realmRoot(settings);
  return {
    step: "selinux",
    kind: "selinux",
    args: {
      enabled: facts.selinux !== "disabled",
      patterns: [`${literally(LIBEXEC)}(/.*)?`, `${literally(root)}/releases/[^/]+/bin(/.*)?`],
      type: "bin_t",
      releases: `${root}/releases`,
      scripts: LIBEXEC,
    },
  };
}

export class SELinux extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:SELinux", name, args.host, selinuxPlan(args.settings, args.host.facts), opts);
  }
}
