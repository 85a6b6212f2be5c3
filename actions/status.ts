/** How a realm is. */
import { coreLayout, hostReceipts, loginLayout } from "../components/layout";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { duration, sizeOfMB } from "./amounts";
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

export interface Status {
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
    realm: realm.name,
    realmlist: `set realmlist ${realm.address}`,
    ...(release ? { release } : {}),
    servers: all("server").map((words) => running(words, clock)),
    ...(players === undefined ? {} : { players }),
    ...(maintenance === undefined ? {} : { maintenance }),
    answers: answers(lines, number("asked")),
    ...room("disk", one("disk")),
    ...room("memory", one("memory")),
    working: all("job").map(([job = ""]) => job),
  };
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

/** Both servers run, and the worldserver does what it is told. */
export const isWell = ({ servers, answers: { end } }: Status): boolean =>
  servers.length > 0 && servers.every(({ state }) => state === "active") && end === "done";

const roomText = ({ freeMB, ofMB }: Room): string => `${sizeOfMB(freeMB)} of ${sizeOfMB(ofMB)} free`;

/** For people, a line each. */
export function inWords(status: Status): string {
  const { realm, realmlist, release, servers, players, answers, maintenance, disk, memory, working } = status;
  const server = ({ unit, state, seconds, memoryMB }: Running): [string, string] => [
    unit.replace(/\.service$/, ""),
    [state, seconds === undefined ? "" : `for ${duration(seconds)}`, memoryMB ? `${sizeOfMB(memoryMB)} of memory` : ""]
      .filter(Boolean)
      .join(", "),
  ];
  const lines: [string, string | undefined][] = [
    ["realm", `${realm} (${realmlist})`],
    ["release", release ?? "none is live yet"],
    ...servers.map(server),
    ["answers", answers.end === "done" ? `yes, in ${answers.ms ?? 0} ms` : `no: ${answers.text}`],
    ["players", players === undefined ? "not known: MariaDB does not answer" : `${players} in the world`],
    ["maintenance", maintenance === undefined ? undefined : `on: ${levelText(maintenance)}`],
    ["disk", disk && roomText(disk)],
    ["memory", memory && roomText(memory)],
    ["at work", working.length > 0 ? working.map((job) => `trinity-${job}`).join(", ") : undefined],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join("\n");
}
