import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { alertUnits, metricsService, metricsTimer, watchService, watchTimer } from "./unit-texts";

type Given = Pick<WithLayout, "alerts" | "backups" | "login" | "realm" | "layout">;

/** Where alerts go, and the units that make and send them. */
export function alertsPlan(settings: Pick<Given, "alerts" | "realm" | "layout">): Plan {
  const { webhook, command } = settings.alerts;
  const units = alertUnits(settings);
  return {
    step: settings.layout.host.receipts.alerts,
    kind: "alerts",
    args: { realm: settings.realm.name, units: Object.keys(units), ...units },
    secrets: { ...(webhook && { webhook }), ...(command && { command }) },
  };
}

/** What looks after the realm every ten minutes. */
export function watchPlan(settings: Given, facts: Facts): Plan {
  return {
    step: settings.layout.host.receipts.watch,
    kind: "timer",
    args: {
      unit: settings.layout.host.alerts.watchUnit,
      key: "alerts",
      schedule: "*:00/10",
      service: watchService(settings, facts),
      timer: watchTimer(),
    },
  };
}

/** The realm's numbers for node_exporter, each minute. */
export function metricsPlan(settings: Given & Pick<WithLayout, "metrics">, facts: Facts): Plan {
  return {
    step: settings.layout.host.receipts.metrics,
    kind: "timer",
    args: {
      unit: settings.layout.host.alerts.metricsUnit,
      key: "metrics.folder",
      schedule: "*:*:00",
      service: metricsService(settings, facts),
      leaves: `${settings.metrics.folder}/trinity-${settings.realm.key}.prom`,
      timer: metricsTimer(),
    },
  };
}
