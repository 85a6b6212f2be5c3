import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";

/** The game data that the operator sent: with `npm run realm -- data`, because that can take hours. */
export function gameDataPlan(settings: Pick<WithLayout, "host" | "layout">): Plan {
  const { receipts, data, incoming, manifest } = settings.layout.realm;
  return {
    step: receipts.data,
    kind: "game-data",
    args: { data, incoming, manifest, user: settings.host.user.name },
  };
}
