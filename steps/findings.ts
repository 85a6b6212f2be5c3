/** What a run tells of a step in Pulumi's diagnostics: made, written and read here, and nowhere else. */
import { type Decision, deviates } from "./decide";
import type { Observation } from "./observation";

/**
 * `drift`, `change`, `to do` and `not finished` deviate; `blind` could not be looked at; the others go with them or are
 * worth knowing.
 */
export type Kind = keyof typeof labels | keyof typeof beginnings | "note";

export interface Finding {
  readonly kind: Kind;
  readonly text: string;
}

/** What stands before the text. */
const labels = {
  drift: "drift: ",
  change: "change: ",
  "to do": "to do: ",
  "not finished": "not finished: ",
  blind: "could not look: ",
};
/** What the text itself begins with. */
const beginnings = {
  effect: "applying this ",
  check: "will be checked after ",
  beforehand: "beforehand: ",
};

const entries = <K extends string>(table: Readonly<Record<K, string>>) => Object.entries(table) as [K, string][];

/** The text of a diagnostic, a line each. */
export const written = (findings: readonly Finding[]): string =>
  findings.map(({ kind, text }) => `${kind in labels ? labels[kind as keyof typeof labels] : ""}${text}`).join("\n");

/** What `written` wrote. */
export const read = (message: string): Finding[] =>
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

/** Worth knowing, but as it should be. */
export const note = (text: string): Finding => ({ kind: "note", text });
/** What will be done to what is there already. */
export const beforehand = (text: string): Finding => ({ kind: "beforehand", text: `${beginnings.beforehand}${text}` });
const effectOf = (effect: string): Finding => ({ kind: "effect", text: `${beginnings.effect}${effect}` });

/** What is known of the steps before this one. */
export interface Upstream {
  /** Steps, by name, after which this one has to be checked again. */
  readonly follows: readonly string[];
  /** Planned steps that this one depends on, by name: what could not be looked at for their sake is no alarm. */
  readonly planned: readonly string[];
}

/** What became of this stack on the server so far: nothing; an `up` that did not come to its end; or one that did. */
export type History = "none" | "unfinished" | "converged";

/** What a step's observation is told by, besides itself. */
export interface Circumstances {
  readonly upstream: Upstream;
  /** What applying it means to players. */
  readonly effect: string | undefined;
  readonly history: History;
}

export interface Told {
  readonly warnings: readonly Finding[];
  readonly infos: readonly Finding[];
}
const nothing: Told = { warnings: [], infos: [] };

/** What the user is told of a step that was seen and decided on so. */
export function tell(seen: Observation | undefined, { renewed }: Decision, circumstances: Circumstances): Told {
  if (!seen) return nothing;
  const { warnings, infos } = seen.token === "" ? tellUnfinished(seen, circumstances) : tellDrift(seen, circumstances);
  const foretold = renewed ? seen.foretold : [];
  return { warnings, infos: [...seen.hints.map(note), ...foretold.map(beforehand), ...infos] };
}

/** Of a step without a token: a first run has much to do, and everybody knows. */
function tellUnfinished(seen: Observation, { upstream, effect, history }: Circumstances): Told {
  if (history === "none") return nothing;
  const begun = seen.receipt === "begun";
  if (!deviates(seen) && !begun) {
    const text = "it is as it should be";
    if (history === "unfinished") {
      return { warnings: [], infos: [notFinished(`the last \`pulumi up\` did not come so far, though ${text}`)] };
    }
    return { warnings: [{ kind: "drift", text: `no receipt of it is on the server, though ${text}` }], infos: [] };
  }
  const { all, withEffect } = deviations(seen, upstream);
  const infos = begun ? [notFinished("the last `pulumi up` was cut off, or failed, in the middle of it")] : [];
  infos.push(...atMostThree(all).map((text): Finding => ({ kind: "to do", text })));
  if (withEffect && effect) infos.push(effectOf(effect));
  return { warnings: [], infos };
}

/** Of a step that an earlier run brought to its end. */
function tellDrift(seen: Observation, { upstream, effect }: Circumstances): Told {
  const { follows, planned } = upstream;
  const { all, withEffect } = deviations(seen, upstream);
  const kind = seen.receipt === "changed" ? "change" : "drift";
  const differs = all.map((text): Finding => ({ kind, text }));
  if (withEffect && effect) differs.push(effectOf(effect));
  const perhaps = !withEffect && effect ? `; where it must, this ${effect}` : "";
  const warnings = kind === "drift" ? differs : [];
  const infos = kind === "change" ? differs : [];
  // What another planned step explains is no alarm.
  if (planned.length === 0) {
    warnings.push(
      ...seen.blind.map((text): Finding => ({ kind: "blind", text: `${text}; \`pulumi up\` checks it${perhaps}` })),
    );
  } else if (follows.length > 0 ? !withEffect : seen.blind.length > 0) {
    const why = seen.blind.map((line) => `, as ${line}`).join("");
    const after = (follows.length > 0 ? follows : planned).join(", ");
    infos.push({ kind: "check", text: `${beginnings.check}${after}${why}${perhaps}` });
  }
  return { warnings, infos };
}

const notFinished = (text: string): Finding => ({ kind: "not finished", text });

/** The sentences that are told here, and whether one of them is put right only with the plan's effect. */
function deviations(seen: Observation, { follows }: Upstream): { all: readonly string[]; withEffect: boolean } {
  const own = follows.length > 0 ? [] : seen.driftUnlessRepairedBefore;
  const withEffect = [...seen.drift, ...seen.driftReplacing, ...own];
  return { all: [...withEffect, ...seen.driftWithoutEffect], withEffect: withEffect.length > 0 };
}

function atMostThree(lines: readonly string[]): string[] {
  return lines.length > 3 ? [...lines.slice(0, 3), `and ${lines.length - 3} more`] : [...lines];
}
