import { basename } from "node:path";
import type { Facts } from "../../steps/facts";
import { databaseOf, roles } from "../databases/roles";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import { onFailure, sandbox, scripts, timer, toldWords, unitText } from "../servers/unit-texts";

type Given = Pick<WithLayout, "login" | "realm" | "backups" | "layout">;

/** The databases that are backed up each night, by role. */
const backedUp = ({ backups }: Pick<Given, "backups">) => roles.filter((role) => role !== "world" || backups.world);

interface Service {
  readonly description: string;
  /** What the operator is told when it fails. */
  readonly failed: "backup-failed" | "drill-failed";
  readonly records: string;
  /** Lines of its section Unit. */
  readonly unit: readonly string[];
  /** Lines of its section Service. */
  readonly lines: readonly string[];
  /** How it is shut in, beside what all have. */
  readonly sandbox: readonly string[];
}

/** What all services have: a user of their own, and low priority. */
function service(
  { layout }: Pick<Given, "layout">,
  { description, failed, records, unit, lines, sandbox: shutIn }: Service,
): string {
  const { user } = layout.host.backups;
  return unitText({
    Unit: [
      `Description=${description}`,
      onFailure({ layout }, failed, basename(records)),
      // Nothing starts it again by itself, and whoever starts it by hand may do so often.
      "StartLimitIntervalSec=0",
      ...unit,
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
      ...shutIn,
    ],
  });
}

/** One that works on the databases, and sees no network. */
function local({ backups }: Pick<Given, "backups">, { os }: Facts): Pick<Service, "unit" | "sandbox"> {
  return {
    unit: [`After=${distribution(os).mariadb.unit}`],
    // Without the folder the script says so itself.
    sandbox: ["PrivateNetwork=yes", ...sandbox(`-${backups.folder}`, { home: "yes", families: "AF_UNIX" })],
  };
}

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
  const { unit: after, sandbox: shutIn } = local(settings, facts);
  const next = goesOffsite(settings) ? [`OnSuccess=${layout.host.backups.offsiteUnit}.service`] : [];
  const lines = [
    // As root, outside of the sandbox: what the dumps must have is not asked with their own rights.
    `ExecStartPre=+${look} look${toldWords({ unit, user, socket, run: layout.core.run, ...chosen, ...databases })}`,
    `ExecStart=${script} make${toldWords({ unit, folder, socket, ...keep, trials: drillRecords })}`,
    `ExecStopPost=+${look} forget${toldWords({ unit })}`,
    `ExecStopPost=${script} record${toldWords({ folder })}`,
  ];
  return service(settings, {
    ...{ description, failed: "backup-failed", records, unit: [...after, ...next], lines, sandbox: shutIn },
  });
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
  return service(settings, {
    ...local(settings, facts),
    description: "TrinityCore: restore the newest backup as a trial",
    failed: "drill-failed",
    records: drillRecords,
    lines: [
      `ExecStart=${script} try${toldWords({ folder, socket, scratch, unit })}`,
      `ExecStopPost=${script} record${toldWords({ socket, scratch })}`,
    ],
  });
}

/** Whether backups are brought elsewhere as well. */
export const goesOffsite = ({ backups }: Pick<Given, "backups">): boolean => backups.offsite.repository !== "";

/** Whoever sends may read the backups, and reaches the network. */
export function offsiteService(settings: Given): string {
  const { folder, keep, offsite } = settings.backups;
  const { offsiteRecords, offsiteLogin } = settings.layout.host.backups;
  const { repository } = offsite;
  const script = `${scripts}/units/backup-offsite.sh`;
  const writable = repository.startsWith("/") ? `-${repository}` : "";
  return service(settings, {
    description: "TrinityCore: bring the backups elsewhere",
    failed: "backup-failed",
    records: offsiteRecords,
    unit: ["Wants=network-online.target", "After=network-online.target"],
    lines: [
      `CacheDirectory=${basename(offsiteRecords)}`,
      "CacheDirectoryMode=0700",
      ...offsiteSecrets.map((name) => `LoadCredential=${name}:${offsiteLogin}/${name}`),
      `ExecStart=${script} send${toldWords({ folder, repository, ...keep })}`,
      `ExecStopPost=${script} record`,
    ],
    sandbox: sandbox(writable, { home: "yes", families: "AF_UNIX AF_INET AF_INET6", signals: "yes" }),
  });
}

/** What only root and this service may read, a file each. */
export const offsiteSecrets = ["password", "environment"] as const;

/** What the host slept through is made up for. */
export const backupTimer = ({ backups }: Pick<Given, "backups">): string =>
  timer("TrinityCore: back up the databases", backups.schedule, "Persistent=true");
export const drillTimer = ({ backups }: Pick<Given, "backups">): string =>
  timer("TrinityCore: restore the newest backup as a trial", backups.drill.schedule, "Persistent=true");
