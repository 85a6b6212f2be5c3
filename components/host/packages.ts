import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { distribution, packageNames } from "./distribution";

/** Packages that the realm needs from the distribution. None is ever removed: other software may need it by then. */
export function packagesPlan(settings: Pick<WithLayout, "core" | "host" | "backups" | "layout">, facts: Facts): Plan {
  const { login, realm } = settings.layout;
  return {
    step: settings.layout.host.receipts.packages,
    kind: "packages",
    args: {
      family: distribution(facts.os).family,
      packages: packageNames(settings, facts),
      // needrestart must not restart the servers after a library update.
      needrestart: [
        "# The realm's servers restart when the stack says so, not when a library was updated.",
        ...[login, realm].map(({ server }) => `$nrconf{override_rc}{qr(^${server.unit.replace(".", "\\.")}$)} = 0;`),
      ],
    },
  };
}
