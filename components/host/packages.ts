import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { distribution, packageNames } from "./distribution";

/** Everything the realm needs from the distribution. Packages are never removed: others may have come to need them. */
export function packagesPlan(settings: Pick<WithLayout, "core" | "host" | "layout">, facts: Facts): Plan {
  const { login, realm } = settings.layout;
  return {
    step: settings.layout.host.receipts.packages,
    kind: "packages",
    args: {
      family: distribution(facts.os).family,
      packages: packageNames(settings, facts),
      // A library update may not restart what players are on.
      needrestart: [
        "# The realm's servers restart when the stack says so, not when a library was updated.",
        ...[login, realm].map(({ server }) => `$nrconf{override_rc}{qr(^${server.unit.replace(".", "\\.")}$)} = 0;`),
      ],
    },
  };
}
