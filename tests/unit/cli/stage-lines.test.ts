import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Runs the lines of the stages through a program of its own, with a terminal or with none. */
function told(lines: readonly string[], terminal: boolean): string {
  const root = join(__dirname, "../../..");
  const text = `import { Readable } from "node:stream"; import { tellStages } from "${root}/cli/stage-lines";
    void tellStages(Readable.from([${JSON.stringify(lines.join("\n"))}]));`;
  const program = join(root, "node_modules/.bin/ts-node");
  const [command, args] = terminal
    ? ["script", ["-qec", `stty cols 60; ${program} -e '${text}'`, "/dev/null"]]
    : [program, ["-e", text]];
  return execFileSync(command as string, args as string[], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
const lines = ["stage mmaps", "at mmaps 10 5 1000 1", "at mmaps 20 9 2000 11", "other words", "done mmaps 40 4000"];

it("are one line on a terminal that grows, no wider than it, and one line for what is whole", () => {
  const said = told(lines, true);
  const bars = said.split("\r").filter((part) => part.includes("% "));
  expect(bars.length).toBe(2);
  for (const bar of bars) expect(bar.replace("\x1b[K", "").length).toBeLessThan(60);
  expect(bars[1]).toContain("20%  9 files, 2.0 kB");
  expect(said).toMatch(/mmaps \(mmaps_generator\): 40 files, 4\.0 kB\r?\n/);
}, 60_000);

it("are lines elsewhere, now and then", () => {
  expect(told(lines, false)).toBe("mmaps (mmaps_generator): 40 files, 4.0 kB\n");
}, 60_000);
