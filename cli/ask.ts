/** Questions on the operator's terminal. They go to stderr, so that what a verb prints stays clean. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Failure } from "../program/failure";

export const onTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** What is wrong with an answer, in words; undefined when nothing is. */
type Check = (answer: string) => string | undefined;
const given: Check = (answer) => (answer === "" ? "it must be given" : undefined);

type Ask = (question: string) => Promise<string>;

/**
 * Asks questions, one after the other; what is typed ahead counts for the next one.
 * @param hidden whether the answers must not be seen
 * @throws Failure when the operator ends it with Ctrl-C or Ctrl-D
 */
async function asking<T>(hidden: boolean, what: (ask: Ask) => Promise<T>): Promise<T> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  // From here on the terminal itself echoes nothing, so the question comes after it.
  const terminal = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  const lines = terminal[Symbol.asyncIterator]();
  const ask: Ask = async (question) => {
    if (hidden) process.stderr.write(question);
    else {
      terminal.setPrompt(question);
      terminal.prompt();
    }
    const { value, done } = await lines.next();
    if (hidden || done) process.stderr.write("\n");
    if (done) throw new Failure("stopped; nothing was changed");
    return value;
  };
  try {
    return await what(ask);
  } finally {
    terminal.close();
  }
}

/** Asks until the answer will do; an empty one stands for the proposal. */
export async function askText(question: string, proposal: string, check: Check = () => undefined): Promise<string> {
  return asking(false, async (ask) => {
    for (;;) {
      const answer = (await ask(`${question}${proposal ? ` [${proposal}]` : ""}: `)).trim() || proposal;
      const problem = given(answer) ?? check(answer);
      if (problem === undefined) return answer;
      console.error(`  ${problem}`);
    }
  });
}

/** Asks without showing what is typed. */
export const askHidden = (question: string): Promise<string> => asking(true, (ask) => ask(`${question}: `));

/** Asks twice, until both are the same and will do. */
export async function askHiddenTwice(question: string, check: Check = given): Promise<string> {
  return asking(true, async (ask) => {
    for (;;) {
      const answer = await ask(`${question}: `);
      const problem = check(answer);
      if (problem === undefined && answer === (await ask(`${question}, once more: `))) return answer;
      console.error(`  ${problem ?? "these two are not the same"}`);
    }
  });
}
