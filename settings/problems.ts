/** Problems with the stack config: collected first, told all at once. */
import { closest, distance } from "fastest-levenshtein";
import { Failure } from "../program/failure";

export const namespace = "trinitycore";

export interface Problem {
  /** Without the namespace. */
  readonly key: string;
  /** What is wrong and how to put it right; further lines go below the first. Never holds a secret's value. */
  readonly text: string;
}

export class SettingsError extends Failure {
  constructor(
    readonly problems: readonly Problem[],
    stack: string,
  ) {
    super(describe(problems, stack));
  }
}

export function describe(problems: readonly Problem[], stack: string): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const names = problems.map(({ key }) => `${namespace}:${key}`);
  // One very long name shall not push all texts to the right.
  const width = Math.min(36, Math.max(...names.map((name) => name.length)));
  const lines = problems.flatMap(({ text }, i) => {
    const [first = "", ...more] = text.split("\n");
    return [`  ${(names[i] ?? "").padEnd(width)}  ${first}`, ...more.map((line) => `${" ".repeat(width + 4)}${line}`)];
  });
  return [`${count} in the stack config (Pulumi.${stack}.yaml); nothing was touched`, ...lines].join("\n");
}

/** Names that other tools or the game's own files use, and what they are here. */
const elsewhere: Readonly<Record<string, string>> = {
  "worldserver.port": "realm.port",
  "world.port": "realm.port",
  "auth.port": "authserver.port",
  "ra.port": "console.port",
  "realm.host": "realm.address",
  password: "databases.auth.password",
  address: "realm.address",
  port: "realm.port",
  motd: "worldserver.settings",
  "realm.motd": "worldserver.settings",
};

/** What an unknown key was probably meant to be. `given` is its text: a nested map there is what `config set --path` makes of a dotted key. */
export function unknownKey(key: string, known: readonly string[], given = ""): string {
  const parts = known.filter((name) => name.startsWith(`${key}.`));
  if (parts.length > 0) {
    const meant = parts.filter((name) => given.includes(`"${name.slice(key.length + 1).split(".")[0]}"`));
    const names = (meant.length > 0 ? meant : parts).slice(0, 3).map((name) => `${namespace}:${name}`);
    return `is not a key of its own; its parts are, each with its dots (without --path): ${names.join(", ")}`;
  }
  const map = known.find((name) => name.endsWith(".settings") && key.startsWith(`${name}.`));
  if (map !== undefined) {
    const entry = key.slice(map.length + 1);
    return `unknown key; it belongs into the map:\npulumi config set --path '${entryPath(map, entry)}' …`;
  }
  const nearest = elsewhere[key.toLowerCase()] ?? closest(key, known);
  const near =
    elsewhere[key.toLowerCase()] !== undefined || distance(key.toLowerCase(), nearest.toLowerCase()) <= tolerance(key);
  return near
    ? `unknown key; did you mean ${namespace}:${nearest}?`
    : "unknown key; docs/config.md lists the known ones";
}

/** A slip or two in a short key, a few in a long one. */
const tolerance = (key: string): number => Math.max(2, Math.floor(key.length / 3));

/** How `pulumi config set --path` names an entry of a map whose own key has dots. */
export const entryPath = (key: string, entry: string): string => `${namespace}:["${key}"]["${entry}"]`;
