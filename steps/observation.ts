/** What is asked of the server about the steps, what it answers, and how both travel. */
import { Failure } from "../program/failure";
import type { BundleFile } from "./bundle";
import { argPairs } from "./command-text";
import type { Plan } from "./plan";

/** What is asked of the server about one step; secrets in clear, for stdin alone. */
export interface Request {
  readonly plan: Plan;
  readonly owner: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** What the server said of one step. */
export interface Observation {
  /** The receipt's token, "" when the step was never applied here. */
  readonly token: string;
  /**
   * Whether the receipt was made with these very parameters; `begun` when the only run so far did not come to its end.
   */
  readonly receipt: "same" | "changed" | "begun" | "new";
  /** How the server deviates, a sentence each; empty when all is well. */
  readonly drift: readonly string[];
  /** Deviations too, but putting them right has nothing of the plan's effect. */
  readonly driftWithoutEffect: readonly string[];
  /** Deviations too, but putting them right makes another thing than the last run left. */
  readonly driftReplacing: readonly string[];
  /** Deviations only as long as the steps that this one follows are as they should be. */
  readonly driftUnlessRepairedBefore: readonly string[];
  /** What could not be looked at, and why. */
  readonly blind: readonly string[];
  /** Worth knowing, but as it should be. */
  readonly hints: readonly string[];
  /** Harm that applying it would do, with the way out: nothing goes on with any of these. */
  readonly refused: readonly string[];
  /** What applying it will do to what is there already. */
  readonly foretold: readonly string[];
  /** How the thing is, in a few words; the stack's outputs are made of it. */
  readonly outcome: string;
}

/** The files of the request folders that `server/run/observe.sh` reads. */
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
 * Reads the frames of `server/run/observe.sh`. Each begins with the mark of this look and carries its length, so that
 * no content can forge one; what is between them, or after the last, is not ours. A missing frame is an error, never
 * "in sync".
 */
export function readFrames(answer: Buffer, steps: readonly string[], mark: string): Map<string, Observation> {
  const seen = new Map<string, Observation>();
  for (let at = 0; ; ) {
    const begin = answer.indexOf(`@${mark} `, at);
    const end = begin < 0 ? -1 : answer.indexOf("\n", begin);
    if (end < 0) throw new Failure("the server's answer was cut off; run it again");
    const head = answer.toString("utf8", begin + mark.length + 2, end);
    if (head === "end") break;
    const match = /^([a-z0-9-]+) ([a-f0-9]+|-) (same|changed|begun|new) ([0-9]+)$/.exec(head);
    if (!match) throw new Failure(`the server's answer cannot be read at: ${JSON.stringify(head.slice(0, 200))}`);
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
  for (const step of steps) if (!seen.has(step)) throw new Failure(`the server said nothing of the step ${step}`);
  return seen;
}

/** The word that a line of a frame begins with (`server/lib/core.sh` prints them), and what is read of it. */
const words = {
  drift: "drift",
  "drift-without-effect": "driftWithoutEffect",
  "drift-replacing": "driftReplacing",
  "drift-unless-repaired-before": "driftUnlessRepairedBefore",
  blind: "blind",
  hint: "hints",
  refused: "refused",
  foretold: "foretold",
  outcome: "outcome",
} as const;

function sentences(body: string): Omit<Observation, "token" | "receipt"> {
  const said = Object.fromEntries(Object.values(words).map((field) => [field, [] as string[]])) as Record<
    (typeof words)[keyof typeof words],
    string[]
  >;
  for (const line of body.split("\n").filter((line) => line !== "")) {
    const [, word = "", sentence = ""] = /^([a-z-]+): (.*)$/s.exec(line) ?? [];
    if (Object.hasOwn(words, word)) said[words[word as keyof typeof words]].push(sentence);
    else said.blind.push(`unexpected output: ${line.slice(0, 200)}`);
  }
  return { ...said, outcome: said.outcome.join(" ") };
}
