/** Rows as lines of text, each cell below that of the row before. */
export function inColumns(rows: readonly (readonly string[])[], gap = "  "): string {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}
