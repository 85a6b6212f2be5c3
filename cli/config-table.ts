/**
 * Writes the config's keys, which settings/schema.ts declares, into Pulumi.yaml and the docs.
 *   config-table Pulumi.yaml docs/config.md           writes the block `config:` of the first, the table of the second
 *   config-table --check Pulumi.yaml docs/config.md   fails when they have something else
 */
import { readFileSync, writeFileSync } from "node:fs";
import { ANY, isKey, keysOf, Named, schema, type Tree } from "../settings/schema";
import type { Key } from "../settings/values";

const marker = "<!-- config -->";
const BEGIN = "# The keys of the stack config: `npm run docs` writes this block.";

function defaultOf({ default: standard }: Key<unknown>): string {
  const empty = standard === "" || (standard instanceof Object && Object.keys(standard).length === 0);
  return empty ? "" : String(standard);
}

const kindOf = ({ kind, unit }: Key<unknown>): string => (unit ? `${kind} of ${unit}` : kind);

function restartsOf({ restarts = [] }: Key<unknown>): string {
  return restarts.length === 2 ? "both servers" : (restarts[0] ?? "");
}

export function configTable(keys: ReadonlyMap<string, Key<unknown>>): string {
  const cell = (text: string) => text.replace(/\|/g, "\\|");
  const rows = [...keys].map(([path, key]) => {
    const standard = defaultOf(key);
    return [`\`${path}\``, kindOf(key), standard && `\`${standard}\``, restartsOf(key), cell(key.sentence)].join(" | ");
  });
  return [
    "| key | kind | default | restarts | what it is |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

const within = (node: Named<Tree> | Tree): Tree => (node instanceof Named ? { [ANY]: node.keys } : node);

/** A comment for each key below a top-level name, because the engine knows top-level names only. */
function comments(tree: Tree, indent: string): string[] {
  return Object.entries(tree).flatMap(([name, node]) => {
    if (!isKey(node)) return [`${indent}${name}:`, ...comments(within(node), `${indent}  `)];
    const value = { list: "[]", map: "{}" }[node.kind as string] ?? defaultOf(node);
    return [`${indent}${name}:${value && ` ${value}`}  # ${node.kind === "secret" ? "secret: " : ""}${node.sentence}`];
  });
}

/** The block `config:` of Pulumi.yaml. */
export function configBlock(tree: Tree = schema): string {
  const entries = Object.entries(tree).flatMap(([name, node]) => {
    if (isKey(node)) return [`  ${name}:`, `    default: ${defaultOf(node)}`, `    description: "${node.sentence}"`];
    return [`  ${name}:`, ...comments(within(node), "    #   "), "    default: {}"];
  });
  return [
    BEGIN,
    "#",
    "#   pulumi config set --path trinitycore:realms.wotlk.port 8086",
    "#   pulumi config set --secret --path trinitycore:login.database.password",
    "#",
    "# The engine knows the top-level names only; the keys below them are comments here, with their defaults. There is",
    "# no `type:` on purpose: the engine would stop at the first wrong value, but settings/ finds all of them and says",
    "# how to put each right.",
    "config:",
    ...entries,
    "",
  ].join("\n");
}

/** The text with the table between its two markers. */
export function withTable(text: string, table: string, between = marker): string {
  const [before, , after, ...more] = text.split(between);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`the file needs exactly two lines ${between}, one before the table and one after it`);
  }
  return `${before}${between}\n${table}\n${between}${after}`;
}

/** The text of a project file, with this block at its end. */
export function withBlock(text: string, block: string): string {
  const at = text.indexOf(BEGIN);
  if (at < 0) throw new Error(`the project file needs the line ${BEGIN}`);
  return text.slice(0, at) + block;
}

export function run(args: readonly string[]): number {
  const [project, table, ...more] = args.filter((arg) => arg !== "--check");
  if (!project || !table || more.length > 0) {
    process.stderr.write("usage: config-table [--check] PULUMI_YAML CONFIG_MD\n");
    return 2;
  }
  const written: readonly (readonly [file: string, wanted: (text: string) => string])[] = [
    [project, (text) => withBlock(text, configBlock())],
    [table, (text) => withTable(text, configTable(keysOf()))],
  ];
  const stale = written.filter(([file, wanted]) => readFileSync(file, "utf8") !== wanted(readFileSync(file, "utf8")));
  if (!args.includes("--check"))
    for (const [file, wanted] of stale) writeFileSync(file, wanted(readFileSync(file, "utf8")));
  else if (stale.length > 0)
    process.stderr.write(`${stale.map(([file]) => file).join(", ")}: out of date; write it with npm run docs\n`);
  return args.includes("--check") && stale.length > 0 ? 1 : 0;
}

if (require.main === module) process.exitCode = run(process.argv.slice(2));
