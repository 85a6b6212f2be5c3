/** Decides whether a step is planned, and how far the host is from its plan. */
import { randomBytes } from "node:crypto";
import type { Observation } from "./observation";

/**
 * How far the host is from a step's plan: nothing to do; a repair, which brings back what the last run left; or a
 * change, after which the steps that follow may find something else than before.
 */
export type Level = "none" | "repair" | "change";

export interface Decision {
  readonly level: Level;
  /** Whether the command gets a new token, so that Pulumi plans an update. */
  readonly renewed: boolean;
}

/** Whether the host is not as the plan wants it, or could not be observed. */
export const deviates = (seen: Observation): boolean =>
  [seen.drift, seen.driftReplacing, seen.driftWithoutEffect, seen.driftUnlessRepairedBefore, seen.blind].some(
    (sentences) => sentences.length > 0,
  );

/**
 * @param seen undefined for a step that could not be observed, because one of its secrets is not known yet
 * @param before the highest level of the steps after which this one is checked again
 */
export function decide(seen: Observation | undefined, before: Level): Decision {
  if (!seen) return { level: "change", renewed: true };
  if (!deviates(seen)) return { level: before, renewed: seen.token === "" || before !== "none" };
  const makesAnother = seen.receipt !== "same" || seen.driftReplacing.length > 0 || before === "change";
  return { level: makesAnother ? "change" : "repair", renewed: true };
}

/** The receipt's token, or a new random one: a token made from the observation could repeat, and plan no update. */
export const tokenFor = (seen: Observation | undefined, { renewed }: Decision): string =>
  seen && !renewed ? seen.token : randomBytes(4).toString("hex");
