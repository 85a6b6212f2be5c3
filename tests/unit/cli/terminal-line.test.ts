import { runText } from "../../support/run-text";

it("is as wide as the terminal, also when that changes, until it is cleared", () => {
  const said = runText(
    `import { execFileSync } from "node:child_process";
    import { TerminalLine } from "./cli/terminal-line";
    const line = new TerminalLine();
    const becomes = async (columns: number) => {
      execFileSync("stty", ["cols", String(columns)], { stdio: "inherit" });
      await new Promise((done) => setTimeout(done, 300));
    };
    void (async () => {
      line.show((columns) => "#".repeat(columns));
      await becomes(30);
      await becomes(90);
      line.clear();
      await becomes(40);
      line.clear();
    })();`,
    60,
  );
  const drawn = [59, 29, 89, 0].map((columns) => `\r${"#".repeat(columns)}\x1b[K`);
  expect(said).toBe(drawn.join(""));
}, 60_000);
