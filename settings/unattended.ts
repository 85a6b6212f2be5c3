/** The keys of what the host does by itself: backups, alerts, numbers, updates. */
import * as rules from "./rules";
import { flag, integer, map, oneOf, type ServerSettings, secret, text } from "./values";

export const unattended = {
  backups: {
    schedule: text(rules.schedule, "When the databases are backed up (systemd calendar syntax, the host's time zone)", {
      default: "*-*-* 03:40:00",
    }),
    folder: text(rules.backupFolder, "Folder of the backups on the host", { default: "/var/backups/trinity" }),
    world: flag("Back up the world database too; the login's and the characters' always are"),
    customSql: flag("Back up the custom SQL of the live release too"),
    keep: {
      days: integer([1, 3650], 7, "Every backup of that many days with backups is kept", { unit: "days" }),
      weeks: integer([0, 520], 4, "Of that many weeks the last backup is kept", { unit: "weeks" }),
      months: integer([0, 120], 6, "Of that many months the last backup is kept", { unit: "months" }),
    },
    drill: {
      schedule: text(rules.schedule, "When the newest backup is tried by restoring it into scratch databases", {
        default: "Sun *-*-* 05:00:00",
      }),
    },
    offsite: {
      repository: text(
        rules.resticRepository,
        "Repository of restic that each backup is brought to as well, such as rest:https://… or s3:…; empty for none",
      ),
      password: secret(rules.resticPassword, "What that repository is encrypted with; without it nobody can read it"),
      environment: map<ServerSettings>(
        rules.resticVariable,
        "Variables for restic, `NAME: value`, such as AWS_ACCESS_KEY_ID; single ones may be secret",
        { secretEntries: true },
      ),
    },
  },
  alerts: {
    webhook: secret(rules.webhook, "URL that gets each alert as JSON, by POST"),
    command: secret(
      rules.printable,
      "Command that is run for each alert, in place of the webhook; it gets the JSON on standard input",
    ),
    disk: integer([0, 10_000_000], 2048, "Less free disk than this is told of", { unit: "MB" }),
    memory: integer([0, 10_000_000], 256, "Less free memory than this, swap included, is told of", { unit: "MB" }),
  },
  metrics: {
    folder: text(
      rules.metricsFolder,
      "Folder of node_exporter's textfile collector on the host, for the realm's numbers each minute; empty for none",
    ),
  },
  update: {
    schedule: oneOf(
      ["nightly", "manual"],
      "manual",
      "nightly (what is new on the branch is built and goes live each night), or manual (when you say so)",
    ),
    build: text(rules.schedule, "When a night builds (systemd calendar syntax, the host's time zone)", {
      default: "*-*-* 01:00:00",
    }),
    live: text(rules.schedule, "When a night lets go live what it has built", { default: "*-*-* 03:00:00" }),
    jobs: integer([0, 256], 0, "How many compilers run at once at night; 0 for as `core.build.jobs` has it"),
    probe: integer([0, 3600], 60, "How long a new release is watched before the old one is given up", {
      unit: "seconds",
    }),
  },
};
