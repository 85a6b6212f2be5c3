import type { Facts } from "../../steps/facts";
import { LIBEXEC } from "../../steps/places";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";

const literally = (path: string): string => path.replace(/[.+]/g, "\\$&");

/**
 * What systemd starts is labelled as programs: it may not start what lies in /var/lib otherwise, and runs what lies in
 * /usr/local/libexec, as Fedora's policy knows that folder, with its own rights. The rules are for real paths; a label
 * cannot go through the `run` link.
 */
export function selinuxPlan(settings: Pick<WithLayout, "host" | "layout">, facts: Facts): Plan {
  const { releases } = settings.layout.core;
  return {
    step: settings.layout.host.receipts.selinux,
    kind: "selinux",
    args: {
      enabled: facts.selinux !== "disabled",
      patterns: [`${literally(LIBEXEC)}(/.*)?`, `${literally(releases)}/[^/]+/bin(/.*)?`],
      type: "bin_t",
      releases,
      scripts: LIBEXEC,
    },
  };
}
