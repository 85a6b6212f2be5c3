import { ownedByAnother, refuseHarm } from "../../../steps/harm";
import { load } from "../settings/source";
import { seen } from "./seen";

const host = (takeover: boolean) => load({ "host.takeover": `${takeover}` }).host;

describe("a host with an owner", () => {
  it.each<[string, string, boolean]>([
    ["nobody's", "", false],
    ["this stack's", "trinitycore/home", false],
    ["another's that is to be taken over", "trinitycore/prod", true],
  ])("is left to this stack when it is %s", (_, owner, takeover) => {
    expect(ownedByAnother({ owner }, "trinitycore/home", host(takeover))).toBeUndefined();
  });

  it("is another's, and what to type is told", () => {
    expect(ownedByAnother({ owner: "trinitycore/prod" }, "trinitycore/home", host(false))).toBe(
      "wow.example.net belongs to the stack trinitycore/prod; to take it over: " +
        "pulumi config set --path trinitycore:host.takeover true",
    );
  });
});

describe("harm that a look has found", () => {
  const harm = (...refused: string[]) => ({ ...seen({}), refused });

  it("stops a run with each of it, by step", () => {
    expect(() => refuseHarm("wow", new Map([["firewall", harm("it is shut")]]))).toThrow(
      /^it is shut; nothing was touched on wow$/,
    );
    const two = new Map([
      ["firewall", harm("it is shut")],
      ["build", harm("no room", "no memory")],
    ]);
    expect(() => refuseHarm("wow", two)).toThrow(
      /^3 things stand against this on wow; nothing was touched\n {2}firewall: it is shut\n {2}build: no room\n/,
    );
  });

  it("is none where nothing is refused", () => {
    expect(() => refuseHarm("wow", new Map([["firewall", harm()]]))).not.toThrow();
  });
});
