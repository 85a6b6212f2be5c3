/** Whether a step is planned, and how far it is from what the server has. */
import { randomBytes } from "node:crypto";
import type { Observation } from "./observation";

/**
 * How far a step is from what the server has: nothing to do; a repair, which brings back what the last run left; or a
 * change, after which the steps behind it may find something else than before.
 */
export type Level = "none" | "repair" | "change";

export interface Decision {
  readonly level: Level;
  /** Whether the command gets a new token, which plans it. */
  readonly renewed: boolean;
}

/** Whether the server is not, or may not be, as the plan wants it. */
export const deviates = (seen: Observation): boolean =>
  [seen.drift, seen.driftReplacing, seen.driftWithoutEffect, seen.driftUnlessRepairedBefore, seen.blind].some(
    (sentences) => sentences.length > 0,
  );

/**
 * @param seen undefined for a step that could not be asked about, because a secret of it is not known yet
 * @param before the highest level of the steps after which this one is checked again
 */
export function decide(seen: Observation | undefined, before: Level): Decision {
  if (!seen) return { level: "change", renewed: true };
  if (!deviates(seen)) return { level: before, renewed: seen.token === "" || before !== "none" };
  const makesAnother = seen.receipt !== "same" || seen.driftReplacing.length > 0 || before === "change";
  return { level: makesAnother ? "change" : "repair", renewed: true };
}

/** A new token is random: one derived from what was seen could repeat itself, and an update would go unplanned. */
export const tokenFor = (seen: Observation | undefined, { renewed }: Decision): string =>
  seen && !renewed ? seen.token : randomBytes(4).toString("hex");
