/** The findings of a step: makes them of observations, writes them as Pulumi's diagnostics, and reads those. */
import { type Decision, deviates } from "./decide";
import type { Observation } from "./observation";

/**
 * `drift`, `change`, `to do` and `not finished`: something deviates; `blind`: it could not be observed; the others
 * explain these, or are worth knowing.
 */
export type Kind = keyof typeof labels | keyof typeof beginnings | "note";

export interface Finding {
  readonly kind: Kind;
  readonly text: string;
}

/** Written before the text. */
const labels = {
  drift: "drift: ",
  change: "change: ",
  "to do": "to do: ",
  "not finished": "not finished: ",
  blind: "could not look: ",
};
/** The first words of the text itself. */
const beginnings = {
  effect: "applying this ",
  check: "will be checked after ",
  beforehand: "beforehand: ",
};

const entries = <K extends string>(table: Readonly<Record<K, string>>) => Object.entries(table) as [K, string][];

/** The text of a diagnostic: a line for each finding. */
export const messageOf = (findings: readonly Finding[]): string =>
  findings.map(({ kind, text }) => `${kind in labels ? labels[kind as keyof typeof labels] : ""}${text}`).join("\n");

/** The findings in a text that `messageOf` has made. */
export const findingsIn = (message: string): Finding[] =>
  message
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(readLine);

function readLine(line: string): Finding {
  const label = entries(labels).find(([, label]) => line.startsWith(label));
  if (label) return { kind: label[0], text: line.slice(label[1].length) };
  const beginning = entries(beginnings).find(([, beginning]) => line.startsWith(beginning));
  return { kind: beginning?.[0] ?? "note", text: line };
}

/** A finding that is worth knowing, where nothing deviates. */
export const note = (text: string): Finding => ({ kind: "note", text });
/** A finding on what applying will do to things that exist already. */
export const beforehand = (text: string): Finding => ({ kind: "beforehand", text: `${beginnings.beforehand}${text}` });
const effectFinding = (effect: string): Finding => ({ kind: "effect", text: `${beginnings.effect}${effect}` });

/** What a step needs to know of the steps before it. */
export interface Upstream {
  /** Steps, by name, after which this one has to be checked again. */
  readonly follows: readonly string[];
  /** Planned steps that this one depends on, by name: because of them a blind observation is no alarm. */
  readonly planned: readonly string[];
  /** Whether each step of `follows` means less to players now than its plan says. */
  readonly eased: boolean;
}

/** What applying a step means to players: the plan's effect, or the lesser one that was observed. */
export const effectNow = (
  seen: Observation | undefined,
  { eased }: Upstream,
  planned: string | undefined,
): string | undefined => (eased && seen?.effect ? seen.effect : planned);

/** Whether an `up` of this stack has run on the host, and has come to its end. */
export type History = "none" | "unfinished" | "converged";

/** What else decides how an observation is told. */
export interface Circumstances {
  readonly upstream: Upstream;
  /** What applying the step means to players. */
  readonly effect: string | undefined;
  readonly history: History;
}

export interface Told {
  readonly warnings: readonly Finding[];
  readonly infos: readonly Finding[];
}
const nothing: Told = { warnings: [], infos: [] };

/** What the operator is told of a step, given its observation and the decision. */
export function toldOf(seen: Observation | undefined, { renewed }: Decision, circumstances: Circumstances): Told {
  if (!seen) return nothing;
  const { warnings, infos } = seen.token === "" ? tellUnfinished(seen, circumstances) : tellDrift(seen, circumstances);
  const foretold = renewed ? seen.foretold : [];
  return { warnings, infos: [...seen.hints.map(note), ...foretold.map(beforehand), ...infos] };
}

/** Tells of a step without a receipt. In a first run nothing is told: everything has to be made. */
function tellUnfinished(seen: Observation, { upstream, effect, history }: Circumstances): Told {
  if (history === "none") return nothing;
  const begun = seen.receipt === "begun";
  if (!deviates(seen) && !begun) {
    const text = "it is as it should be";
    if (history === "unfinished") {
      return { warnings: [], infos: [notFinished(`the last \`pulumi up\` did not come so far, though ${text}`)] };
    }
    return { warnings: [{ kind: "drift", text: `no receipt of it is on the host, though ${text}` }], infos: [] };
  }
  const { all, withEffect } = deviations(seen, upstream);
  const infos = begun ? [notFinished("the last `pulumi up` was cut off, or failed, in the middle of it")] : [];
  infos.push(...atMostThree(all).map((text): Finding => ({ kind: "to do", text })));
  if (withEffect && effect) infos.push(effectFinding(effect));
  return { warnings: [], infos };
}

/** Tells of a step that an earlier run has completed. */
function tellDrift(seen: Observation, { upstream, effect }: Circumstances): Told {
  const { follows, planned } = upstream;
  const { all, withEffect } = deviations(seen, upstream);
  const kind = seen.receipt === "changed" ? "change" : "drift";
  const differs = all.map((text): Finding => ({ kind, text }));
  if (withEffect && effect) differs.push(effectFinding(effect));
  const perhapsEffect = !withEffect && effect ? `; where it must, this ${effect}` : "";
  const warnings = kind === "drift" ? differs : [];
  const infos = kind === "change" ? differs : [];
  // A step that is blind because of another planned step is no reason for a warning.
  if (planned.length === 0) {
    warnings.push(
      ...seen.blind.map(
        (text): Finding => ({ kind: "blind", text: `${text}; \`pulumi up\` checks it${perhapsEffect}` }),
      ),
    );
  } else if (follows.length > 0 ? !withEffect : seen.blind.length > 0) {
    const why = seen.blind.map((line) => `, as ${line}`).join("");
    const after = (follows.length > 0 ? follows : planned).join(", ");
    infos.push({ kind: "check", text: `${beginnings.check}${after}${why}${perhapsEffect}` });
  }
  return { warnings, infos };
}

const notFinished = (text: string): Finding => ({ kind: "not finished", text });

/** The deviations to tell, and whether repairing one of them has the plan's effect on players. */
function deviations(seen: Observation, { follows }: Upstream): { all: readonly string[]; withEffect: boolean } {
  const own = follows.length > 0 ? [] : seen.driftUnlessRepairedBefore;
  const withEffect = [...seen.drift, ...seen.driftReplacing, ...own];
  return { all: [...withEffect, ...seen.driftWithoutEffect], withEffect: withEffect.length > 0 };
}

function atMostThree(lines: readonly string[]): string[] {
  return lines.length > 3 ? [...lines.slice(0, 3), `and ${lines.length - 3} more`] : [...lines];
}
