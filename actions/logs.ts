/** What the servers and the stack's own jobs said. */
import { hostLayout } from "../components/host-layout";
import { loginLayout } from "../components/layout";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { localTime } from "./local-time";
import { eitherName, ownedBy } from "./names";

/**
 * Whose: a server's, by its name or a short one; that of the job that builds a release or lets one go live; of updates,
 * by night or by hand; of backups and their trial; what the operator was told unasked; who did what.
 */
export const sources = [
  ...(["authserver", "worldserver", "auth", "world", "build", "live"] as const),
  ...(["update", "backup", "alerts", "audit"] as const),
] as const;
export type Source = (typeof sources)[number];

export const logsAction = (
  settings: Settings,
  stack: string,
  { of, lines, follow }: { readonly of: readonly Source[]; readonly lines: number; readonly follow: boolean },
): Action => ({
  script: "logs",
  told: {
    ...ownedBy(settings, stack),
    ...eitherName(settings, ({ server, receipts }) => ({
      units: of.flatMap((source) => unitsOf(source, settings, server.unit, receipts.schema)).join("\n"),
    })),
    ...(of.includes("audit") ? { audit: "yes" } : {}),
    ...(of.includes("alerts") ? { alerts: "yes" } : {}),
    lines,
    ...(follow ? { follow: "yes" } : {}),
  },
});

/** By the patterns of `journalctl --unit`. */
function unitsOf(source: Source, { host }: Settings, worldserver: string, schema: string): readonly string[] {
  const authserver = loginLayout(host).server.unit;
  const { backups, nights } = hostLayout(host);
  const { unit, nowUnit, drillUnit } = backups;
  const units: Readonly<Record<Source, readonly string[]>> = {
    authserver: [authserver],
    auth: [authserver],
    worldserver: [worldserver],
    world: [worldserver],
    build: ["trinity-build.service"],
    live: [`trinity-live${schema.replace(/^schema/, "")}.service`],
    update: [nights.buildUnit, nights.liveUnit, "trinity-update"].map((name) => `${name}.service`),
    backup: [unit, nowUnit, drillUnit].map((name) => `${name}.service`),
    alerts: [],
    audit: [],
  };
  return units[source];
}

/** What alerts are found by in the journal. */
const ALERT_TAG = "trinity-alert";

export interface Entry {
  readonly time: Date;
  readonly unit: string;
  readonly text: string;
  /** As the core's colours or its own word has it, or the journal's priority. */
  readonly level: "error" | "warning" | "other";
}

/** A line of the record of who did what: `TIME WHO STACK ACTION OUTCOME WORDS`, with tabs between. */
function auditEntry(line: string): Entry | undefined {
  const [time = "", who = "", stack = "", action = "", outcome = "", words = ""] = line.split("\t");
  if (!/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/.test(time) || outcome === "") return undefined;
  const text = `${who} (${stack}): ${action}: ${outcome}${words ? ` (${words})` : ""}`.replaceAll(/\p{Cc}/gu, "?");
  return { time: new Date(time), unit: "audit", text, level: outcome === "failed" ? "error" : "other" };
}

/** @returns undefined when the line is neither the journal's nor of the record of who did what */
export function entryIn(line: string): Entry | undefined {
  if (/^\d/.test(line)) return auditEntry(line);
  const {
    __REALTIME_TIMESTAMP: micros,
    MESSAGE: message,
    _SYSTEMD_UNIT,
    UNIT,
    PRIORITY,
    SYSLOG_IDENTIFIER,
  } = record(line);
  // What is no plain text for the journal comes as bytes.
  const raw = Array.isArray(message) ? Buffer.from(message as number[]).toString() : message;
  if (typeof raw !== "string" || !/^\d+$/.test(String(micros))) return undefined;
  // systemd's own words about a unit are in its own name.
  const unit = String(UNIT ?? (SYSLOG_IDENTIFIER === ALERT_TAG ? "alert" : _SYSTEMD_UNIT) ?? "").replace(
    /\.service$/,
    "",
  );
  const colours = [...raw.matchAll(ANSI)].map(([, codes = ""]) => codes.split(";").map(Number));
  const text = raw.replaceAll(ANSI, "").replaceAll(/(?!\t)\p{Cc}/gu, "?");
  return {
    time: new Date(Number(micros) / 1000),
    unit,
    text,
    level: levelOf(text, colours.flat(), Number(PRIORITY ?? 6)),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours are made of
const ANSI = /\u001b\[([\d;]*)m/g;

/** The core says of which level a line is where `Appender.Console` in its .conf has it say so, or colour the line. */
function levelOf(text: string, colours: readonly number[], priority: number): Entry["level"] {
  const [, word] = /^(?:\d{4}-\d\d-\d\d_\S+ )?(ERROR|FATAL|WARN) /.exec(text) ?? [];
  if (priority <= 3 || word === "ERROR" || word === "FATAL" || colours.some((code) => code % 60 === 31)) return "error";
  return priority === 4 || word === "WARN" || colours.some((code) => code % 60 === 33) ? "warning" : "other";
}

function record(line: string): Readonly<Record<string, unknown>> {
  try {
    const read = JSON.parse(line) as unknown;
    return read instanceof Object ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const colour: Readonly<Record<Entry["level"], string>> = { error: "\u001b[31m", warning: "\u001b[33m", other: "" };

/** For people: when, in this machine's time zone, who, and what. */
export function inWords({ time, unit, text, level }: Entry, coloured: boolean): string {
  const line = `${localTime(time)} ${unit}: ${text}`;
  return coloured && colour[level] ? `${colour[level]}${line}\u001b[0m` : line;
}
