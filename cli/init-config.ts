/** The config that `init` would write, beside that which is set already. */
import { type ConfigSource, isReadableFile } from "../settings";
import { fullKey, setCommand, setSecretCommand } from "../settings/paths";
import { keysOf } from "../settings/schema";
import { isMap } from "../settings/values";
import { quote } from "../ssh/shell";
import type { Value } from "./engine-stack";
import type { StackValues } from "./stack";

type Tree = { [name: string]: unknown };

/** A text of the config: groups are JSON, single keys are text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The config that is set, as one tree without the namespace. */
const treeOf = ({ values }: StackValues): Tree =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([key]) => key.startsWith(fullKey("")))
      .map(([key, text]) => [key.slice(fullKey("").length), parsed(text)]),
  );

function put(tree: Tree, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const below: Tree = isMap(tree[name]) ? { ...(tree[name] as Tree) } : {};
  put(below, rest, value);
  tree[name] = below;
}

/** The value that is set at a path, as text; undefined when there is none. */
export function setAt(config: StackValues, path: string): string | undefined {
  const found = path.split(".").reduce<unknown>((node, name) => (isMap(node) ? node[name] : undefined), treeOf(config));
  return found === undefined || found === null ? undefined : String(found);
}

/** The names of the realms that are set. */
export function realmsIn(config: StackValues): string[] {
  const { realms } = treeOf(config);
  return isMap(realms) ? Object.keys(realms) : [];
}

export interface Sorted {
  /** To be written. */
  readonly missing: readonly Value[];
  /** Set already, to something else. */
  readonly kept: readonly Value[];
}

/** What of these values is to be written: nothing that is set is changed, and no default is written. */
export function sortOut(config: StackValues, values: readonly Value[]): Sorted {
  const standards = new Map([...keysOf()].map(([path, { default: standard }]) => [path, String(standard)]));
  const known = values.map((value) => ({ value, set: setAt(config, value.path) }));
  return {
    missing: known
      .filter(({ value: { path, text }, set }) => set === undefined && text !== standards.get(path))
      .map(({ value }) => value),
    kept: known.filter(({ value, set }) => set !== undefined && set !== value.text).map(({ value }) => value),
  };
}

/** What is said of a value that is set to something else. */
export function keptText(config: StackValues, { path, text, secret }: Value): string {
  if (secret) return `${path} is set to another one and stays; to change it: ${setSecretCommand(path, "FILE")}`;
  return `${path} stays ${setAt(config, path)}; for ${text}: ${setCommand(path, quote(text))}`;
}

/** The config as it will be once these values are written. */
export function withValues(
  config: StackValues,
  values: readonly Value[],
  file: string,
  written: ConfigSource["written"],
): ConfigSource {
  const tree = treeOf(config);
  const inFile = Object.fromEntries(
    Object.entries(written ?? {}).map(([key, value]) => [key.slice(fullKey("").length), value]),
  );
  for (const { path, text, secret } of values) {
    put(tree, path.split("."), text);
    put(inFile, path.split("."), secret ? { secure: "" } : text);
  }
  const secretGroups = values.filter(({ secret }) => secret).map(({ path }) => fullKey(path.split(".")[0] ?? ""));
  const full = (part: Tree) => Object.entries(part).map(([name, value]) => [fullKey(name), value] as const);
  return {
    values: Object.fromEntries(
      full(tree).map(([key, value]) => [key, value instanceof Object ? JSON.stringify(value) : String(value)]),
    ),
    secretKeys: new Set([...config.secretKeys, ...secretGroups]),
    file,
    written: Object.fromEntries(full(inFile)),
    exists: isReadableFile,
  };
}
