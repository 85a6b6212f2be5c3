/**
 * Writes the table of pasts into the docs, from the rows of the tests.
 *   table docs/tried.md   writes it between the two lines `<!-- pasts -->`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { withTable } from "../../../cli/config-table";
import { pasts } from "./all";
import type { Past } from "./past";

export const marker = "<!-- pasts -->";

const becomes = ({ refused, expectWords: says, holds }: Past): string => {
  if (refused) return "refused in the preview, with the cause and what to do";
  const told = says ? "a realm; the preview says beforehand what becomes of what is there" : "a realm";
  return holds ? `${told}; the host itself is checked too` : told;
};

export function pastsTable(): string {
  const rows = pasts.map((past) => `| \`${past.name}\` | ${past.what} | ${becomes(past)} |`);
  return ["| past | the host | what becomes of it |", "|---|---|---|", ...rows].join("\n");
}

if (require.main === module) {
  const file = process.argv[2] ?? "docs/tried.md";
  writeFileSync(file, withTable(readFileSync(file, "utf8"), pastsTable(), marker));
}
