import { spawnSync } from "node:child_process";
import { completion, shells } from "../../../cli/completion";
import { program } from "../../../cli/program";

const { realm } = program();

/** What bash offers where this has been typed so far, its last word perhaps a part of one. */
function offered(...typed: string[]): string[] {
  const script = `${completion("bash", realm, "/o'brien's stack")}
    COMP_WORDS=(realm "$@") COMP_CWORD=$#; _realm; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script, "-", ...typed], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trim().split("\n");
}

describe("completion", () => {
  it("of bash offers verbs, then what the verb takes", () => {
    expect(offered("")).toEqual(realm.commands.map((command) => command.name()));
    expect(offered("resta")).toEqual(["restart"]);
    expect(offered("logs", "")).toEqual(expect.arrayContaining(["worldserver", "live", "--follow", "--lines"]));
    expect(offered("restart", "--n")).toEqual(["--now"]);
    expect(offered("completion", "")).toEqual(expect.arrayContaining([...shells]));
    expect(offered("status", "--rea")).toEqual(["--realm"]);
    expect(offered("data", "")).toEqual(expect.arrayContaining(["send", "check", "--stack"]));
    expect(offered("account", "")).toEqual(expect.arrayContaining(["list", "create", "--password-stdin", "--stack"]));
    expect(offered("account", "--json")).toEqual(["--json"]);
    expect(offered("nonsense", "")).toEqual([""]);
  });

  it("of bash makes a word that runs the checkout's verbs, wherever that is", () => {
    const script = `${completion("bash", realm, "/o'brien's stack")}\nnpm() { printf '<%s>' "$@"; }; realm logs -f`;
    expect(spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout).toBe(
      "<--prefix></o'brien's stack><run><--silent><realm><--><logs><-f>",
    );
  });

  const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;
  (has("zsh") ? it : it.skip)("is a script that zsh reads (where there is one)", () => {
    const input = completion("zsh", realm, "/o'brien");
    const { status, stderr } = spawnSync("zsh", ["-n"], { input, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  (has("fish") ? it : it.skip)("of fish offers the same (where there is one)", () => {
    const offers = (line: string) =>
      spawnSync("fish", ["--no-config", "-c", `${completion("fish", realm, "/o'brien")}complete -C '${line}'`], {
        encoding: "utf8",
      }).stdout;
    expect(offers("realm resta")).toBe("restart\trestart the servers\n");
    expect(offers("realm logs --fol")).toMatch(/^--follow\t/);
    expect(offers("realm stop w")).toMatch(/^worldserver$/m);
  });

  it.each(shells)("of %s knows every verb and option", (shell) => {
    const script = completion(shell, realm);
    for (const command of realm.commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options)
        expect(script).toContain(` ${shell === "fish" ? `-l ${long?.slice(2)}` : long}`);
    }
    // A quote in a sentence would end it.
    for (const line of script.split("\n")) expect([line, (line.match(/'/g)?.length ?? 0) % 2]).toEqual([line, 0]);
  });
});
