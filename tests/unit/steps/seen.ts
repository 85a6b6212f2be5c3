import type { Observation } from "../../../steps/observation";

/** What is seen of a step that is as it should be, but for what is given. */
export const seen = (over: Partial<Observation> = {}): Observation => ({
  token: "0a1b2c3d",
  receipt: "same",
  drift: [],
  driftWithoutEffect: [],
  driftReplacing: [],
  driftUnlessRepairedBefore: [],
  blind: [],
  hints: [],
  refused: [],
  foretold: [],
  outcome: "",
  effect: "",
  ...over,
});
