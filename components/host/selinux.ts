import type { Facts } from "../../steps/facts";
import { LIBEXEC } from "../../steps/places";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";

const literally = (path: string): string => path.replace(/[.+]/g, "\\$&");

/**
 * Labels everything that systemd starts as programs. Without the label systemd may not start files in /var/lib, and
 * would run those in /usr/local/libexec with its own rights, as Fedora's policy says for that folder. The rules need
 * real paths: they do not follow the link `run`.
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
