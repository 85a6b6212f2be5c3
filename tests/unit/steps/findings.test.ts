import { decide, type Level } from "../../../steps/decide";
import {
  beforehand,
  effectNow,
  findingsIn,
  type History,
  messageOf,
  note,
  toldOf,
  type Upstream,
} from "../../../steps/findings";
import { refuseHarm } from "../../../steps/harm";
import type { Observation } from "../../../steps/observation";
import { seen } from "./seen";

type Before = Upstream & { readonly level: Level };
const alone: Before = { follows: [], level: "none", planned: [], eased: true };
const behind = (step: string, level: Level = "repair"): Before => ({
  follows: [step],
  level,
  planned: [step],
  eased: false,
});
const effect = "restarts the worldserver";

/** The lines of both diagnostics, each of which has to be read as it was made. */
function told(
  observation: Observation | undefined,
  { upstream = alone, effect, history = "converged" }: { upstream?: Before; effect?: string; history?: History } = {},
) {
  const { warnings, infos } = toldOf(observation, decide(observation, upstream.level), { upstream, effect, history });
  const lines = [warnings, infos].map((findings) => {
    expect(findingsIn(messageOf(findings))).toEqual(findings);
    return messageOf(findings).split("\n").filter(Boolean);
  });
  return { warnings: lines[0], infos: lines[1] };
}

describe("what is told of a step", () => {
  it("is nothing when all is well, and when it could not be asked about", () => {
    for (const observation of [seen(), undefined]) expect(told(observation)).toEqual({ warnings: [], infos: [] });
  });

  it("is what differs, and what repairing does to players", () => {
    expect(told(seen({ drift: ['Motd is "pwned"'] }), { effect })).toEqual({
      warnings: ['drift: Motd is "pwned"', "applying this restarts the worldserver"],
      infos: [],
    });
  });

  it("is what could not be looked at", () => {
    expect(told(seen({ blind: ["MariaDB is down"] })).warnings).toEqual([
      "could not look: MariaDB is down; `pulumi up` checks it",
    ]);
  });

  it("is no alarm where another planned step explains that, but what it waits for", () => {
    const upstream = { ...alone, planned: ["realm-mariadb"] };
    expect(told(seen({ blind: ["MariaDB is down"] }), { upstream, effect: "stops both servers" })).toEqual({
      warnings: [],
      infos: ["will be checked after realm-mariadb, as MariaDB is down; where it must, this stops both servers"],
    });
  });

  it("warns of no effect that putting it right does not have", () => {
    expect(told(seen({ driftWithoutEffect: ["it is disabled"] }), { effect })).toEqual({
      warnings: ["drift: it is disabled"],
      infos: [],
    });
    const both = seen({ driftWithoutEffect: ["it is stopped"], drift: ["it is deaf"] });
    expect(told(both, { effect }).warnings).toEqual([
      "drift: it is deaf",
      "drift: it is stopped",
      "applying this restarts the worldserver",
    ]);
  });

  it("leaves to the steps it follows what their repair may take away", () => {
    const observation = seen({ driftUnlessRepairedBefore: ["it runs with an older file"] });
    expect(told(observation, { effect })).toEqual({
      warnings: ["drift: it runs with an older file", "applying this restarts the worldserver"],
      infos: [],
    });
    expect(told(observation, { upstream: behind("realm-worldserver-config"), effect })).toEqual({
      warnings: [],
      infos: ["will be checked after realm-worldserver-config; where it must, this restarts the worldserver"],
    });
  });

  it("is the lesser effect that was observed, unless a step before it has only that of its plan", () => {
    const observation = seen({ effect: "reloads the settings" });
    const behindConfig = behind("realm-worldserver-config");
    expect(effectNow(observation, { ...behindConfig, eased: true }, effect)).toBe("reloads the settings");
    expect(effectNow(observation, behindConfig, effect)).toBe(effect);
    for (const without of [seen(), undefined]) expect(effectNow(without, alone, effect)).toBe(effect);
  });

  it("is a drift, too, where it is not restored but made anew", () => {
    expect(told(seen({ driftReplacing: ["it was built for another system"] })).warnings).toEqual([
      "drift: it was built for another system",
    ]);
  });

  it("is that it is checked again after a step it follows", () => {
    expect(told(seen(), { upstream: behind("realm-worldserver-config"), effect }).infos).toEqual([
      "will be checked after realm-worldserver-config; where it must, this restarts the worldserver",
    ]);
  });

  it("is a change, not a drift, where the plan is another one", () => {
    expect(told(seen({ receipt: "changed", drift: ["the address is x"] }))).toEqual({
      warnings: [],
      infos: ["change: the address is x"],
    });
  });

  it("names a lost receipt, but not on a host that never had one", () => {
    const fresh = seen({ token: "", receipt: "new" });
    expect(told(fresh).warnings).toEqual(["drift: no receipt of it is on the host, though it is as it should be"]);
    const undone = { ...fresh, drift: ["a", "b", "c", "d", "e"] };
    expect(told(undone)).toEqual({
      warnings: [],
      infos: ["to do: a", "to do: b", "to do: c", "to do: and 2 more"],
    });
    // Who lost its receipts is told what the repair does to players, as for any other.
    expect(told({ ...fresh, drift: ["a"] }, { effect: "restarts x" }).infos).toEqual([
      "to do: a",
      "applying this restarts x",
    ]);
    for (const observation of [fresh, undone])
      expect(told(observation, { history: "none" })).toEqual({ warnings: [], infos: [] });
  });

  it("tells what a cut-off run left from a drift, by a receipt that was begun, or a converge that never came to its end", () => {
    const middle = "not finished: the last `pulumi up` was cut off, or failed, in the middle of it";
    const begun = seen({ token: "", receipt: "begun" });
    for (const history of ["unfinished", "converged"] as const)
      expect(told(begun, { history })).toEqual({ warnings: [], infos: [middle] });
    expect(told({ ...begun, drift: ["a"] }, { effect: "restarts x", history: "unfinished" })).toEqual({
      warnings: [],
      infos: [middle, "to do: a", "applying this restarts x"],
    });
    expect(told(seen({ token: "", receipt: "new" }), { history: "unfinished" })).toEqual({
      warnings: [],
      infos: ["not finished: the last `pulumi up` did not come so far, though it is as it should be"],
    });
    // Of a host of nobody's all is to be made, and no word of it is needed.
    expect(told(begun, { history: "none" })).toEqual({ warnings: [], infos: [] });
  });

  it("has hints, always, and what is foretold where the step is going to be applied", () => {
    expect(told(seen({ hints: ["waits for data"] })).infos).toEqual(["waits for data"]);
    const foretold = ["starts ufw, which will let in 22/tcp"];
    const fresh = seen({ token: "", receipt: "new", drift: ["ufw is not active"], foretold });
    expect(told(fresh, { history: "none" }).infos).toEqual(["beforehand: starts ufw, which will let in 22/tcp"]);
    expect(told(seen({ foretold })).infos).toEqual([]);
  });
});

describe("findings in Pulumi's diagnostics", () => {
  it("are read as they were written, blank lines aside, and what nothing here wrote as notes", () => {
    const made = [note("a: b"), beforehand("it is stopped"), { kind: "drift", text: "drift: x" } as const];
    expect(messageOf(made)).toBe("a: b\nbeforehand: it is stopped\ndrift: drift: x");
    expect(findingsIn(`${messageOf(made)}\n\nWelcome!\n`)).toEqual([...made, note("Welcome!")]);
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
});
