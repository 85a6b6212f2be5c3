import { randomBytes } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { asRoot } from "../ssh/shell";
import { argWords, refuseTooLong, undoWords } from "./command-text";
import { decide, type Level, tokenFor } from "./decide";
import { delivered } from "./delivery";
import { type History, tell, type Upstream, written } from "./findings";
import { type Host, valueIfKnown } from "./host";
import type { Observation, Request } from "./observation";
import { LIBEXEC } from "./places";
import type { Plan } from "./plan";

/** What a component may say beyond its plan. */
export interface StepOptions extends Omit<pulumi.ComponentResourceOptions, "dependsOn"> {
  readonly dependsOn?: readonly pulumi.Resource[];
  /** Steps whose every change or repair may leave this one off the mark: it is checked after them. */
  readonly follows?: readonly Step[];
  /** Steps of which only a change concerns this one; a repair brings back what it was made with. */
  readonly followsChangesOf?: readonly Step[];
}

/** How a step reaches the server when it is not through the installed runner (the runner's own installation). */
export interface Delivery {
  readonly runner: string;
  readonly stdin: string;
}

/**
 * One thing the stack manages on the server. While the program runs the server is looked at; as the plan wants it: the
 * receipt's token is repeated and nothing is planned. Otherwise the command gets a new token, which plans an update,
 * and a warning says in words what differs. On the server the runner (`server/run/step.sh`) observes, applies, observes
 * again, and only then writes the receipt.
 */
export class Step extends pulumi.ComponentResource {
  /** What this run plans for it. */
  readonly level: Promise<Level>;
  /** What was observed as worth knowing though as it should be. */
  readonly hints: Promise<readonly string[]>;
  readonly logicalName: string;
  /** How the thing is, in a few words: as it was seen, or as its command left it where this run has one. */
  readonly outcome: pulumi.Output<string>;
  /** The command has run, or there was none to run. */
  private readonly done: Promise<unknown>;

  constructor(type: string, name: string, host: Host, plan: Plan, options: StepOptions = {}, delivery?: Delivery) {
    const { follows = [], followsChangesOf = [], dependsOn = [], ...rest } = options;
    super(type, name, {}, rest);
    this.logicalName = name;
    // With the stack in it: a stack whose server was taken over must not undo what is another's now.
    const owner = `${host.stack}/${type}/${name}`;
    const seen = host.observe(requestOf(plan, owner));
    this.hints = seen.then((observation) => observation?.hints ?? []);
    const decided = Promise.all([seen, upstreamOf(options)]).then(([observation, upstream]) => {
      const decision = decide(observation, upstream.level);
      return { observation, upstream, decision, token: tokenFor(observation, decision) };
    });
    this.level = decided.then(({ decision }) => decision.level);
    // Without a listener a failed look would end the program before the error below is told.
    for (const promise of [this.level, this.hints]) promise.catch(() => {});

    const before = [...dependsOn, ...follows, ...followsChangesOf];
    const token = pulumi.output(
      decided.then(async ({ observation, upstream, decision, token }) => {
        const history = await historyOf(host, observation);
        const { warnings, infos } = tell(observation, decision, { upstream, effect: plan.effect, history });
        if (warnings.length > 0) void pulumi.log.warn(written(warnings), this);
        if (infos.length > 0) void pulumi.log.info(written(infos), this);
        const steps = before.filter((resource) => resource instanceof Step);
        // Otherwise no command is run.
        if (decision.renewed) await host.connections.turn(() => Promise.all(steps.map((step) => step.done)));
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
        stdin: delivery ? pulumi.secret(delivery.stdin) : delivered(plan),
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        provider: host.provider,
        // On the command itself: children do not inherit what their component depends on.
        dependsOn: before,
        // They keep the birth they were made with, but for one that is replaced: made anew before the old one is
        // deleted, which then knows that it is not the one that has the thing.
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
 * The runner's own line; what a shell's start-up files print may come after it, and an earlier version printed it
 * without its name.
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

/** The state is asked only where it matters: when a step has never come to its end here. */
async function historyOf(host: Host, seen: Observation | undefined): Promise<History> {
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
    planned: [...levels].filter(([, level]) => level !== "none").map(([{ logicalName }]) => logicalName),
  };
}
