import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";

/** What the operator sent; `npm run realm -- data` does that, as it takes hours. */
export function gameDataPlan(settings: Pick<WithLayout, "host" | "layout">): Plan {
  const { receipts, data, incoming, manifest } = settings.layout.realm;
  return {
    step: receipts.data,
    kind: "game-data",
    args: { data, incoming, manifest, user: settings.host.user.name },
  };
}
