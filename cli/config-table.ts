/**
 * The table of config keys, from Pulumi.yaml.
 *   config-table                          prints it
 *   config-table --write docs/config.md   puts it between the two `<!-- config -->` lines
 *   config-table --check docs/config.md   fails when what stands there is something else
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface DeclaredKey {
  readonly default: unknown;
  readonly description: string;
  readonly secret?: boolean;
}

const configMarker = "<!-- config -->";

/** The keys of a Pulumi.yaml, without the brackets that keep the engine from splitting them at their dots. */
export function declaredKeys(projectFile: string): ReadonlyMap<string, DeclaredKey> {
  const { config } = parse(projectFile) as { config: Record<string, DeclaredKey> };
  return new Map(Object.entries(config).map(([key, declared]) => [key.replace(/^\["(.*)"\]$/, "$1"), declared]));
}

export function typeOf({ default: standard, secret }: DeclaredKey): string {
  if (secret) return "secret";
  if (Array.isArray(standard)) return "list";
  return { string: "string", number: "integer", boolean: "boolean", object: "map" }[typeof standard as string] ?? "?";
}

function shownDefault({ default: standard }: DeclaredKey): string {
  const empty = standard === "" || (standard instanceof Object && Object.keys(standard).length === 0);
  return empty ? "" : `\`${standard}\``;
}

export function configTable(keys: ReadonlyMap<string, DeclaredKey>): string {
  const cell = (text: string) => text.replace(/\|/g, "\\|");
  const rows = [...keys].map(([key, declared]) =>
    [`\`${key}\``, typeOf(declared), shownDefault(declared), cell(declared.description)].join(" | "),
  );
  return ["| key | type | default | what it is |", "|---|---|---|---|", ...rows.map((row) => `| ${row} |`)].join("\n");
}

/** The text with the table between its two markers. */
export function withTable(text: string, table: string, marker = configMarker): string {
  const [before, , after, ...more] = text.split(marker);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`the file needs exactly two lines ${marker}, one before the table and one behind it`);
  }
  return `${before}${marker}\n${table}\n${marker}${after}`;
}

export function run(args: readonly string[], projectFile = join(__dirname, "..", "Pulumi.yaml")): number {
  const [mode, file, ...more] = args;
  const table = configTable(declaredKeys(readFileSync(projectFile, "utf8")));
  if (mode === undefined) {
    process.stdout.write(`${table}\n`);
    return 0;
  }
  if ((mode !== "--write" && mode !== "--check") || file === undefined || more.length > 0) {
    process.stderr.write("usage: config-table [--write FILE | --check FILE]\n");
    return 2;
  }
  const text = readFileSync(file, "utf8");
  const wanted = withTable(text, table);
  if (mode === "--write") writeFileSync(file, wanted);
  else if (text !== wanted) {
    process.stderr.write(
      `${file}: the table of config keys differs from Pulumi.yaml; write it anew with --write ${file}\n`,
    );
    return 1;
  }
  return 0;
}

if (require.main === module) process.exitCode = run(process.argv.slice(2));
