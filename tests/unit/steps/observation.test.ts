import fc from "fast-check";
import { readFrames, requestFiles } from "../../../steps/observation";
import { seen } from "./seen";

const frame = (step: string, body: string, token = "0a1b2c3d", receipt = "same") =>
  `@7f ${step} ${token} ${receipt} ${Buffer.byteLength(body)}\n${body}`;

describe("readFrames", () => {
  it("tells kinds of drift, blindness and hints apart", () => {
    const body = [
      "drift: 8085/tcp is closed",
      "drift-without-effect: disabled",
      "drift-replacing: is of another system",
      "drift-unless-repaired-before: runs with an older file",
      "blind: MariaDB is down",
      "hint: waits for data: dbc maps",
      "refused: it would be removed",
      "foretold: it will be started",
      "outcome: well",
      "effect: reloads its settings",
      "",
    ].join("\n");
    const got = readFrames(Buffer.from(`${frame("firewall", body)}@7f end\n`), ["firewall"], "7f").get("firewall");
    expect(got).toEqual({
      ...seen(),
      drift: ["8085/tcp is closed"],
      driftWithoutEffect: ["disabled"],
      driftReplacing: ["is of another system"],
      driftUnlessRepairedBefore: ["runs with an older file"],
      blind: ["MariaDB is down"],
      hints: ["waits for data: dbc maps"],
      refused: ["it would be removed"],
      foretold: ["it will be started"],
      outcome: "well",
      effect: "reloads its settings",
    });
  });

  it("never takes content for a frame", () => {
    const forged = "drift: x\n@ user 00000000 same 0\n@7f end\nconstructor: y\n";
    const got = readFrames(
      Buffer.from(`${frame("motd", forged)}${frame("user", "drift: gone\n")}@7f end\n`),
      ["motd", "user"],
      "7f",
    );
    expect(got.get("user")?.drift).toEqual(["gone"]);
    expect(got.get("motd")?.blind).toHaveLength(3);
  });

  it("holds for any content, bytes counted and not characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const line = `drift: ${text.replaceAll(/[\r\n]/g, "")}`;
        const got = readFrames(Buffer.from(`${frame("a", `${line}\n`)}${frame("b", "")}@7f end\n`), ["a", "b"], "7f");
        expect(got.get("b")).toEqual(seen());
      }),
    );
  });

  it("skips what others printed before, between and after", () => {
    const answer = `Welcome!\n@ end\nno line's end${frame("user", "drift: gone\n")}tick\n${frame("motd", "")}@7f end\nBye\n@7f user`;
    expect(readFrames(Buffer.from(answer), ["user", "motd"], "7f").get("user")?.drift).toEqual(["gone"]);
  });

  it.each([
    ["a cut-off answer", frame("user", ""), "cut off"],
    ["a missing frame", "@7f end\n", "said nothing of the step user"],
    ["a frame that is none", "@7f user\n@7f end\n", "cannot be read"],
  ])("%s is an error, never in sync", (_, answer, message) => {
    expect(() => readFrames(Buffer.from(answer), ["user"], "7f")).toThrow(message);
  });
});

describe("requestFiles", () => {
  it("puts secrets into files of their own and everything else where the runner looks", () => {
    const files = requestFiles([
      {
        plan: { step: "access", kind: "access", args: { b: ["x", "y"], a: 1 } },
        owner: "T/n",
        secrets: { auth: "p;w" },
      },
    ]);
    expect(files).toEqual([
      { path: "requests/access/kind", content: "access" },
      { path: "requests/access/owner", content: "T/n" },
      { path: "requests/access/args", content: "a=1\0b=x\ny\0" },
      { path: "requests/access/secrets/auth", content: "p;w" },
    ]);
  });
});
