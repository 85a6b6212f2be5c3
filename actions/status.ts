/** How a realm is. */
import { hostReceipts } from "../components/host-layout";
import { coreLayout, loginLayout, recordsArg } from "../components/layout";
import type { Settings } from "../settings";
import type { Action } from "./action";
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
    ...eitherName(settings, (realm) => ({
      ...recordsArg(realm),
      ...{ login: realm.announcer.login, unit: realm.server.unit, root: realm.root },
      live: realm.receipts.schema.replace(/^schema/, "live"),
      row: realm.receipts.row,
    })),
  },
});

export interface Running {
  readonly unit: string;
  /** In systemd's words, such as active or failed. */
  readonly state: string;
  /** How long it has been running, in seconds; undefined when it does not. */
  readonly seconds?: number;
  readonly memoryMB?: number;
}
export interface Room {
  readonly freeMB: number;
  readonly ofMB: number;
}

/** How something ran that is started by a timer; times as of ISO 8601. */
export interface Ran {
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
  /** When that went live, and for how many seconds servers that ran were away for it. */
  readonly wentLive?: { readonly at: string; readonly seconds?: number };
  readonly servers: readonly Running[];
  /** How many are in the world; undefined when the database does not say. */
  readonly players?: number;
  /** How many there were at most since the worldserver started, as it says. */
  readonly peak?: number;
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
  const heard = answers(lines, number("asked"));
  const [, peak] = /^Online players: \d+ \(max: (\d+)\)/m.exec(heard.text) ?? [];
  return {
    time: new Date(clock * 1000).toISOString(),
    realm: realm.name,
    realmlist: `set realmlist ${realm.address}`,
    ...(release ? { release } : {}),
    ...wentLive(one("went")),
    servers: all("server").map((words) => running(words, clock)),
    ...(players === undefined ? {} : { players }),
    ...(maintenance === undefined ? {} : { maintenance }),
    ...(peak === undefined ? {} : { peak: Number(peak) }),
    answers: heard,
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

function wentLive(words: readonly string[] | undefined): Pick<Status, "wentLive"> {
  const [at, seconds] = words ?? [];
  const time = iso(at);
  return time ? { wentLive: { at: time, ...(seconds ? { seconds: Number(seconds) } : {}) } } : {};
}

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
