import { decide, type Level, tokenFor } from "../../../steps/decide";
import type { Observation } from "../../../steps/observation";
import { seen } from "./seen";

/** What is seen of the step beside its receipt. */
const found = {
  "as it should be": {},
  "worth a hint": { hints: ["x"], foretold: ["x"] },
  drifted: { drift: ["x"] },
  "drifted without effect": { driftWithoutEffect: ["x"] },
  "drifted unless repaired before": { driftUnlessRepairedBefore: ["x"] },
  "to be replaced": { driftReplacing: ["x"] },
  unseen: { blind: ["x"] },
} satisfies Record<string, Partial<Observation>>;
type Found = keyof typeof found;
const drift = ["drifted", "drifted without effect", "drifted unless repaired before"] as const;

/** An update of it is planned, and those behind it find the same as before, or may find something else. */
const [keeps, repair, change] = ["keeps its token", "repair", "change"] as const;
type Outcome = typeof keeps | Level | "none, with a new token";
const fresh = "none, with a new token";

/** By the receipt and what is found, and then by the level of the steps that this one follows: none, repair, change. */
const table: readonly [Observation["receipt"], readonly Found[], Outcome, Outcome, Outcome][] = [
  ["same", ["as it should be", "worth a hint"], keeps, repair, change],
  ["same", [...drift, "unseen"], repair, repair, change],
  ["same", ["to be replaced"], change, change, change],
  // Its text has changed, and that plans it already.
  ["changed", ["as it should be", "worth a hint"], keeps, repair, change],
  ["changed", [...drift, "to be replaced", "unseen"], change, change, change],
  ["begun", ["as it should be", "worth a hint"], fresh, repair, change],
  ["begun", [...drift, "to be replaced", "unseen"], change, change, change],
  ["new", ["as it should be", "worth a hint"], fresh, repair, change],
  ["new", [...drift, "to be replaced", "unseen"], change, change, change],
];
const levels: readonly Level[] = ["none", "repair", "change"];
const rows = table.flatMap(([receipt, those, ...outcomes]) =>
  those.flatMap((what) => levels.map((before, at) => [receipt, what, before, outcomes[at] as Outcome] as const)),
);

describe("decide", () => {
  it.each(rows)("a receipt that is %s, the thing %s, behind a step with %s to do: %s", (receipt, what, before, is) => {
    const token = receipt === "begun" || receipt === "new" ? "" : "0a1b2c3d";
    const decision = decide(seen({ receipt, token, ...found[what] }), before);
    const level = is === keeps || is === fresh ? "none" : is;
    expect(decision).toEqual({ level, renewed: is !== keeps });
  });

  it("plans a step whose secret is not known yet", () => {
    for (const before of levels) expect(decide(undefined, before)).toEqual({ level: "change", renewed: true });
  });
});

describe("the token of a step", () => {
  it("is the receipt's where nothing is planned", () => {
    expect(tokenFor(seen(), { level: "none", renewed: false })).toBe("0a1b2c3d");
  });

  it("is another one each time else, or a second loss of the same receipt would go unplanned", () => {
    const renewed = { level: "change", renewed: true } as const;
    const tokens = [1, 2].flatMap(() => [tokenFor(seen(), renewed), tokenFor(undefined, renewed)]);
    expect(new Set(["0a1b2c3d", ...tokens]).size).toBe(5);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{8}$/);
  });
});
