/** How a realm is. */
import { coreLayout, hostReceipts, loginLayout } from "../components/layout";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { duration, size, sizeOfMB } from "./amounts";
import { localTime } from "./local-time";
import { levelText } from "./maintenance";
import { eitherName, ownedBy } from "./names";
import { type Answer, answerIn, question } from "./soap";

const SECONDS = 10;

export const statusAction = (settings: Settings, stack: string): Action => ({
  script: "status",
  told: {
    ...ownedBy(settings, stack),
    run: coreLayout(settings.host).run,
    authserver: loginLayout(settings.host).server.unit,
    database: hostReceipts.mariadb,
    characters: settings.realm.databases.characters.name,
    seconds: SECONDS,
    // It does nothing, and only a worldserver whose world goes on answers it.
    question: question("server info").trim(),
    ...eitherName(settings, ({ announcer, server, root, receipts }) => ({
      ...{ login: announcer.login, unit: server.unit, root },
      live: receipts.schema.replace(/^schema/, "live"),
      row: receipts.row,
    })),
  },
});

interface Running {
  readonly unit: string;
  /** In systemd's words, such as active or failed. */
  readonly state: string;
  /** How long it has been running, in seconds; undefined when it does not. */
  readonly seconds?: number;
  readonly memoryMB?: number;
}
interface Room {
  readonly freeMB: number;
  readonly ofMB: number;
}

/** How something ran that is started by a timer; times as of ISO 8601. */
interface Ran {
  /** Undefined before its first run. */
  readonly well?: boolean;
  readonly at?: string;
  /** When it last went well. */
  readonly lastWell?: string;
  readonly next?: string;
  readonly why?: string;
}
/** The newest backup. */
interface Backup {
  readonly at: string;
  /** How many backups there are. */
  readonly kept: number;
  readonly dumps: Readonly<Record<string, { readonly bytes: number }>>;
}

export interface Status {
  /** By the host's clock. */
  readonly time: string;
  readonly realm: string;
  readonly realmlist: string;
  readonly release?: string;
  readonly servers: readonly Running[];
  /** How many are in the world; undefined when the database does not say. */
  readonly players?: number;
  /** Whether the worldserver does what it is told, and how long that took. */
  readonly answers: { readonly end: Answer["end"] | "not asked"; readonly text: string; readonly ms?: number };
  /** While it is on: the level below which nobody may enter. */
  readonly maintenance?: number;
  readonly disk?: Room;
  readonly memory?: Room;
  /** The timers that keep a record of how they ended, by their step: "backup", "backup-drill". */
  readonly timers: Readonly<Record<string, Ran>>;
  readonly backup?: Backup;
  /** How the last update of the core ended, by night or by hand. */
  readonly update?: { readonly at: string; readonly by: string; readonly did: string; readonly said: string };
  /** What the operator was told of and still holds. */
  readonly holds: readonly { readonly since: string; readonly what: string; readonly sentence: string }[];
  /** Why alerts cannot be sent. */
  readonly unsent?: string;
  /** Long work that is going on: a build, a new release that goes live, a restart. */
  readonly working: readonly string[];
}

/** @param said what `server/actions/status.sh` printed */
export function statusIn(said: string, { realm }: Pick<Settings, "realm">): Status {
  const lines = said.split("\n").filter(Boolean);
  const all = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).split(" "));
  const one = (word: string): readonly string[] | undefined => all(word)[0];
  const number = (word: string): number | undefined => {
    const [text] = one(word) ?? [];
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const clock = number("clock") ?? 0;
  const players = number("players");
  const maintenance = number("maintenance");
  const [release] = one("release") ?? [];
  return {
    time: new Date(clock * 1000).toISOString(),
    realm: realm.name,
    realmlist: `set realmlist ${realm.address}`,
    ...(release ? { release } : {}),
    servers: all("server").map((words) => running(words, clock)),
    ...(players === undefined ? {} : { players }),
    ...(maintenance === undefined ? {} : { maintenance }),
    answers: answers(lines, number("asked")),
    ...room("disk", one("disk")),
    ...room("memory", one("memory")),
    timers: Object.fromEntries(all("timer").map(([step = "", ...words]) => [step, ran(words)])),
    ...backup(one("backup"), all("dump")),
    ...update(all("update")),
    holds: all("holds").map(([since = "0", what = "", ...words]) => ({
      since: iso(since) ?? "",
      what,
      sentence: words.join(" "),
    })),
    ...(one("unsent") ? { unsent: one("unsent")?.join(" ") } : {}),
    working: all("job").map(([job = ""]) => job),
  };
}

/** Seconds since 1970 as the host says them; 0 stands for a time that is not known. */
const iso = (seconds = "0"): string | undefined =>
  /^[1-9]\d*$/.test(seconds) ? new Date(Number(seconds) * 1000).toISOString() : undefined;

function ran([ended = "-", at, well, next, ...why]: readonly string[]): Ran {
  const times = { at: iso(at), lastWell: iso(well), next: iso(next) };
  const known = Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined));
  const failed = ended !== "success" && ended !== "-";
  return { ...known, ...(ended === "-" ? {} : { well: !failed }), ...(failed ? { why: why.join(" ") || ended } : {}) };
}

function backup(words: readonly string[] | undefined, dumps: readonly (readonly string[])[]): Pick<Status, "backup"> {
  const at = iso(words?.[0]);
  if (!at) return {};
  const sizes = dumps.map(([bytes = "0", ...name]) => [name.join(" "), { bytes: Number(bytes) }]);
  return { backup: { at, kept: Number(words?.[1] ?? 0), dumps: Object.fromEntries(sizes) } };
}

function update(lines: readonly (readonly string[])[]): Pick<Status, "update"> {
  const said = Object.fromEntries(lines.map(([key = "", ...words]) => [key, words.join(" ")]));
  const at = iso(said.at);
  return at ? { update: { at, by: said.by ?? "", did: said.did ?? "", said: said.said ?? "" } } : {};
}

const MB = (bytes: string | undefined): number => Math.round(Number(bytes ?? 0) / 2 ** 20);

function running([unit = "", state = "", , since = "0", memory = "0"]: readonly string[], clock: number): Running {
  if (state !== "active") return { unit, state };
  return { unit, state, seconds: Math.max(0, clock - Number(since)), memoryMB: MB(memory) };
}

const room = (name: "disk" | "memory", words: readonly string[] | undefined): Partial<Record<typeof name, Room>> =>
  words ? { [name]: { freeMB: MB(words[0]), ofMB: MB(words[1]) } } : {};

function answers(lines: readonly string[], ms: number | undefined): Status["answers"] {
  const answer = lines.find((line) => line.startsWith("answer "));
  if (answer) return { ...answerIn(answer, SECONDS), ...(ms === undefined ? {} : { ms }) };
  const missing = lines.some((line) => line.startsWith("no-login "));
  const text = missing ? "the stack has no account yet to ask it with: `pulumi up` makes it" : "it does not run";
  return { end: "not asked", text };
}

/** Both servers run, the worldserver does what it is told, and what timers start went well the last time. */
export const isWell = ({ servers, answers: { end }, timers }: Status): boolean =>
  servers.length > 0 &&
  servers.every(({ state }) => state === "active") &&
  end === "done" &&
  Object.values(timers).every(({ well }) => well !== false);

const roomText = ({ freeMB, ofMB }: Room): string => `${sizeOfMB(freeMB)} of ${sizeOfMB(ofMB)} free`;

/** "2026-11-26 03:40:12, 5 h 2 min ago" */
function when(time: string, now: string): string {
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000;
  return `${localTime(new Date(time))}${seconds > 0 ? `, ${duration(seconds)} ago` : ""}`;
}

const failedText = ({ well, at, why }: Ran, now: string): string | undefined =>
  well === false ? `the last one failed${at ? ` (${when(at, now)})` : ""}: ${why}` : undefined;

function backupText({ backup, timers, time }: Status): string | undefined {
  if (!timers.backup) return undefined;
  const dumps = Object.entries(backup?.dumps ?? {}).map(([name, { bytes }]) => `${name} ${size(bytes)}`);
  const newest = backup ? [`${when(backup.at, time)}: ${dumps.join(", ")}; ${backup.kept} kept`] : ["none yet"];
  const failed = failedText(timers.backup, time);
  return [...newest, ...(failed ? [failed] : [])].join("; ");
}

function drillText({ timers, time }: Status): string | undefined {
  const drill = timers["backup-drill"];
  if (!drill) return undefined;
  const { lastWell, next } = drill;
  return (
    failedText(drill, time) ??
    (lastWell
      ? `the newest backup was restored and is equal (${when(lastWell, time)})`
      : `none yet${next ? `; the first: ${localTime(new Date(next))}` : ""}`)
  );
}

/** For people, a line each. */
export function inWords(status: Status): string {
  const { realm, realmlist, release, servers, players, answers, maintenance, disk, memory, working } = status;
  const server = ({ unit, state, seconds, memoryMB }: Running): [string, string] => [
    unit.replace(/\.service$/, ""),
    [state, seconds === undefined ? "" : `for ${duration(seconds)}`, memoryMB ? `${sizeOfMB(memoryMB)} of memory` : ""]
      .filter(Boolean)
      .join(", "),
  ];
  const health = isWell(status) && status.holds.length === 0 ? "healthy" : "not well";
  const lines: [string, string | undefined][] = [
    ["realm", `${realm}: ${health} (${realmlist})`],
    ["release", release ?? "none is live yet"],
    ...servers.map(server),
    ["answers", answers.end === "done" ? `yes, in ${answers.ms ?? 0} ms` : `no: ${answers.text}`],
    ["players", players === undefined ? "not known: MariaDB does not answer" : `${players} in the world`],
    ["maintenance", maintenance === undefined ? undefined : `on: ${levelText(maintenance)}`],
    ["last update", status.update && `${status.update.said} (${when(status.update.at, status.time)})`],
    ["backup", backupText(status)],
    ["drill", drillText(status)],
    ["disk", disk && roomText(disk)],
    ["memory", memory && roomText(memory)],
    ...status.holds.map(({ since, sentence }): [string, string] => [
      "alert",
      `${sentence} (since ${when(since, status.time)})`,
    ]),
    ["alerts", status.unsent && `cannot be sent: ${status.unsent}`],
    ["at work", working.length > 0 ? working.map((job) => `trinity-${job}`).join(", ") : undefined],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join("\n");
}
