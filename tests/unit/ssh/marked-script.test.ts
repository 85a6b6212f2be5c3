import { noAnswer, runMarked } from "../../../ssh/marked-script";
import type { Session } from "../../../ssh/session";
import { markedCommand } from "../../../ssh/shell";
import { outcomeOf } from "../../../steps/step";

const endpoint = { host: "wow.example.net", port: 22, user: "ops", hostKey: "ssh-ed25519 AAAA" };
const script = markedCommand("ops");
const timeouts = { mark: 0.1, end: 0.1 };
const limit = { seconds: 0.1, late: (said: string) => `too late: ${said}` };

/** A session whose command says these and then ends, unless it is left open. */
const session = (says: readonly string[], code: number | "open" = 0) =>
  ({
    exec: (_command: string, _stdin: string, hears: (chunk: Buffer) => void) => {
      for (const text of says) hears(Buffer.from(text));
      if (code === "open") return new Promise(() => {});
      return Promise.resolve({ stdout: Buffer.from(says.join("")), stderr: "", code });
    },
  }) as unknown as Session;
const run = (says: readonly string[], code: number | "open" = 0) =>
  runMarked(session(says, code), endpoint, script, "", "facts end\n", { timeouts, limit });

describe("a marked script", () => {
  it("is heard from its mark on, however it arrives", async () => {
    const half = script.mark.slice(0, 7);
    const { stdout } = await run([
      "Welcome!\nfacts end\n",
      `no end${half}`,
      `${script.mark.slice(7)}\nos.id d`,
      "ebian\nfacts end\nBye",
    ]);
    expect(stdout?.toString()).toBe("os.id debian\nfacts end\nBye");
  });

  it.each([
    [
      "that waits",
      ["Which one? \u001b[2J"],
      /^the login shell of ops on wow\.example\.net waits for something: .* \(it said: Which one\? \[2J\); `ssh ops@/,
    ],
    [
      "that leaves something running",
      [`${script.mark}\nfacts end\n`],
      /^the login shell of ops on wow\.example\.net does not end: .* keeps the connection open; /,
    ],
    [
      "that began it, and does not come to its end",
      [`${script.mark}\nos.id d`, "ebian\n"],
      /^too late: os\.id debian\n$/,
    ],
  ])("is given up with a login shell %s", async (_, says, why) => {
    await expect(run(says, "open")).rejects.toThrow(why);
  });

  it.each([
    [
      "ends it",
      ["x".repeat(500)],
      0,
      /runs no command: it ended with status 0 before it .* \(it said: …x{160}\); .*~\/\.bashrc/,
    ],
    ["says nothing", [], 1, /runs no command: it ended with status 1 before it ran the command; /],
    [
      "is nologin",
      ["This account is currently not available.\n"],
      1,
      /^the login shell of ops on \S+ lets nobody in \(it said: This .*\); give ops another one \(usermod -s \/bin\/bash ops\), or .* trinitycore:host\.ssh\.user$/,
    ],
    [
      "is a shell that reads the script itself",
      [script.mark.slice(16)],
      1,
      /runs no command: another program reads .* `exec`/,
    ],
  ])("that does not begin is explained where the login shell %s", async (_, says, code, why) => {
    const answer = await run(says, code);
    expect(answer.stdout).toBeUndefined();
    expect(noAnswer(endpoint, script, answer)).toMatch(why);
  });
});

it.each([
  ["the runner's own line", "made it\noutcome: active, 2 h\n", "active, 2 h"],
  ["that line before what a start-up file prints at the end", "Welcome\noutcome: active\nGoodbye\n", "active"],
  ["the last line of what an earlier version printed", "made it\nactive\n", "active"],
  ["nothing", "", ""],
])("a step's outcome is %s", (_, printed, outcome) => {
  expect(outcomeOf(printed)).toBe(outcome);
});
