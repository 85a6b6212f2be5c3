/**
 * Writes the table of what each kind of step observes, from the lines `# observed:` and `# not observed:` in
 * server/kinds.
 *   observed-table docs/drift.md   writes it between the two lines `<!-- observed -->`
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { withTable } from "./config-table";

const KINDS = join(__dirname, "..", "server", "kinds");
export const marker = "<!-- observed -->";

/** The text after `# NAME:` in the comment at the top of a script; it may have several lines. */
function noted(script: string, name: string): string {
  const lines = script.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`# ${name}:`));
  if (at < 0) return "";
  const more = lines.slice(at + 1);
  const end = more.findIndex((line) => !line.startsWith("#   "));
  return [lines[at]?.slice(name.length + 3), ...more.slice(0, end).map((line) => line.slice(4))].join(" ").trim();
}

export function observedTable(folder = KINDS): string {
  const rows = readdirSync(folder)
    .filter((file) => file.endsWith(".sh"))
    .sort()
    .map((file) => {
      const script = readFileSync(join(folder, file), "utf8");
      const cells = [noted(script, "observed"), noted(script, "not observed")];
      if (cells.includes("")) throw new Error(`${file} does not say what it observes and what it does not`);
      return `| \`${basename(file, ".sh")}\` | ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
    });
  return ["| kind of step | what is observed | what is not, and why |", "|---|---|---|", ...rows].join("\n");
}

if (require.main === module) {
  const file = process.argv[2] ?? "docs/drift.md";
  writeFileSync(file, withTable(readFileSync(file, "utf8"), observedTable(), marker));
}
