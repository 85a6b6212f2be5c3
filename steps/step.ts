import { randomBytes } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { asRoot } from "../ssh/shell";
import { argWords, refuseTooLong, undoWords } from "./command-text";
import { decide, type Level, tokenFor } from "./decide";
import { stdinOf } from "./delivery";
import { effectNow, type History, messageOf, toldOf, type Upstream } from "./findings";
import { type ReachedHost, valueIfKnown } from "./host";
import type { Observation, Request } from "./observation";
import { LIBEXEC } from "./places";
import type { Plan } from "./plan";

/** What a component may set besides the plan. */
export interface StepOptions extends Omit<pulumi.ComponentResourceOptions, "dependsOn"> {
  readonly dependsOn?: readonly pulumi.Resource[];
  /** Steps after whose change or repair this one is checked again. */
  readonly follows?: readonly Step[];
  /** Steps after whose change this one is checked again, but not after a repair. */
  readonly followsChangesOf?: readonly Step[];
}

/** How to run the step that installs the runner, when there is no runner yet. */
export interface Delivery {
  readonly runner: string;
  readonly stdin: string;
}

/**
 * One thing that the stack manages on the host. The program observes it: where it is as the plan wants, the command
 * repeats the receipt's token and nothing is planned. Otherwise the command gets a new token, which plans an update,
 * and a warning says what differs. On the host the runner (`server/run/step.sh`) observes, applies, observes again, and
 * only then writes the receipt.
 */
export class Step extends pulumi.ComponentResource {
  /** How far the host is from the plan. */
  readonly level: Promise<Level>;
  /** What the observation found worth knowing though nothing deviates. */
  readonly hints: Promise<readonly string[]>;
  /** Whether it means less to players now than its plan says. */
  readonly eased: Promise<boolean>;
  readonly logicalName: string;
  /** The state of the thing in a few words: as its command left it, or as it was observed where none runs. */
  readonly outcome: pulumi.Output<string>;
  /** Resolves when the command has run, or when none is to run. */
  private readonly done: Promise<unknown>;

  constructor(
    type: string,
    name: string,
    host: ReachedHost,
    plan: Plan,
    options: StepOptions = {},
    delivery?: Delivery,
  ) {
    const { follows = [], followsChangesOf = [], dependsOn = [], ...rest } = options;
    super(type, name, {}, rest);
    this.logicalName = name;
    // The stack is part of it, so that a stack whose host was taken over cannot undo what belongs to another now.
    const owner = `${host.stack}/${type}/${name}`;
    const seen = host.observe(requestOf(plan, owner));
    this.hints = seen.then((observation) => observation?.hints ?? []);
    this.eased = seen.then((observation) => Boolean(observation?.effect));
    const decided = Promise.all([seen, upstreamOf(options)]).then(([observation, upstream]) => {
      const decision = decide(observation, upstream.level);
      return { observation, upstream, decision, token: tokenFor(observation, decision) };
    });
    this.level = decided.then(({ decision }) => decision.level);
    // A rejected promise that nobody waits for would end the program before the error below is shown.
    for (const promise of [this.level, this.hints, this.eased]) promise.catch(() => {});

    const before = [...dependsOn, ...follows, ...followsChangesOf];
    const token = pulumi.output(
      decided.then(async ({ observation, upstream, decision, token }) => {
        const history = await historyOf(host, observation);
        const effect = effectNow(observation, upstream, plan.effect);
        const { warnings, infos } = toldOf(observation, decision, { upstream, effect, history });
        if (warnings.length > 0) void pulumi.log.warn(messageOf(warnings), this);
        if (infos.length > 0) void pulumi.log.info(messageOf(infos), this);
        const steps = before.filter((resource) => resource instanceof Step);
        // A command runs only with a new token.
        if (decision.renewed) await host.pace.waitForTurn(() => Promise.all(steps.map((step) => step.done)));
        return token;
      }),
    );
    const runner = delivery?.runner ?? `${LIBEXEC}/current/step.sh`;
    const words = argWords(plan.args);
    refuseTooLong(plan.step, words);
    const apply = (receipt: string) =>
      asRoot(host.user, [runner, "apply", plan.step, plan.kind, receipt, owner, ...words].join(" "));
    const birth = randomBytes(4).toString("hex");
    const applied = new command.remote.Command(
      name,
      {
        connection: host.connection,
        create: token.apply((receipt) => apply(`${receipt}.${birth}`)),
        update: token.apply(apply),
        delete: undoWords(plan.step, birth),
        stdin: delivery ? pulumi.secret(delivery.stdin) : stdinOf(plan),
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        provider: host.provider,
        // Children do not inherit what their component depends on.
        dependsOn: before,
        // Both texts keep the `birth` of the resource's creation. A replacement has another, so the old resource's
        // delete, which comes after the new one's create, does not undo it.
        ignoreChanges: ["create", "delete"],
        customTimeouts: { create: "6h", update: "6h", delete: "30m" },
      },
    );
    this.done = valueIfKnown(applied.stdout).catch(() => {});
    const left = pulumi.unsecret(applied.stdout).apply(outcomeOf);
    this.outcome = pulumi.output(
      decided.then(
        ({ observation, decision }) => (observation && !decision.renewed ? observation.outcome : left),
        () => left,
      ),
    );
    this.registerOutputs({});
  }
}

/**
 * The outcome in the runner's output. A shell's start-up files may print more after it. Earlier versions printed it as
 * the last line, without the word `outcome`.
 */
export function outcomeOf(printed: string): string {
  const lines = printed.trimEnd().split("\n");
  return (lines.findLast((line) => line.startsWith(OUTCOME)) ?? lines.pop() ?? "").replace(OUTCOME, "");
}
const OUTCOME = "outcome: ";

async function requestOf(plan: Plan, owner: string): Promise<Request | undefined> {
  const secrets: Record<string, string> = {};
  for (const [key, value] of Object.entries(plan.secrets ?? {})) {
    const clear = await valueIfKnown(value);
    if (clear !== undefined) secrets[key] = clear;
    else if (!plan.looksWithoutSecrets) return undefined;
  }
  return { plan, owner, secrets };
}

/** Whether this stack has converged the host. Only for a step without a receipt the state is read. */
async function historyOf(host: ReachedHost, seen: Observation | undefined): Promise<History> {
  if (host.facts.owner === "" && !host.facts.installed) return "none";
  return seen?.token !== "" || (await host.converged()) ? "converged" : "unfinished";
}

async function upstreamOf({
  follows = [],
  followsChangesOf = [],
  dependsOn = [],
}: StepOptions): Promise<Upstream & { readonly level: Level }> {
  const before = [...dependsOn.filter((resource) => resource instanceof Step), ...follows, ...followsChangesOf];
  const levels = new Map(await Promise.all(before.map(async (step) => [step, await step.level] as const)));
  const concerned = [
    ...follows.filter((step) => levels.get(step) !== "none"),
    ...followsChangesOf.filter((step) => levels.get(step) === "change"),
  ];
  return {
    follows: concerned.map(({ logicalName }) => logicalName),
    level: concerned.some((step) => levels.get(step) === "change")
      ? "change"
      : concerned.length > 0
        ? "repair"
        : "none",
    eased: (await Promise.all(concerned.map((step) => step.eased))).every(Boolean),
    planned: [...levels].filter(([, level]) => level !== "none").map(([{ logicalName }]) => logicalName),
  };
}
