/** Requests to observe steps, the host's answers, and how both are sent. */
import { Failure } from "../program/failure";
import type { BundleFile } from "./bundle";
import { argPairs } from "./command-text";
import type { Plan } from "./plan";

/** A request to observe one step; its secrets are in clear, for stdin only. */
export interface Request {
  readonly plan: Plan;
  readonly owner: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The host's answer about one step. */
export interface Observation {
  /** The receipt's token, "" when the step was never applied here. */
  readonly token: string;
  /**
   * Whether the receipt has the same parameters; `begun` when the only run so far did not come to its end.
   */
  readonly receipt: "same" | "changed" | "begun" | "new";
  /** A sentence for each deviation; empty when all is well. */
  readonly drift: readonly string[];
  /** Deviations whose repair does not have the plan's effect on players. */
  readonly driftWithoutEffect: readonly string[];
  /** Deviations whose repair makes something else than the last run left. */
  readonly driftReplacing: readonly string[];
  /** Deviations that the repair of an earlier step may repair as well. */
  readonly driftUnlessRepairedBefore: readonly string[];
  /** What could not be observed, and why. */
  readonly blind: readonly string[];
  /** What is worth knowing though nothing deviates. */
  readonly hints: readonly string[];
  /** Harm that applying would do, with what to do instead; any of these stops preview and `up`. */
  readonly refused: readonly string[];
  /** What applying will do to things that exist already. */
  readonly foretold: readonly string[];
  /** The state of the thing in a few words, for the stack's outputs. */
  readonly outcome: string;
  /** What applying means to players as things are, where that is less than the plan says; else empty. */
  readonly effect: string;
}

/** The requests as files, which `server/run/observe.sh` reads. */
export function requestFiles(requests: readonly Request[]): BundleFile[] {
  return requests.flatMap(({ plan, owner, secrets }) => {
    const folder = `requests/${plan.step}`;
    return [
      { path: `${folder}/kind`, content: plan.kind },
      { path: `${folder}/owner`, content: owner },
      {
        path: `${folder}/args`,
        content: argPairs(plan.args)
          .map(([key, value]) => `${key}=${value}\0`)
          .join(""),
      },
      ...Object.entries(secrets).map(([key, value]) => ({ path: `${folder}/secrets/${key}`, content: value })),
    ];
  });
}

/**
 * Reads the frames that `server/run/observe.sh` prints. Each begins with the random mark of this look and has its
 * length, so that no content can forge one. Text between frames and after the last comes from start-up files.
 * @throws Failure when a frame is missing: a step that was not observed must not count as in sync
 */
export function readFrames(answer: Buffer, steps: readonly string[], mark: string): Map<string, Observation> {
  const seen = new Map<string, Observation>();
  for (let at = 0; ; ) {
    const begin = answer.indexOf(`@${mark} `, at);
    const end = begin < 0 ? -1 : answer.indexOf("\n", begin);
    if (end < 0) throw new Failure("the host's answer was cut off; run it again");
    const head = answer.toString("utf8", begin + mark.length + 2, end);
    if (head === "end") break;
    const match = /^([a-z0-9-]+) ([a-f0-9]+|-) (same|changed|begun|new) ([0-9]+)$/.exec(head);
    if (!match) throw new Failure(`the host's answer cannot be read at: ${JSON.stringify(head.slice(0, 200))}`);
    const [, step, token, receipt, bytes] = match as unknown as [
      string,
      string,
      string,
      Observation["receipt"],
      string,
    ];
    at = end + 1 + Number(bytes);
    const body = answer.toString("utf8", end + 1, at);
    seen.set(step, { token: token === "-" ? "" : token, receipt, ...sentences(body) });
  }
  for (const step of steps) if (!seen.has(step)) throw new Failure(`the host said nothing of the step ${step}`);
  return seen;
}

/** The first word of a frame's line, as `server/lib/core.sh` prints it, and the field that takes the line. */
const lineWords = {
  drift: "drift",
  "drift-without-effect": "driftWithoutEffect",
  "drift-replacing": "driftReplacing",
  "drift-unless-repaired-before": "driftUnlessRepairedBefore",
  blind: "blind",
  hint: "hints",
  refused: "refused",
  foretold: "foretold",
  outcome: "outcome",
  effect: "effect",
} as const;

function sentences(body: string): Omit<Observation, "token" | "receipt"> {
  const said = Object.fromEntries(Object.values(lineWords).map((field) => [field, [] as string[]])) as Record<
    (typeof lineWords)[keyof typeof lineWords],
    string[]
  >;
  for (const line of body.split("\n").filter((line) => line !== "")) {
    const [, word = "", sentence = ""] = /^([a-z-]+): (.*)$/s.exec(line) ?? [];
    if (Object.hasOwn(lineWords, word)) said[lineWords[word as keyof typeof lineWords]].push(sentence);
    else said.blind.push(`unexpected output: ${line.slice(0, 200)}`);
  }
  return { ...said, outcome: said.outcome.join(" "), effect: said.effect.join(" ") };
}
