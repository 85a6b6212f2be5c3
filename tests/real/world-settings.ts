/** What becomes of the settings of a worldserver that reads them again (`reload config`), taken from its source. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface WorldSetting {
  readonly key: string;
  /** The core refuses to change it while it runs. */
  readonly kept: boolean;
  /** What it has to set again besides, such as a timer's interval, it sets again. */
  readonly setAgain: boolean;
  /** The functions that ask for it; undefined where it is kept elsewhere than in the world's own arrays. */
  readonly askedBy: readonly string[] | undefined;
}

const FUNCTION = "World::LoadConfigSettings";

/** @param tree TrinityCore 3.3.5 */
export function worldSettings(tree: string): readonly WorldSetting[] {
  const text = bodyOf(readFileSync(join(tree, "src/server/game/World/World.cpp"), "utf8"), `void ${FUNCTION}(`);
  const constants = new Map(
    matches(text, /\[((?:CONFIG|RATE)_\w+)\]\s*=([^;]*);/g).flatMap(([, name = "", value = ""]) =>
      keysIn(value).map((key) => [key, name] as const),
    ),
  );
  const refused = matches(text, /"([\w.]+) option can't be changed at/g).map(([, key]) => key);
  const guards = matches(text, /if \(reload\)\n( *)\{\n[\s\S]*?\n\1\}\n *else\b/g);
  if (guards.length !== refused.length)
    throw new Error(`${FUNCTION} keeps ${guards.length} settings, and says so of ${refused.join(", ")}`);
  // What stands alone under `if (reload)`, or in a block without `else`.
  const again = matches(text, /if \(reload\)\n *(?:\{\n([^}]*)\}\n(?! *else)|([^{\n]*;)\n)/g).join("\n");
  const asked = usesIn(join(tree, "src/server"));
  return [...new Set(keysIn(text))].map((key) => {
    const constant = constants.get(key);
    return {
      key,
      kept: refused.includes(key),
      setAgain: constant !== undefined && again.includes(constant),
      askedBy: constant === undefined ? undefined : [...(asked.get(constant) ?? [])],
    };
  });
}

const matches = (text: string, what: RegExp): RegExpExecArray[] => [...text.matchAll(what)];

const keysIn = (text: string): string[] =>
  matches(text, /sConfigMgr->Get\w+Default\s*\(\s*"([^"]+)"/g).map(([, key]) => key as string);

/** A function that begins at the left edge. */
function bodyOf(source: string, signature: string): string {
  const at = source.indexOf(`\n${signature}`);
  const end = source.indexOf("\n}\n", at);
  if (at < 0 || end < 0) throw new Error(`World.cpp has no ${signature}`);
  return source.slice(at, end);
}

/** Constant to functions. */
function usesIn(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const uses = new Map<string, Set<string>>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.(cpp|h)$/.test(name)) continue;
    let inside = name;
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      inside = functionIn(line) ?? inside;
      if (inside === FUNCTION || name.endsWith("/World.h")) continue;
      for (const [constant] of matches(line, /\b(?:CONFIG|RATE)_\w+/g)) {
        const there = uses.get(constant) ?? new Set();
        uses.set(constant, there.add(inside));
      }
    }
  }
  return uses;
}

/** The function that begins on a line: at the left edge, or in a class. */
function functionIn(line: string): string | undefined {
  const bare = line.replace(/\/\*.*?\*\/ ?/g, "");
  if (/;\s*$/.test(bare)) return undefined;
  const [, outside] = /^(?:[A-Za-z][\w:<>*&, ]*[ *&])?((?:\w+::)*~?\w+)\s*\(/.exec(bare) ?? [];
  const [, inClass] = /^ {4}(?!return|else|new)(?:[A-Za-z][\w:<>*&, ]*[ *&])(~?\w+)\s*\([^;]*$/.exec(bare) ?? [];
  return outside ?? inClass;
}
