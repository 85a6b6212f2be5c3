/** What the servers and the stack's own jobs said. */
import { type CoreLayout, loginLayout } from "../components/layout";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { eitherName, ownedBy } from "./names";

/** Whose: a server's, or that of the job that builds a release or lets one go live. */
export const sources = ["authserver", "worldserver", "build", "live"] as const;
export type Source = (typeof sources)[number];
type Unit = keyof Pick<CoreLayout["receipts"], "build"> | "live";

export const logsAction = (
  settings: Settings,
  stack: string,
  { of, lines, follow }: { readonly of: readonly Source[]; readonly lines: number; readonly follow: boolean },
): Action => ({
  script: "logs",
  told: {
    ...ownedBy(settings, stack),
    ...eitherName(settings, ({ server, receipts }) => ({
      units: of.map((source) => unitOf(source, settings, server.unit, receipts.schema)).join("\n"),
    })),
    lines,
    ...(follow ? { follow: "yes" } : {}),
  },
});

function unitOf(source: Source, { host }: Settings, worldserver: string, schema: string): string {
  const units: Readonly<Record<Unit | "authserver" | "worldserver", string>> = {
    authserver: loginLayout(host).server.unit,
    worldserver,
    build: "trinity-build.service",
    live: `trinity-live${schema.replace(/^schema/, "")}.service`,
  };
  return units[source];
}

export interface Entry {
  readonly time: Date;
  readonly unit: string;
  readonly text: string;
  /** As the core's colours or its own word has it, or the journal's priority. */
  readonly level: "error" | "warning" | "other";
}

/** @returns undefined when the line is none of the journal's */
export function entryIn(line: string): Entry | undefined {
  const { __REALTIME_TIMESTAMP: micros, MESSAGE: message, _SYSTEMD_UNIT, UNIT, PRIORITY } = record(line);
  // What is no plain text for the journal comes as bytes.
  const raw = Array.isArray(message) ? Buffer.from(message as number[]).toString() : message;
  if (typeof raw !== "string" || !/^\d+$/.test(String(micros))) return undefined;
  // systemd's own words about a unit are in its own name.
  const unit = String(UNIT ?? _SYSTEMD_UNIT ?? "").replace(/\.service$/, "");
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
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  const line = `${day} ${clock} ${unit}: ${text}`;
  return coloured && colour[level] ? `${colour[level]}${line}\u001b[0m` : line;
}
