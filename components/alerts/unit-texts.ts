import type { Facts } from "../../steps/facts";
import { distribution } from "../host/distribution";
import { type Layout, serversArg, type WithLayout } from "../layout";
import { onFailure, rootSandbox, scripts, timer, toldWords, unitText } from "../servers/unit-texts";

type Given = Pick<WithLayout, "alerts" | "backups" | "login" | "realm" | "layout">;

/** What one of these units runs. */
const oneshot = (description: string, exec: string, ...more: readonly string[]): string =>
  unitText({
    Unit: [`Description=${description}`, "StartLimitIntervalSec=0", ...more],
    Service: [
      "Type=oneshot",
      "Environment=LC_ALL=C.UTF-8",
      `ExecStart=${exec}`,
      "TimeoutStartSec=15min",
      "Nice=10",
      ...rootSandbox,
    ],
  });

/** Each unit that the step of the alerts makes, by its name. */
export const alertUnits = ({ layout }: Pick<Given, "layout">): Readonly<Record<string, string>> => {
  const { unit, ofUnit, crash } = layout.host.alerts;
  return {
    [`${unit}.service`]: oneshot("TrinityCore: send alerts", `${scripts}/units/alerts.sh`),
    [`${ofUnit}.service`]: oneshot("TrinityCore: tell of %i", `${scripts}/units/alert-unit.sh %i`),
    // It reads the servers' files as their user, and waits until a server is ready or stays down.
    [`${crash}.service`]: unitText({
      Unit: ["Description=TrinityCore: tell how %i ended", "StartLimitIntervalSec=0"],
      Service: [
        "Type=exec",
        "Environment=LC_ALL=C.UTF-8",
        `ExecStart=${scripts}/units/crash.sh tell %i`,
        "Nice=10",
        ...rootSandbox,
      ],
    }),
  };
};

/** The units of the servers, with a comma between. */
const unitsOf = (layout: Layout): string =>
  serversArg(layout)
    .map((line) => line.split(" ")[1])
    .join(",");

export function watchService({ alerts, backups, layout }: Given, { os }: Facts): string {
  const { unit: mariadb, socket } = distribution(os).mariadb;
  const told = {
    disk: alerts.disk,
    memory: alerts.memory,
    folders: `/,${layout.core.root},${backups.folder}`,
    servers: unitsOf(layout),
    mariadb,
    socket,
  };
  const { watchUnit } = layout.host.alerts;
  return oneshot(
    "TrinityCore: look after the realm",
    `${scripts}/units/watch.sh${toldWords(told)}`,
    onFailure({ layout }, "unit-failed", watchUnit),
  );
}

export const watchTimer = (): string =>
  timer("TrinityCore: look after the realm", "*:00/10", "AccuracySec=30s", "OnBootSec=3min");

export function metricsService(
  { realm, login, backups: { folder }, layout, metrics }: Given & Pick<WithLayout, "metrics">,
  { os }: Facts,
) {
  const { socket } = distribution(os).mariadb;
  const { backups, alerts } = layout.host;
  const told = {
    folder: metrics.folder,
    realm: realm.key,
    run: layout.core.run,
    servers: unitsOf(layout),
    socket,
    auth: login.database.name,
    characters: realm.databases.characters.name,
    backups: folder,
    user: backups.user,
    backup: backups.records,
    drill: backups.drillRecords,
  };
  return oneshot(
    "TrinityCore: the realm's numbers for Prometheus",
    `${scripts}/units/metrics.sh${toldWords(told)}`,
    onFailure({ layout }, "unit-failed", alerts.metricsUnit),
  );
}

export const metricsTimer = (): string =>
  timer("TrinityCore: the realm's numbers for Prometheus", "*:*:00", "AccuracySec=5s");
