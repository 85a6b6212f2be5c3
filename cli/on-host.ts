/** The way of a verb to the host: the stack's config, one SSH connection, and an action on it. */
import "../program/start";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Action, actionLine, forActions } from "../actions/action";
import { asked, type WithLayout, withLayout } from "../components/layout";
import { Failure } from "../program/failure";
import { loadSettings, type Settings } from "../settings";
import { endpointOf } from "../ssh/endpoint";
import { noAnswer, runMarked, untilMark } from "../ssh/marked-script";
import { type Endpoint, Session } from "../ssh/session";
import { markedCommand } from "../ssh/shell";
import { whySudoFails } from "../ssh/sudo";
import { pack, serverScripts } from "../steps/bundle";
import { ownedByAnother } from "../steps/harm";
import { askFacts } from "../steps/look";
import { stackConfig } from "./stack";
import { engineArgs, refuseOtherRealm, type StackOptions } from "./stack-options";

/** Under which name a stack has a host: its project's, and its own. */
export function ownerName(stack: string, { cwd = "." }: Pick<StackOptions, "cwd">): string {
  const [, project = ""] = /^name: *"?([\w.-]+)/m.exec(readFileSync(join(cwd, "Pulumi.yaml"), "utf8")) ?? [];
  return `${project}/${stack.split("/").at(-1)}`;
}

/**
 * The stack that is meant: its settings, and the name under which it has its host.
 * @throws an error where its config is wrong, or it has no such realm
 */
export async function chosenStack(
  options: StackOptions,
): Promise<{ readonly settings: Settings; readonly stack: string }> {
  const { name, source } = await stackConfig(engineArgs(options));
  const settings = loadSettings(source);
  refuseOtherRealm(options, name, settings);
  return { settings, stack: ownerName(name, options) };
}

/** An action that goes on: what it is told further, what it says, and how it ends. */
export interface Running {
  say(text: string): void;
  /** What a file has, to its end; nothing more is said after it. */
  send(file: Readable): Promise<void>;
  /** Nothing more is said to it. */
  hush(): void;
  readonly lines: AsyncIterableIterator<string>;
  /** The same as it comes, where it is no text. */
  readonly output: Readable;
  /** What it ended with, and what it said of that: the cause in the first line, where it failed. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** The stack's host, reached as the config says, and the names that its things have there. */
export interface Reached {
  readonly settings: WithLayout;
  readonly endpoint: Endpoint;
  readonly session: Session;
  readonly begin: OnHost["begin"];
  readonly run: OnHost["run"];
}

/** Does something on the host, and ends the connection. */
export async function withHost<T>(options: StackOptions, what: (host: OnHost) => Promise<T>): Promise<T> {
  const host = await OnHost.reach(options);
  try {
    return await what(host);
  } finally {
    host.close();
  }
}

/** The same with the names that the realm's things have there. */
export const onHost = <T>(options: StackOptions, what: (reached: Reached) => Promise<T>): Promise<T> =>
  withHost(options, async (host) => what(await host.reached()));

export class OnHost {
  private constructor(
    readonly settings: Settings,
    /** "project/stack": who owns the host. */
    readonly stack: string,
    private readonly endpoint: Endpoint,
    private readonly session: Session,
  ) {}

  /** @throws an error with one sentence where the config, the way to the host or the login is wrong */
  static async reach(options: StackOptions): Promise<OnHost> {
    const { settings, stack } = await chosenStack(options);
    const { endpoint } = await endpointOf(settings);
    const session = await Session.open(endpoint, { tell: (text) => console.error(text) });
    return new OnHost(settings, stack, endpoint, session);
  }

  async begin(action: Action): Promise<Running> {
    const archive = await pack(forActions(serverScripts()));
    const script = markedCommand(this.endpoint.user);
    const channel = await this.session.stream(script.command);
    let stderr = "";
    channel.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    let code: number | null = null;
    channel.on("exit", (status: number | null) => {
      code = status;
    });
    // It comes also where the connection is lost.
    const ended = new Promise<void>((resolve) => channel.once("close", resolve));
    channel.write(`${script.first}${actionLine(action, archive)}`);
    channel.write(archive);
    await untilMark(channel, script.mark).catch(() => this.explain());
    let lines: AsyncIterableIterator<string> | undefined;
    return {
      say: (text) => void channel.write(text),
      send: (file) => pipeline(file, channel),
      hush: () => channel.end(),
      output: channel,
      // Until somebody reads them the channel holds them back.
      get lines() {
        lines ??= createInterface({ input: channel, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
        return lines;
      },
      ended: ended.then(() => ({ code, stderr })),
    };
  }

  /**
   * To its end.
   * @param told all that the action is told further
   * @throws Failure with the cause where it fails
   */
  async run(action: Action, hears: (line: string) => void = () => {}, told = ""): Promise<string> {
    const running = await this.begin(action);
    running.say(told);
    running.hush();
    const said: string[] = [];
    for await (const line of running.lines) {
      said.push(line);
      hears(line);
    }
    const { code, stderr } = await running.ended;
    if (code !== 0) throw new Failure(causeIn(stderr, code, this.endpoint.host));
    return said.join("\n");
  }

  /**
   * The connection, with what everything on the host is called: a realm's names depend on what the host has.
   * @throws Failure where another stack has the host
   */
  async reached(): Promise<Reached> {
    const { settings, endpoint, session } = this;
    const facts = await askFacts(session, endpoint, settings, asked(settings));
    const other = ownedByAnother(facts, this.stack, settings.host);
    if (other) throw new Failure(other);
    return {
      ...{ settings: withLayout(settings, facts), endpoint, session },
      ...{ begin: (action) => this.begin(action), run: (...action) => this.run(...action) },
    };
  }

  close(): void {
    this.session.close();
  }

  /** Why nothing is come to on this host: the same way is gone once more, with nothing to do at its end. */
  private async explain(): Promise<never> {
    const { user, host } = this.endpoint;
    const again = markedCommand(user);
    const answer = await runMarked(this.session, this.endpoint, again, `${again.first}echo end\n`, "end\n");
    if (answer.stdout) throw new Failure(`${host} ended the command before it began; run it again`);
    throw new Failure((await whySudoFails(this.session, user, answer)) ?? noAnswer(this.endpoint, again, answer));
  }
}

/** An action's own words for why it failed (`die` of server/lib/core.sh), or what is known besides. */
export function causeIn(stderr: string, code: number | null, host: string): string {
  const lines = stderr.trim().split("\n");
  const at = lines.findIndex((line) => line.startsWith("error: "));
  if (at >= 0) return [lines[at]?.slice(7), ...lines.slice(at + 1)].join("\n");
  if (code === null)
    return `the SSH connection to ${host} was lost; what was begun there may go on: npm run realm -- status`;
  return `it failed on ${host} (${code})${stderr.trim() ? `: ${lines.at(-1)}` : ""}`;
}
