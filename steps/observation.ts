import { randomBytes } from "node:crypto";
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
  /** Whether the receipt was made with these very parameters; `begun` when the only run so far did not come to its end. */
  readonly receipt: "same" | "changed" | "begun" | "new";
  /** How the server deviates, a sentence each; empty when all is well. */
  readonly drift: readonly string[];
  /** Deviations too, but putting them right has nothing of the plan's effect. */
  readonly mild: readonly string[];
  /** Deviations too, but putting them right makes another thing than the last run left. */
  readonly anew: readonly string[];
  /** Deviations only as long as the steps that this one follows are as they should be. */
  readonly derived: readonly string[];
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

/** The files of the request folders that `server/observe.sh` reads. */
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
 * Reads the frames of `server/observe.sh`. Each begins with the mark of this look and carries its length, so that no content can forge one;
 * what is between them, or after the last, is not ours. A missing frame is an error, never "in sync".
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

function sentences(body: string): Omit<Observation, "token" | "receipt"> {
  const lines = body.split("\n").filter((line) => line !== "");
  const of = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(2));
  const stray = lines
    .filter((line) => !/^[-+*~?!x>=] /.test(line))
    .map((line) => `unexpected output: ${line.slice(0, 200)}`);
  const [drift, mild, anew, derived] = [of("- "), of("+ "), of("* "), of("~ ")];
  const [hints, refused, foretold] = [of("! "), of("x "), of("> ")];
  const blind = [...of("? "), ...stray];
  return { drift, mild, anew, derived, blind, hints, refused, foretold, outcome: of("= ").join(" ") };
}

/** @throws Failure naming all that speaks against any of these steps, by its name. */
export function refuseHarm(host: string, seen: ReadonlyMap<string, Observation>): void {
  const against = [...seen].flatMap(([step, { refused }]) => refused.map((sentence) => ({ step, sentence })));
  const [first, ...more] = against;
  if (!first) return;
  if (more.length === 0) throw new Failure(`${first.sentence}; nothing was touched on ${host}`);
  const lines = against.map(({ step, sentence }) => `  ${step}: ${sentence}`);
  throw new Failure(
    [`${against.length} things stand against this on ${host}; nothing was touched`, ...lines].join("\n"),
  );
}

/**
 * How far a step is from what the server has: nothing to do; a repair, which brings back what the last run left; or a change, after which
 * the steps behind it may find something else than before.
 */
export type Level = "none" | "repair" | "change";

/** What the program makes of an observation: the token to use, whether it plans a change, and what to tell the user. */
export interface Verdict {
  readonly token: string;
  readonly level: Level;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** What is known of the steps before this one. */
export interface Upstream {
  /** Steps, by name, after which this one has to be checked again. */
  readonly follows: readonly string[];
  /** The highest level among those. */
  readonly level: Level;
  /** Planned steps that this one depends on, by name: what could not be looked at for their sake is no alarm. */
  readonly planned: readonly string[];
}

/** What became of this stack on the server so far: nothing; an `up` that did not come to its end; or one that did. */
export type Past = "none" | "unfinished" | "converged";

/** What is told before anything is done to what is there already. */
export const beforehand = (line: string): string => `beforehand: ${line}`;

/** A new token is random: one derived from what was seen could repeat itself, and an update would go unplanned. */
const newToken = () => randomBytes(4).toString("hex");

/**
 * Decides whether a step is planned. `undefined` stands for a step that could not be asked about, because a secret of it is not known yet.
 */
export function decide(
  seen: Observation | undefined,
  upstream: Upstream,
  effect: string | undefined,
  past: Past,
): Verdict {
  if (!seen) return { token: newToken(), level: "change", warnings: [], infos: [] };
  const { follows, planned } = upstream;
  const fresh = seen.token === "";
  const grave = [...seen.drift, ...seen.anew, ...(follows.length > 0 ? [] : seen.derived)];
  const drift = [...grave, ...seen.mild];
  const off = drift.length + seen.derived.length + seen.blind.length > 0;
  const renew = fresh || off || follows.length > 0;
  // What is as it should be already, though a parameter or the receipt is new, changes nothing for those behind it.
  const other = seen.receipt !== "same" || seen.anew.length > 0 || upstream.level === "change";
  const level = !off ? upstream.level : other ? "change" : "repair";
  const warnings: string[] = [];
  const infos: string[] = [...seen.hints, ...(renew ? seen.foretold.map(beforehand) : [])];
  if (fresh && past !== "none") {
    const begun = seen.receipt === "begun";
    if (begun) infos.push("not finished: the last `pulumi up` was cut off, or failed, in the middle of it");
    if (off) {
      infos.push(...listed(drift.map((line) => `to do: ${line}`)));
      if (grave.length > 0 && effect) infos.push(`applying this ${effect}`);
    } else if (!begun && past === "unfinished") {
      infos.push("not finished: the last `pulumi up` did not come so far, though it is as it should be");
    } else if (!begun) warnings.push("drift: no receipt of it is on the server, though it is as it should be");
  } else if (!fresh) {
    const [told, word] = seen.receipt === "changed" ? [infos, "change"] : [warnings, "drift"];
    told.push(...drift.map((line) => `${word}: ${line}`));
    if (grave.length > 0 && effect) told.push(`applying this ${effect}`);
    const perhaps = grave.length === 0 && effect ? `; where it must, this ${effect}` : "";
    // What another planned step explains is no alarm.
    if (planned.length === 0) {
      warnings.push(...seen.blind.map((line) => `could not look: ${line}; \`pulumi up\` checks it${perhaps}`));
    } else if (follows.length > 0 ? grave.length === 0 : seen.blind.length > 0) {
      const why = seen.blind.map((line) => `, as ${line}`).join("");
      infos.push(`will be checked after ${(follows.length > 0 ? follows : planned).join(", ")}${why}${perhaps}`);
    }
  }
  return { token: renew ? newToken() : seen.token, level, warnings, infos };
}

/** At most three of them: a first run has much to do, and everybody knows. */
function listed(lines: readonly string[]): string[] {
  return lines.length > 3 ? [...lines.slice(0, 3), `and ${lines.length - 3} more`] : [...lines];
}
