import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { fullKey } from "../settings/paths";
import { password } from "../settings/rules";
import { quote } from "../ssh/shell";

export type Firewall = "firewalld" | "ufw" | "none";

/** What the plans need to know of a host; read once in every run, by `server/run/facts.sh`. */
export interface Facts {
  readonly os: {
    readonly id: string;
    readonly versionId: string;
    readonly like: readonly string[];
    readonly name: string;
  };
  readonly arch: string;
  readonly cores: number;
  readonly memoryMB: number;
  readonly swapMB: number;
  readonly diskFreeMB: number;
  readonly selinux: "enforcing" | "permissive" | "disabled";
  /** Which of the packet filters that the stack knows is active. */
  readonly firewall: Firewall;
  /** The one that the last run opened its ports in; "none" when it left the host's alone, or never was here. */
  readonly firewallUsed: Firewall;
  readonly timezone: string;
  /** How many seconds the host's clock is ahead of this machine's. */
  readonly clockAhead: number;
  /** Existing databases and their character sets; undefined when MariaDB did not answer. */
  readonly databases: ReadonlyMap<string, string> | undefined;
  /** Databases that MariaDB has folders of, whether or not it answers. */
  readonly storedDatabases: ReadonlySet<string>;
  /** What the last run called the databases, by role; empty on a host that has none of them. */
  readonly databaseNames: ReadonlyMap<string, string>;
  /** The number of the realm that has the wiki page's names here; undefined when none has. */
  readonly pageRealm: number | undefined;
  /** The realms that have names of their own here, by their keys in the config of the last run. */
  readonly realmKeys: ReadonlySet<string>;
  /** Database passwords that an earlier run made and the host keeps, by role; secret. */
  readonly passwords: ReadonlyMap<string, pulumi.Output<string>>;
  /** The master secret of two-factor that is in force there; secret. */
  readonly masterSecret: pulumi.Output<string> | undefined;
  /** The `databases.rotation` that these are of. */
  readonly passwordRotation: number;
  /** Which stack ("project/stack") converged this host before; "" when none did. */
  readonly owner: string;
  /** Whether the stack's scripts are there: the mark of the owner may be lost. */
  readonly installed: boolean;
  /** Whether systemd runs the host. */
  readonly systemd: boolean;
  /** Whether sudo keeps what goes through it. */
  readonly recorded: boolean;
  /** How many new connections in how many seconds a firewall takes from this address, where it counts them. */
  readonly newConnections: { readonly count: number; readonly seconds: number } | undefined;
  /** The schedules of the config that this host's systemd takes for none, by config key. */
  readonly noSchedules: ReadonlyMap<string, string>;
  /** Those that never come. */
  readonly badSchedules: ReadonlyMap<string, string>;
  /** Commands that did not end in their time; what they would have told is not known. */
  readonly late: readonly string[];
}

/**
 * What a root bash is given on stdin to tell the facts.
 * @param asked the receipts and folders to look at, as `server/run/facts.sh` has them
 * @param schedules those that it is to try, by config key
 */
export function factsQuestions(
  asked: readonly string[],
  schedules: readonly (readonly [string, string])[] = [],
): string {
  const [places, questions] = ["places", "facts"].map((name) =>
    readFileSync(join(__dirname, `../server/run/${name}.sh`), "utf8"),
  );
  return `set -- ${[...asked, ...schedules.flat()].map(quote).join(" ")}\n${places}${questions}`;
}

/** Whether the answer has its last line. */
export const wholeFacts = (answer: string): boolean => lastLine.test(answer);
const lastLine = /^facts end$/m;

/** @throws Error naming what is wrong with the host, when no realm can be built there. */
export function readFacts(answer: string, host = "the host"): Facts {
  const end = answer.search(lastLine);
  if (end < 0) throw new Failure(`the answer of ${host} was cut off; run it again`);
  const lines = answer.slice(0, end).split("\n").map(cut);
  const get = (key: string) => lines.find(([name]) => name === key)?.[1] ?? "";
  const all = (key: string) => lines.filter(([name]) => name === key).map(([, value]) => value);
  const pairs = (key: string) => new Map(all(key).map((value) => cut(value)));
  if (get("systemd") !== "yes") throw new Failure(`systemd does not run ${host}; the units of the realm need it`);
  const databases = all("database").map((value) => value.split(":") as [string, string]);
  return {
    os: {
      id: get("os.id"),
      versionId: get("os.versionId"),
      like: get("os.like").split(" ").filter(Boolean),
      name: get("os.name"),
    },
    arch: get("arch"),
    cores: Number(get("cores")),
    memoryMB: Number(get("memoryMB")),
    swapMB: Number(get("swapMB")),
    diskFreeMB: Number(get("diskFreeMB")),
    selinux: get("selinux") as Facts["selinux"],
    firewall: get("firewall") as Firewall,
    firewallUsed: (get("firewallUsed") || "none") as Firewall,
    timezone: get("timezone"),
    clockAhead: Number(get("clock")) - Math.round(Date.now() / 1000),
    databases: get("databases") === "seen" ? new Map(databases) : undefined,
    storedDatabases: new Set(all("stored")),
    databaseNames: pairs("named"),
    pageRealm: Number(get("pageRealm")) || undefined,
    realmKeys: new Set(all("realmKey")),
    passwords: new Map(
      [...pairs("password")]
        .map(([role, text]) => [role, keptPassword(Buffer.from(text, "base64").toString())] as const)
        .filter(([, text]) => text !== "")
        .map(([role, text]) => [role, pulumi.secret(text)]),
    ),
    masterSecret: /^[0-9A-F]{32}$/.test(get("master")) ? pulumi.secret(get("master")) : undefined,
    passwordRotation: Number(get("rotation")),
    owner: get("owner"),
    installed: get("installed") === "yes",
    systemd: true,
    recorded: get("recorded") === "yes",
    newConnections: limitIn(get("newConnections")),
    noSchedules: pairs("noSchedule"),
    badSchedules: pairs("badSchedule"),
    late: all("late"),
  };
}

/**
 * What a file that keeps a password says: without what an editor leaves at its end, and nothing where no server could
 * read it.
 */
function keptPassword(content: string): string {
  const text = content.trim();
  return password(text) === undefined ? text : "";
}

/** A line's first word, and what comes after it. */
function cut(line: string): readonly [string, string] {
  const space = line.indexOf(" ");
  return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1).trim()];
}

/** @throws Failure when the host could not tell all, or does not know a schedule. */
export function refuseUnfit(host: string, { late, noSchedules, badSchedules }: Facts): void {
  if (late.length > 0) {
    throw new Failure(
      `\`${late[0]}\` does not end on ${host} (it had 10 s), so this run does not know what there is; ` +
        "run it there to see what it waits for; nothing was touched",
    );
  }
  const schedules = [
    ...[...noSchedules].map(
      ([key, text]) =>
        `${fullKey(key)}: the systemd of ${host} takes "${text}" for no schedule, such as *-*-* 03:00:00`,
    ),
    ...[...badSchedules].map(
      ([key, text]) => `${fullKey(key)}: the systemd of ${host} knows no time to come for "${text}"`,
    ),
  ];
  if (schedules.length > 0) {
    throw new Failure(`${schedules.join("\n")}; try it there with \`systemd-analyze calendar\`; nothing was touched`);
  }
}

/**
 * What there is to say when a host began to answer and did not come to the end; of what it said, which may be secret,
 * only the last key.
 */
export function hanging(host: string, seconds: number, said: string): string {
  const key = /^\S+/.exec(said.trimEnd().split("\n").pop() ?? "")?.[0];
  return (
    `${host} does not say what it is: it stopped ${key ? `after "${key}"` : "at once"} and had ${seconds} s; ` +
    "a disk or a file system of the network hangs, as a rule: `ps -eo stat,pid,args | grep ^D` there " +
    "shows what waits for it; nothing was touched"
  );
}

/** The schedules that this config needs, by config key. */
export function schedules({
  host: { logs },
  backups,
  update,
  restarts,
  window,
}: Settings): readonly (readonly [string, string])[] {
  return [
    ["host.logs.schedule", logs.schedule],
    ["backups.schedule", backups.schedule],
    ["backups.drill.schedule", backups.drill.schedule],
    ...(update.schedule === "nightly"
      ? [["update.build", update.build] as const, ["update.live", update.live] as const]
      : []),
    ...(restarts === "window" ? [["window.schedule", window.schedule] as const] : []),
  ];
}

function limitIn(text: string): Facts["newConnections"] {
  const [, count, seconds] = /^(\d+) (\d+)$/.exec(text) ?? [];
  return count && seconds ? { count: Number(count), seconds: Number(seconds) } : undefined;
}

/**
 * What a wrong clock leads to, in words; undefined as long as it hardly matters. Which of the two is wrong cannot be
 * seen from here.
 */
export function clockWarning(ahead: number, host: string): string | undefined {
  const off = Math.abs(ahead);
  if (!(off > 300)) return undefined;
  const units = [
    [86_400, "days"],
    [3_600, "hours"],
    [60, "minutes"],
  ] as const;
  const [size, unit] = units.find(([size]) => off >= 2 * size) as (typeof units)[number];
  return (
    `the clock of ${host} is ${Math.round(off / size)} ${unit} ${ahead > 0 ? "ahead of" : "behind"} this machine's: ` +
    "where it is wrong, downloads are refused (certificates, package lists), a build may not end, " +
    "and timers run at the wrong time; there: timedatectl set-ntp true"
  );
}
