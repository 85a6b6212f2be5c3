import { basename } from "node:path";
import type { Facts } from "../../steps/facts";
import { databaseOf } from "../databases/roles";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import { escaped, onFailure, sandbox, scripts, timer, unitText } from "../servers/unit-texts";

type Given = Pick<WithLayout, "login" | "realm" | "backups" | "layout">;

export const roles = ["auth", "characters", "world"] as const;

/** The databases that are backed up each night, by role. */
const backedUp = ({ backups }: Pick<Given, "backups">) => roles.filter((role) => role !== "world" || backups.world);

/** What both services have: a user of their own, low priority, and a sandbox without a network. */
function service(
  { backups, layout }: Pick<Given, "backups" | "layout">,
  { os }: Facts,
  description: string,
  failed: string,
  records: string,
  lines: readonly string[],
): string {
  const { user } = layout.host.backups;
  return unitText({
    Unit: [
      `Description=${description}`,
      onFailure({ layout }, failed, basename(records)),
      `After=${distribution(os).mariadb.unit}`,
      // Nothing starts it again by itself, and whoever starts it by hand may do so often.
      "StartLimitIntervalSec=0",
    ],
    Service: [
      "Type=oneshot",
      `User=${user}`,
      `Group=${user}`,
      "Environment=LC_ALL=C.UTF-8",
      `RuntimeDirectory=${basename(records)}`,
      `StateDirectory=${basename(records)}`,
      "StateDirectoryMode=0700",
      ...lines,
      "Nice=10",
      "IOSchedulingClass=idle",
      "OOMScoreAdjust=500",
      "PrivateNetwork=yes",
      // Without the folder the script says so itself.
      ...sandbox(`-${backups.folder}`, { home: "yes", families: "AF_UNIX" }),
    ],
  });
}

const words = (given: Readonly<Record<string, string | number>>): string =>
  Object.entries(given)
    .map(([name, value]) => ` ${name}=${escaped(`${value}`)}`)
    .join("");

interface Backup {
  readonly unit: string;
  readonly records: string;
  readonly description: string;
  /** Whether whoever starts it may say of which databases it is to be. */
  readonly asked: "yes" | "no";
}

function backup(settings: Given, facts: Facts, { unit, records, description, asked }: Backup): string {
  const { backups, layout } = settings;
  const { socket } = distribution(facts.os).mariadb;
  const { folder, keep } = backups;
  const { user, drillRecords } = layout.host.backups;
  const databases = Object.fromEntries(roles.map((role) => [`${role}.database`, databaseOf(settings, role).name]));
  const chosen = { asked, roles: backedUp(settings).join(","), custom: backups.customSql ? "yes" : "no" };
  const look = `${scripts}/units/backup-look.sh`;
  const script = `${scripts}/units/backup.sh`;
  return service(settings, facts, description, "backup-failed", records, [
    // As root, outside of the sandbox: what the dumps must have is not asked with their own rights.
    `ExecStartPre=+${look} look${words({ unit, user, socket, run: layout.core.run, ...chosen, ...databases })}`,
    `ExecStart=${script} make${words({ unit, folder, socket, ...keep, trials: drillRecords })}`,
    `ExecStopPost=+${look} forget${words({ unit })}`,
    `ExecStopPost=${script} record${words({ folder })}`,
  ]);
}

export function backupService(settings: Given, facts: Facts): string {
  const { unit, records } = settings.layout.host.backups;
  const description = "TrinityCore: back up the databases";
  return backup(settings, facts, { unit, records, description, asked: "no" });
}

export function backupNowService(settings: Given, facts: Facts): string {
  const { nowUnit: unit, nowRecords: records } = settings.layout.host.backups;
  const description = "TrinityCore: back up the databases on demand";
  return backup(settings, facts, { unit, records, description, asked: "yes" });
}

export function drillService(settings: Given, facts: Facts): string {
  const { socket } = distribution(facts.os).mariadb;
  const { folder } = settings.backups;
  const { scratch, drillRecords, unit } = settings.layout.host.backups;
  const script = `${scripts}/units/backup-drill.sh`;
  const description = "TrinityCore: restore the newest backup as a trial";
  return service(settings, facts, description, "drill-failed", drillRecords, [
    `ExecStart=${script} try${words({ folder, socket, scratch, unit })}`,
    `ExecStopPost=${script} record${words({ socket, scratch })}`,
  ]);
}

/** What the host slept through is made up for. */
export const backupTimer = ({ backups }: Pick<Given, "backups">): string =>
  timer("TrinityCore: back up the databases", backups.schedule, "Persistent=true");
export const drillTimer = ({ backups }: Pick<Given, "backups">): string =>
  timer("TrinityCore: restore the newest backup as a trial", backups.drill.schedule, "Persistent=true");
