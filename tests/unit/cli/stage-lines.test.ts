import { runText } from "../../support/run-text";

/** What is said of these lines, on a terminal with so many columns or on none. */
const told = (lines: readonly string[], columns?: number): string =>
  runText(
    `import { Readable } from "node:stream"; import { tellStages } from "./cli/stage-lines";
    void tellStages(Readable.from([${JSON.stringify(lines.join("\n"))}]));`,
    columns,
  );
const lines = ["stage mmaps", "at mmaps 10 5 1000 1", "at mmaps 20 9 2000 11", "other words", "done mmaps 40 4000"];

it("are one line on a terminal that grows, no wider than it, and one line for what is whole", () => {
  const said = told(lines, 60);
  const bars = said.split("\r").filter((part) => part.includes("% "));
  expect(bars.length).toBe(2);
  for (const bar of bars) expect(bar.replace("\x1b[K", "").length).toBeLessThan(60);
  expect(bars[1]).toContain("20%  9 files, 2.0 kB");
  expect(said).toMatch(/mmaps \(mmaps_generator\): 40 files, 3\.9 kB\r?\n/);
}, 60_000);

it("are lines elsewhere, now and then", () => {
  expect(told(lines)).toBe("mmaps (mmaps_generator): 40 files, 3.9 kB\n");
}, 60_000);
