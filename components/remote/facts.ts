import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../failure";

export type Firewall = "firewalld" | "ufw" | "none";

/** What the plans need to know of a server; read once in every run, by `server/facts.sh`. */
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
  /** The one that the last run opened its ports in; "none" when it left the server's alone, or never was here. */
  readonly firewallUsed: Firewall;
  readonly timezone: string;
  /** How many seconds the server's clock is ahead of this machine's. */
  readonly clockAhead: number;
  /** Existing databases and their character sets; undefined when MariaDB did not answer. */
  readonly databases: ReadonlyMap<string, string> | undefined;
  /** What the last run called the databases, by role; empty on a server that has none of ours. */
  readonly databaseNames: ReadonlyMap<string, string>;
  /** Database passwords that an earlier run made and the server keeps, by role; secret. */
  readonly passwords: ReadonlyMap<string, pulumi.Output<string>>;
  /** Which stack ("project/stack") converged this server before; "" when none did. */
  readonly owner: string;
  /** Whether the stack's scripts are there: the mark of the owner may be lost. */
  readonly installed: boolean;
  /** Whether systemd runs the server. */
  readonly systemd: boolean;
  /** A schedule of the config that this server's systemd refuses or that never comes, else "". */
  readonly badSchedule: string;
}

/** Whether the answer has its last line. */
export const wholeFacts = (answer: string): boolean => lastLine.test(answer);
const lastLine = /^facts end$/m;

/** @throws Error naming what is wrong with the server, when no realm can be built there. */
export function readFacts(answer: string): Facts {
  const end = answer.search(lastLine);
  if (end < 0) throw new Failure("the server's answer was cut off; run it again");
  const lines = answer
    .slice(0, end)
    .split("\n")
    .map((line) => {
      const space = line.indexOf(" ");
      return space < 0 ? ([line, ""] as const) : ([line.slice(0, space), line.slice(space + 1).trim()] as const);
    });
  const get = (key: string) => lines.find(([name]) => name === key)?.[1] ?? "";
  if (get("systemd") !== "yes") throw new Failure("systemd does not run this server; the realm's units need it");
  const databases = lines
    .filter(([name]) => name === "database")
    .map(([, value]) => value.split(":") as [string, string]);
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
    databaseNames: new Map(
      lines.filter(([name]) => name === "named").map(([, value]) => value.split(" ") as [string, string]),
    ),
    passwords: new Map(
      lines
        .filter(([name]) => name === "password")
        .map(([, value]) => {
          const [role = "", text = ""] = value.split(" ");
          return [role, pulumi.secret(Buffer.from(text, "base64").toString())];
        }),
    ),
    owner: get("owner"),
    installed: get("installed") === "yes",
    systemd: true,
    badSchedule: get("badSchedule"),
  };
}

/** What a wrong clock leads to, in words; undefined as long as it hardly matters. Which of the two is wrong cannot be seen from here. */
export function clockWarning(ahead: number): string | undefined {
  const off = Math.abs(ahead);
  if (!(off > 300)) return undefined;
  const units = [
    [86_400, "days"],
    [3_600, "hours"],
    [60, "minutes"],
  ] as const;
  const [size, unit] = units.find(([size]) => off >= 2 * size) as (typeof units)[number];
  return (
    `the server's clock is ${Math.round(off / size)} ${unit} ${ahead > 0 ? "ahead of" : "behind"} this machine's: where it is wrong, downloads are refused ` +
    "(certificates, package lists), a build may not end, and timers run at the wrong time; on the server: timedatectl set-ntp true"
  );
}
