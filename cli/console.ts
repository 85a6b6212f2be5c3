/** `npm run realm -- console`, and what is made of it. */
import { createInterface } from "node:readline/promises";
import { type Answer, answerIn, question, unfit, worldAction } from "../actions/soap";
import { Failure } from "../program/failure";
import { ENDED } from "./ended";
import { causeIn, OnHost, type Running } from "./on-host";
import type { StackOptions } from "./stack-options";

export interface ConsoleOptions extends StackOptions {
  /** How long an answer is waited for, in seconds. */
  readonly timeout: number;
  readonly json?: boolean;
}

/** The worldserver, asked one thing after the other over one connection. */
class World {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly host: OnHost,
    private readonly running: Running,
    private readonly seconds: number,
  ) {
    this.lines = running.lines;
  }

  static async reach(options: ConsoleOptions): Promise<World> {
    const host = await OnHost.reach(options);
    const running = await host.begin(worldAction(host.settings, host.stack, options.timeout));
    return new World(host, running, options.timeout);
  }

  async ask(command: string): Promise<Answer> {
    const wrong = unfit(command);
    if (wrong) return { end: "refused", text: wrong };
    this.running.say(question(command));
    const { value, done } = await this.lines.next();
    if (!done) return answerIn(value, this.seconds);
    const { code, stderr } = await this.running.ended;
    throw new Failure(causeIn(stderr, code, this.host.settings.host.address));
  }

  leave(): void {
    this.running.hush();
    this.host.close();
  }
}

const codes: Readonly<Record<Answer["end"], number>> = { done: ENDED.well, refused: ENDED.no, unknown: ENDED.unknown };

/** What is said goes where it belongs: an answer to stdout, what went wrong to stderr. */
function tell({ end, text }: Answer, json = false): void {
  if (json) console.log(JSON.stringify({ end, text }));
  else if (end === "done") process.stdout.write(text && `${text}\n`);
  else console.error(text || "the worldserver refused it, and says nothing of why");
}

/** One command; what this program ends with. */
export async function runCommand(command: string, options: ConsoleOptions): Promise<number> {
  const wrong = unfit(command);
  if (wrong) throw new Failure(wrong);
  const world = await World.reach(options);
  try {
    const answer = await world.ask(command);
    tell(answer, options.json);
    return codes[answer.end];
  } finally {
    world.leave();
  }
}

/** On a terminal a console; else each line of what is put in is a command, and it ends as the worst of them. */
export async function openConsole(options: ConsoleOptions): Promise<number> {
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const world = await World.reach(options);
  const console_ = createInterface({
    input: process.stdin,
    output: terminal ? process.stdout : undefined,
    terminal,
    prompt: "TC> ",
    // A password that is typed to the core is kept nowhere: the history ends with this program.
    historySize: 500,
    removeHistoryDuplicates: true,
  });
  let worst: number = ENDED.well;
  if (terminal) {
    console.error("`help` says what the worldserver knows; `quit`, or Ctrl-D, ends this console and nothing else");
    console_.prompt();
  }
  try {
    for await (const line of console_) {
      const command = line.trim();
      if (terminal && /^(quit|exit|logout)$/.test(command)) break;
      if (command !== "") {
        const answer = await world.ask(command);
        tell(answer, options.json);
        worst = Math.max(worst, codes[answer.end]);
      }
      if (terminal) console_.prompt();
    }
  } finally {
    console_.close();
    world.leave();
  }
  return terminal ? ENDED.well : worst;
}
