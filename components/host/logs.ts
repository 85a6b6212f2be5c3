import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { logsService, logsTimer } from "../servers/unit-texts";

/** A timer that compresses the servers' logs and deletes old ones. */
export function logsPlan(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">): Plan {
  return {
    step: settings.layout.host.receipts.logs,
    kind: "timer",
    args: {
      unit: settings.layout.host.logsUnit,
      key: "host.logs.schedule",
      schedule: settings.host.logs.schedule,
      service: logsService(settings),
      timer: logsTimer(settings),
    },
  };
}
