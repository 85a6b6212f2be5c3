/** Questions on the operator's terminal. They go to stderr, so that what a verb prints stays clean. */
import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Failure } from "../program/failure";

export const onTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** What is wrong with an answer, in words; undefined when nothing is. */
type Check = (answer: string) => string | undefined;

/**
 * Asks one question.
 * @param hidden whether the answer must not be seen
 * @throws Failure when the operator ends it with Ctrl-C or Ctrl-D
 */
async function ask(question: string, hidden = false): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  // From here on the terminal itself echoes nothing, so the question comes after it.
  const asking: Interface = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  if (hidden) process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      asking.once("close", () => reject(new Failure("stopped; nothing was written")));
      asking.question(hidden ? "" : question).then(resolve, reject);
    });
  } finally {
    asking.close();
    if (hidden) process.stderr.write("\n");
  }
}

/** Asks until the answer will do; an empty one stands for the proposal. */
export async function askText(question: string, proposal: string, check: Check = () => undefined): Promise<string> {
  for (;;) {
    const answer = (await ask(`${question}${proposal ? ` [${proposal}]` : ""}: `)).trim() || proposal;
    const problem = answer === "" ? "it must be given" : check(answer);
    if (problem === undefined) return answer;
    console.error(`  ${problem}`);
  }
}

/** Asks without showing what is typed. */
export const askHidden = (question: string): Promise<string> => ask(`${question}: `, true);

/** Asks twice, until both are the same. */
export async function askHiddenTwice(question: string): Promise<string> {
  for (;;) {
    const answer = await askHidden(question);
    if (answer !== "" && answer === (await askHidden(`${question}, once more`))) return answer;
    console.error(answer === "" ? "  it must be given" : "  these two are not the same");
  }
}
