/**
 * The table of pasts, from the rows that the tests judge.
 *   table docs/tried.md   puts it between the two `<!-- pasts -->` lines
 */
import { readFileSync, writeFileSync } from "node:fs";
import { withTable } from "../../../cli/config-table";
import { pasts } from "./all";
import type { Past } from "./past";

export const marker = "<!-- pasts -->";

const becomes = ({ refused, says, holds }: Past): string => {
  if (refused) return "refused in the preview, by name, with the way out";
  const told = says ? "a realm; the preview says beforehand what becomes of what is there" : "a realm";
  return holds ? `${told}; checked on the server besides` : told;
};

export function pastsTable(): string {
  const rows = pasts.map((past) => `| \`${past.name}\` | ${past.what} | ${becomes(past)} |`);
  return ["| past | the server | what becomes of it |", "|---|---|---|", ...rows].join("\n");
}

if (require.main === module) {
  const file = process.argv[2] ?? "docs/tried.md";
  writeFileSync(file, withTable(readFileSync(file, "utf8"), pastsTable(), marker));
}
