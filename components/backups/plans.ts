import * as pulumi from "@pulumi/pulumi";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { databaseOf, roles } from "../databases/roles";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import {
  backupNowService,
  backupService,
  backupTimer,
  drillService,
  drillTimer,
  offsiteSecrets,
  offsiteService,
} from "./unit-texts";

type Given = Pick<WithLayout, "login" | "realm" | "backups" | "layout">;

/** The user of the backups on the host, whose home is their folder. It may use none of the realm's folders. */
export function backupUserPlan({ backups, layout }: Pick<Given, "backups" | "layout">): Plan {
  const { user } = layout.host.backups;
  return {
    step: layout.host.receipts.backupUser,
    kind: "user",
    args: {
      name: user,
      group: user,
      home: backups.folder,
      shell: "/usr/sbin/nologin",
      comment: "TrinityCore backups",
      holds: "the backups",
      otherwise: `give that account another name (usermod -l …): the backups' user is called ${user}`,
      folders: [`0700 ${user}:${user} ${backups.folder}`],
    },
  };
}

/**
 * Its account in MariaDB, which may read the databases and change none of them. A backup on demand may be of any of
 * them.
 */
export function backupAccountPlan(settings: Given, { os }: Facts): Plan {
  const { user, scratch } = settings.layout.host.backups;
  return {
    step: settings.layout.host.receipts.backupAccount,
    kind: "backup-account",
    args: {
      user,
      socket: distribution(os).mariadb.socket,
      databases: roles.map((role) => databaseOf(settings, role).name),
      scratch,
    },
  };
}

/** The nightly backup. */
export function backupPlan(settings: Given, facts: Facts): Plan {
  const { backups, layout } = settings;
  const { unit, records, user } = layout.host.backups;
  return {
    step: layout.host.receipts.backup,
    kind: "timer",
    args: {
      unit,
      key: "backups.schedule",
      schedule: backups.schedule,
      user,
      record: records,
      service: backupService(settings, facts),
      timer: backupTimer(settings),
    },
  };
}

/** A backup on demand: before a change of the databases, or when the operator says so. */
export function backupNowPlan(settings: Given, facts: Facts): Plan {
  const { nowUnit, nowRecords, user } = settings.layout.host.backups;
  return {
    step: settings.layout.host.receipts.backupNow,
    kind: "timer",
    args: { unit: nowUnit, user, record: nowRecords, service: backupNowService(settings, facts) },
  };
}

/** The trial of the newest backup. */
export function drillPlan(settings: Given, facts: Facts): Plan {
  const { backups, layout } = settings;
  const { drillUnit, drillRecords, user } = layout.host.backups;
  return {
    step: layout.host.receipts.backupDrill,
    kind: "timer",
    args: {
      unit: drillUnit,
      key: "backups.drill.schedule",
      schedule: backups.drill.schedule,
      user,
      record: drillRecords,
      service: drillService(settings, facts),
      timer: drillTimer(settings),
    },
  };
}

/** Brings each backup to another place as soon as it is made. */
export function offsitePlan(settings: Given): Plan {
  const { backups, layout } = settings;
  const { offsiteUnit, offsiteRecords, offsiteLogin, user } = layout.host.backups;
  const { password, environment } = backups.offsite;
  const lines = pulumi.all(environment).apply((clear) =>
    Object.entries(clear)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  return {
    step: layout.host.receipts.backupOffsite,
    kind: "timer",
    args: {
      unit: offsiteUnit,
      // It follows each backup.
      schedule: backups.schedule,
      user,
      record: offsiteRecords,
      service: offsiteService(settings),
      login: offsiteLogin,
      secrets: offsiteSecrets,
    },
    secrets: { password: password ?? "", environment: lines },
  };
}
