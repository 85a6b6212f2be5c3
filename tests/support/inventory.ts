/**
 * A picture of everything on a host, taken before and after the stack did something: the difference has to be what
 * the stack's receipts say it made, and nothing else.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reaches } from "../e2e/outside";
import type { Machine } from "../lab/machine";

/** What there is, by "kind name", and how it is. */
export type Inventory = ReadonlyMap<string, string>;

const script = readFileSync(join(__dirname, "inventory.sh"), "utf8");

export async function takeInventory(machine: Machine): Promise<Inventory> {
  const picture = new Map<string, string>();
  const add = (kind: string, name: string, is: string) => picture.set(`${kind} ${name}`, is);
  for (const line of (await machine.sure("bash -s", script)).split("\n")) {
    const [kind = "", name = "", is] = line.split("\t");
    // A host's start-up files may print something, too.
    if (is !== undefined) add(kind, name, is);
  }
  await Promise.all([addFilter(machine, add), addReachable(machine, picture, add)]);
  return picture;
}

/** The packet filter as the kernel has it, without its counters. */
async function addFilter(machine: Machine, add: (kind: string, name: string, is: string) => void): Promise<void> {
  const { stdout } = await machine.net("nft", "--stateless", "list", "ruleset");
  let place = "";
  const seen = new Map<string, number>();
  for (const line of stdout.split("\n").map((text) => text.trim())) {
    if (/^(table|chain|set|map) /.test(line)) place = line.replace(/ *\{$/, "");
    if (line === "" || line === "}") continue;
    // The same rule twice in a chain is two rules.
    const rule = `${place}: ${line.replace(/\b(packets|bytes) \d+ ?/g, "")}`;
    seen.set(rule, (seen.get(rule) ?? 0) + 1);
  }
  for (const [rule, times] of seen) add("filter", rule, String(times));
}

/** Which of the ports that something listens on can be reached from outside. */
async function addReachable(
  machine: Machine,
  picture: Inventory,
  add: (kind: string, name: string, is: string) => void,
): Promise<void> {
  const ports = new Set<number>();
  for (const key of picture.keys()) {
    const port = /^listens tcp\/(?!127\.|\[::1\]).*:(\d+)$/.exec(key)?.[1];
    if (port) ports.add(Number(port));
  }
  await Promise.all(
    [...ports].map(async (port) =>
      add("reachable", `${port}/tcp`, (await reaches(machine.address, port)) ? "yes" : "no"),
    ),
  );
}

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** "key: what it was -> what it is". */
  readonly changed: readonly string[];
}

export const noDifference: Difference = { added: [], removed: [], changed: [] };

/** What is other in `after`; what `explained` takes by its key is left out. */
export function difference(before: Inventory, after: Inventory, explained = (_key: string) => false): Difference {
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter((key) => !explained(key)).sort();
  return {
    added: keys.filter((key) => !before.has(key)),
    removed: keys.filter((key) => !after.has(key)),
    changed: keys
      .filter((key) => before.has(key) && after.has(key) && before.get(key) !== after.get(key))
      .map((key) => `${key}: ${before.get(key)} -> ${after.get(key)}`),
  };
}
