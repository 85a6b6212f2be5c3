import fc from "fast-check";
import {
  decide,
  type Level,
  type Observation,
  readFrames,
  refuseHarm,
  requestFiles,
  type Upstream,
} from "../../../steps/observation";

const frame = (step: string, body: string, token = "0a1b2c3d", receipt = "same") =>
  `@7f ${step} ${token} ${receipt} ${Buffer.byteLength(body)}\n${body}`;
const seen = (over: Partial<Observation> = {}): Observation => ({
  token: "0a1b2c3d",
  receipt: "same",
  drift: [],
  mild: [],
  anew: [],
  derived: [],
  blind: [],
  hints: [],
  refused: [],
  foretold: [],
  outcome: "",
  ...over,
});

describe("readFrames", () => {
  it("tells kinds of drift, blindness and hints apart", () => {
    const body =
      "- 8085/tcp is closed\n+ disabled\n* is of another system\n~ runs with an older file\n? MariaDB is down\n! waits for data\nx it would be removed\n> it will be started\n";
    const got = readFrames(Buffer.from(`${frame("firewall", body)}@7f end\n`), ["firewall"], "7f").get("firewall");
    expect(got).toEqual({
      ...seen(),
      drift: ["8085/tcp is closed"],
      mild: ["disabled"],
      anew: ["is of another system"],
      derived: ["runs with an older file"],
      blind: ["MariaDB is down"],
      hints: ["waits for data"],
      refused: ["it would be removed"],
      foretold: ["it will be started"],
    });
  });

  it("never takes content for a frame", () => {
    const forged = "- x\n@ user 00000000 same 0\n@7f end\n";
    const got = readFrames(
      Buffer.from(`${frame("motd", forged)}${frame("user", "- gone\n")}@7f end\n`),
      ["motd", "user"],
      "7f",
    );
    expect(got.get("user")?.drift).toEqual(["gone"]);
    expect(got.get("motd")?.blind).toHaveLength(2);
  });

  it("holds for any content, bytes counted and not characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const line = `- ${text.replaceAll(/[\r\n]/g, "")}`;
        const got = readFrames(Buffer.from(`${frame("a", `${line}\n`)}${frame("b", "")}@7f end\n`), ["a", "b"], "7f");
        expect(got.get("b")).toEqual(seen());
      }),
    );
  });

  it("skips what others printed before, between and after", () => {
    const answer = `Welcome!\n@ end\nno line's end${frame("user", "- gone\n")}tick\n${frame("motd", "")}@7f end\nBye\n@7f user`;
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

const alone: Upstream = { follows: [], level: "none", planned: [] };
const behind = (step: string, level: Level = "repair"): Upstream => ({ follows: [step], level, planned: [step] });

describe("decide", () => {
  it("repeats the receipt's token when all is well", () => {
    expect(decide(seen(), alone, undefined, "converged")).toEqual({
      token: "0a1b2c3d",
      level: "none",
      warnings: [],
      infos: [],
    });
  });

  it("plans an update for drift and says what differs and what repairing does to players", () => {
    const verdict = decide(seen({ drift: ['Motd is "pwned"'] }), alone, "restarts the worldserver", "converged");
    expect(verdict).toMatchObject({
      level: "repair",
      warnings: ['drift: Motd is "pwned"', "applying this restarts the worldserver"],
    });
    expect(verdict.token).not.toBe("0a1b2c3d");
  });

  it("never takes blindness for in sync", () => {
    const verdict = decide(seen({ blind: ["MariaDB is down"] }), alone, undefined, "converged");
    expect(verdict.level).toBe("repair");
    expect(verdict.token).not.toBe("0a1b2c3d");
    expect(verdict.warnings).toEqual(["could not look: MariaDB is down; `pulumi up` checks it"]);
  });

  it("is not alarmed by blindness that another planned step explains, and says what it waits for", () => {
    const upstream = { ...alone, planned: ["realm-mariadb"] };
    expect(decide(seen({ blind: ["MariaDB is down"] }), upstream, "stops both servers", "converged")).toMatchObject({
      level: "repair",
      warnings: [],
      infos: ["will be checked after realm-mariadb, as MariaDB is down; where it must, this stops both servers"],
    });
  });

  it("warns of no effect that putting it right does not have", () => {
    const effect = "restarts the worldserver";
    expect(decide(seen({ mild: ["it is disabled"] }), alone, effect, "converged")).toMatchObject({
      level: "repair",
      warnings: ["drift: it is disabled"],
      infos: [],
    });
    expect(
      decide(seen({ mild: ["it is stopped"], drift: ["it is deaf"] }), alone, effect, "converged").warnings,
    ).toEqual(["drift: it is deaf", "drift: it is stopped", "applying this restarts the worldserver"]);
  });

  it("leaves to the steps it follows what their repair may take away", () => {
    const observation = seen({ derived: ["it runs with an older file"] });
    const effect = "restarts the worldserver";
    expect(decide(observation, alone, effect, "converged")).toMatchObject({
      level: "repair",
      warnings: ["drift: it runs with an older file", "applying this restarts the worldserver"],
    });
    expect(decide(observation, behind("realm-worldserver-config"), effect, "converged")).toMatchObject({
      level: "repair",
      warnings: [],
      infos: ["will be checked after realm-worldserver-config; where it must, this restarts the worldserver"],
    });
  });

  it("concerns the steps behind when putting it right makes another thing than the last run left", () => {
    expect(decide(seen({ anew: ["it was built for another system"] }), alone, undefined, "converged")).toMatchObject({
      level: "change",
      warnings: ["drift: it was built for another system"],
    });
  });

  it("checks again after a step it follows", () => {
    const verdict = decide(seen(), behind("realm-worldserver-config"), "restarts the worldserver", "converged");
    expect(verdict.level).toBe("repair");
    expect(verdict.infos).toEqual([
      "will be checked after realm-worldserver-config; where it must, this restarts the worldserver",
    ]);
  });

  it("keeps the token of a changed plan: its text differs anyway, and tells the difference as a change, not a drift", () => {
    const verdict = decide(seen({ receipt: "changed", drift: ["the address is x"] }), alone, undefined, "converged");
    expect(verdict).toMatchObject({ level: "change", warnings: [], infos: ["change: the address is x"] });
    expect(decide(seen({ receipt: "changed" }), alone, undefined, "converged")).toMatchObject({
      token: "0a1b2c3d",
      level: "none",
    });
  });

  it("names a lost receipt, but not on a server that never had one", () => {
    const fresh = seen({ token: "", receipt: "new" });
    expect(decide(fresh, alone, undefined, "converged").warnings).toEqual([
      "drift: no receipt of it is on the server, though it is as it should be",
    ]);
    const undone = { ...fresh, drift: ["a", "b", "c", "d", "e"] };
    expect(decide(undone, alone, undefined, "converged")).toMatchObject({
      warnings: [],
      infos: ["to do: a", "to do: b", "to do: c", "and 2 more"],
    });
    // Who lost its receipts is told what the repair does to players, as for any other.
    expect(decide({ ...fresh, drift: ["a"] }, alone, "restarts x", "converged").infos).toEqual([
      "to do: a",
      "applying this restarts x",
    ]);
    expect(decide(fresh, alone, undefined, "none").warnings).toEqual([]);
    expect(decide(fresh, alone, undefined, "none").level).toBe("none");
    expect(decide(undone, alone, undefined, "none").level).toBe("change");
  });

  it("tells what a cut-off run left from a drift, by a receipt that was begun, or a converge that never came to its end", () => {
    const middle = "not finished: the last `pulumi up` was cut off, or failed, in the middle of it";
    const begun = seen({ token: "", receipt: "begun" });
    expect(decide(begun, alone, undefined, "unfinished")).toMatchObject({ warnings: [], infos: [middle] });
    expect(decide(begun, alone, undefined, "converged")).toMatchObject({ warnings: [], infos: [middle] });
    expect(decide({ ...begun, drift: ["a"] }, alone, "restarts x", "unfinished")).toMatchObject({
      level: "change",
      warnings: [],
      infos: [middle, "to do: a", "applying this restarts x"],
    });
    expect(decide(seen({ token: "", receipt: "new" }), alone, undefined, "unfinished")).toMatchObject({
      warnings: [],
      infos: ["not finished: the last `pulumi up` did not come so far, though it is as it should be"],
    });
    // Of a server of nobody's all is to be made, and no word of it is needed.
    expect(decide(begun, alone, undefined, "none")).toMatchObject({ warnings: [], infos: [] });
  });

  it("gives a lost receipt another token each time, or its second loss would go unplanned", () => {
    const fresh = seen({ token: "", receipt: "new" });
    expect(decide(fresh, alone, undefined, "converged").token).not.toBe(
      decide(fresh, alone, undefined, "converged").token,
    );
  });

  it("plans a step whose secret is not known yet", () => {
    expect(decide(undefined, alone, undefined, "none").level).toBe("change");
  });

  it("tells hints without planning anything", () => {
    expect(decide(seen({ hints: ["waits for data"] }), alone, undefined, "converged")).toMatchObject({
      level: "none",
      infos: ["waits for data"],
    });
  });
});

describe("what would do harm", () => {
  it("is refused for all steps at once, by their names", () => {
    const harm = seen({ refused: ["installing a would remove b"] });
    expect(() =>
      refuseHarm(
        "wow.example.net",
        new Map([
          ["packages", harm],
          ["user", seen()],
          ["firewall", seen({ refused: ["ufw is active"] })],
        ]),
      ),
    ).toThrow(
      "2 things stand against this on wow.example.net; nothing was touched\n  packages: installing a would remove b\n  firewall: ufw is active",
    );
    expect(() => refuseHarm("wow.example.net", new Map([["packages", harm]]))).toThrow(
      "installing a would remove b; nothing was touched on wow.example.net",
    );
    expect(() => refuseHarm("wow.example.net", new Map([["user", seen()]]))).not.toThrow();
  });

  it("is not what is only foretold, which is told where the step is going to be applied", () => {
    const foretold = ["starts ufw, which will let in 22/tcp"];
    const fresh = seen({ token: "", receipt: "new", drift: ["ufw is not active"], foretold });
    expect(decide(fresh, alone, undefined, "none").infos).toEqual(["beforehand: starts ufw, which will let in 22/tcp"]);
    expect(decide(seen({ foretold }), alone, undefined, "converged").infos).toEqual([]);
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
