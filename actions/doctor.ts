/** What may keep players out, or a realm from being built and kept: judged from what was measured. */
import { isIPv4 } from "node:net";
import { parse as parseAddress } from "ipaddr.js";
import { buildNeeds } from "../components/core/build";
import type { Settings } from "../settings";
import { realmPath, setCommand } from "../settings/paths";
import type { Facts } from "../steps/facts";
import { sizeOfMB } from "./amounts";

export interface Check {
  readonly what: string;
  readonly result: "ok" | "warn" | "fail";
  readonly text: string;
  /** What there is to do; absent when all is well. */
  readonly todo?: string;
}

/** What became of a connection: taken, refused, not answered in time, or the error's code. */
export type Reply = "open" | "refused" | "silent" | (string & {});

/** What was found on the host over SSH; or why nobody got there. */
export type Reached =
  | { readonly facts: Facts; readonly owner: string | undefined; readonly againstBuild: readonly string[] }
  | { readonly trouble: string };

export interface Measured {
  readonly reached: Reached;
  /** The addresses that the players' name has here, of either kind; undefined where it is not known at all. */
  readonly addresses: readonly string[] | undefined;
  /** How a port answers here, at the players' address and at the host's own. */
  readonly reply: (port: number) => { readonly players: Reply; readonly host: Reply };
}

const ok = (what: string, text: string): Check => ({ what, result: "ok", text });
const warn = (what: string, text: string, todo: string): Check => ({ what, result: "warn", text, todo });
const fail = (what: string, text: string, todo: string): Check => ({ what, result: "fail", text, todo });

export function checks(settings: Settings, { reached, addresses, reply }: Measured): Check[] {
  const { host, login, realm } = settings;
  const consoles = (["console", "soap"] as const).map((which) => {
    const { port, networks } = realm[which];
    const { players, host } = reply(port);
    return consolePort(which, port, networks, [players, host].includes("open"), realmPath(realm.key, which));
  });
  const way = `${host.ssh.user}@${host.address}`;
  return [
    ...("trouble" in reached
      ? [fail("login", reached.trouble, "npm run realm -- doctor, once that is put right")]
      : []),
    ...("facts" in reached ? onHost(way, reached) : []),
    address(settings, addresses),
    playersPort("authserver", login.port, reply(login.port), settings),
    playersPort("worldserver", realm.port, reply(realm.port), settings),
    ...consoles,
  ];
}

/** Whether nothing fails. */
export const allWell = (found: readonly Check[]): boolean => found.every(({ result }) => result !== "fail");

function onHost(way: string, { facts, owner, againstBuild }: Extract<Reached, { facts: Facts }>): Check[] {
  return [
    owner ? fail("login", owner, "see whose this host is") : ok("login", `${way} may do all there`),
    clock(facts.clockAhead),
    disk(facts.diskFreeMB),
    memory(facts),
    againstBuild.length === 0
      ? ok("build", "there is room for one")
      : fail("build", againstBuild.join("; "), "make room before the next `pulumi up` that builds"),
  ];
}

/** Codes of a second factor last 30 s, and the core takes the one before and the one after as well. */
const CODE_SECONDS = 30;

function clock(ahead: number): Check {
  const off = Math.abs(ahead);
  if (off <= 5) return ok("clock", "the host's is the same as this machine's");
  const text = `the host's is ${off} s ${ahead > 0 ? "ahead of" : "behind"} this machine's`;
  const todo = "let both keep the time: timedatectl set-ntp true";
  return off <= CODE_SECONDS
    ? warn("clock", `${text}; codes of a second factor still work`, todo)
    : fail("clock", `${text}: codes of a second factor are refused, if it is the host's that is wrong`, todo);
}

/** Databases and logs grow; a full disk stops both servers. */
const disks = { low: 5_000, least: 1_000 };

function disk(freeMB: number): Check {
  const text = `${sizeOfMB(freeMB)} free in /var/lib`;
  const todo = "make room there: journalctl --vacuum-size=500M, and fewer builds (trinitycore:core.releases.keep)";
  if (freeMB < disks.least) return fail("disk", text, todo);
  return freeMB < disks.low ? warn("disk", text, todo) : ok("disk", text);
}

function memory({ memoryMB, swapMB }: Facts): Check {
  const text = `${sizeOfMB(memoryMB)}, and ${sizeOfMB(swapMB)} of swap`;
  const least = buildNeeds.min_memory_mb;
  if (memoryMB + swapMB >= least) return ok("memory", text);
  return warn("memory", `${text}; a build wants ${sizeOfMB(least)} of both together`, "add swap, or memory");
}

function address({ realm }: Settings, addresses: readonly string[] | undefined): Check {
  const change = setCommand(realmPath(realm.key, "address"));
  const v4 = (addresses ?? []).filter(isIPv4);
  const [first] = v4;
  if (addresses === undefined)
    return fail("address", `${realm.address} is not known to the DNS here`, `register it, or: ${change}`);
  if (!first) {
    const text = `${realm.address} has no IPv4 address, and the game knows no other`;
    return fail("address", text, `give it an A record, or: ${change}`);
  }
  const text = realm.address === first ? `${first} is an IPv4 address` : `${realm.address} is ${v4.join(", ")}`;
  if (parseAddress(first).range() === "unicast") return ok("address", text);
  return warn("address", `${text}: players elsewhere do not reach it`, `where some are elsewhere: ${change}`);
}

function playersPort(
  what: string,
  port: number,
  { players, host }: { readonly players: Reply; readonly host: Reply },
  { realm, host: { address } }: Settings,
): Check {
  if (players === "open") return ok(what, `${realm.address} takes connections on port ${port}`);
  const text = `${realm.address} ${replyText(players)} on port ${port}`;
  if (host === "open") {
    return warn(
      what,
      `${text}, though ${address} does`,
      `forward ${port}/tcp to ${address} on the router; from inside its network this may look so all the same: ` +
        "try it from elsewhere",
    );
  }
  return players === "refused"
    ? fail(what, text, `nothing listens there, or a filter refuses: npm run realm -- status, and drift`)
    : fail(what, text, "a filter on the way, the host's (npm run realm -- drift), a router's or a cloud's");
}

const replyText = (reply: Reply): string =>
  ({ refused: "refuses connections", silent: "does not answer" })[reply as string] ?? `cannot be reached (${reply})`;

function consolePort(what: string, port: number, networks: readonly string[], open: boolean, key: string): Check {
  if (!open) return ok(what, `nobody gets to port ${port} from here`);
  return networks.length > 0
    ? warn(
        what,
        `port ${port} can be reached from here, and nothing encrypts it`,
        "use it over a tunnel: docs/console.md",
      )
    : fail(
        what,
        `port ${port} can be reached from here, though trinitycore:${key}.networks names no network`,
        "see what listens there: npm run realm -- drift",
      );
}

/** A table for people. */
export function inWords(found: readonly Check[]): string {
  const width = Math.max(...found.map(({ what }) => what.length));
  return found
    .flatMap(({ what, result, text, todo }) => [
      `${result.padEnd(6)}${what.padEnd(width)}  ${text}`,
      ...(todo ? [`${" ".repeat(width + 8)}-> ${todo}`] : []),
    ])
    .join("\n");
}
