/** What the stack has on a host once: what it is called there, and where it is. */
import type { HostSettings } from "../settings";
import { backupUser } from "../settings/rules";

/** Whatever realms there are. */
export interface HostLayout {
  /** The folder that holds the roots of the core and of every realm. */
  readonly projects: string;
  readonly receipts: typeof hostReceipts;
  /** The timer that looks after the logs. */
  readonly logsUnit: string;
  /** The timer that opens the window for restarts. */
  readonly restartsUnit: string;
  readonly backups: BackupsLayout;
  readonly alerts: AlertsLayout;
  /** The timers of the nightly updates. */
  readonly nights: { readonly buildUnit: string; readonly liveUnit: string };
}

/** What tells the operator of what goes wrong: units, without their ending. */
export interface AlertsLayout {
  /** It sends the alerts that wait. */
  readonly unit: string;
  /** What OnFailure= of a unit starts; EVENT:UNIT comes behind it. */
  readonly ofUnit: string;
  /** What tells of a server that ended by itself; the server's name comes behind it. */
  readonly crash: string;
  readonly watchUnit: string;
  readonly metricsUnit: string;
}

/** The backups of the host's databases; their folder is a setting. */
export interface BackupsLayout {
  /** The user on the host, and in MariaDB. */
  readonly user: string;
  readonly unit: string;
  /** The same on demand; `server/run/places.sh` has this name too. */
  readonly nowUnit: string;
  readonly drillUnit: string;
  /** Brings them elsewhere. */
  readonly offsiteUnit: string;
  /** Where it is noted how the last run of each ended. */
  readonly records: string;
  readonly nowRecords: string;
  readonly drillRecords: string;
  readonly offsiteRecords: string;
  /** What is needed to get there, for root alone. */
  readonly offsiteLogin: string;
  /** What the names of the databases begin with into which a backup is restored as a trial. */
  readonly scratch: string;
}

/** Receipts of what a host has once. */
export const hostReceipts = {
  ...{ scripts: "scripts", surroundings: "surroundings", adoption: "adoption", user: "user", packages: "packages" },
  ...{ firewall: "firewall", wayIn: "way-in", selinux: "selinux", logs: "logs", restarts: "restarts" },
  mariadb: "mariadb",
  ...{ alerts: "alerts", watch: "watch", metrics: "metrics" },
  ...{ backupUser: "backup-user", backupAccount: "backup-account", backup: "backup", backupNow: "backup-now" },
  ...{ backupDrill: "backup-drill", backupOffsite: "backup-offsite" },
  ...{ nightBuild: "night-build", nightLive: "night-live" },
} as const;

const BACKUP = "trinity-backup";
export const SECRETS = "/etc/trinity-stack";

export const projects = ({ user }: HostSettings): string => `${user.home}/Projects`;

export const hostLayout = (host: HostSettings): HostLayout => ({
  projects: projects(host),
  receipts: hostReceipts,
  logsUnit: "trinity-logs",
  restartsUnit: "trinity-restarts",
  backups: {
    user: backupUser,
    unit: BACKUP,
    nowUnit: `${BACKUP}-now`,
    drillUnit: `${BACKUP}-drill`,
    offsiteUnit: `${BACKUP}-offsite`,
    records: `/var/lib/${BACKUP}`,
    nowRecords: `/var/lib/${BACKUP}-now`,
    drillRecords: `/var/lib/${BACKUP}-drill`,
    offsiteRecords: `/var/lib/${BACKUP}-offsite`,
    offsiteLogin: `${SECRETS}/offsite`,
    scratch: "trinity_drill",
  },
  alerts: {
    unit: "trinity-alerts",
    ofUnit: "trinity-alert@",
    crash: "trinity-crash@",
    watchUnit: "trinity-watch",
    metricsUnit: "trinity-metrics",
  },
  nights: { buildUnit: "trinity-night-build", liveUnit: "trinity-night-live" },
});
