import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { Failure } from "../program/failure";
import { accountPassword } from "../settings/accounts";

/**
 * A new password of an account: asked for twice on the terminal, which does not show it; or the first line of standard
 * input, for scripts. It is never a word of the command, as other users of this machine could read that.
 * @throws Failure where there is none, where the two are not the same, and where the core would not take it
 */
export async function newPassword(name: string, fromInput: boolean): Promise<string> {
  if (!fromInput && !process.stdin.isTTY)
    throw new Failure(
      "the password is asked for on a terminal, and there is none; with --password-stdin it is the first line of the input",
    );
  const password = await (fromInput ? firstLine() : twice(name));
  const wrong = password === "" ? "may not be empty" : accountPassword(password);
  if (wrong) throw new Failure(`the password ${wrong}`);
  return password;
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    return await next(lines[Symbol.asyncIterator]());
  } finally {
    lines.close();
  }
}

async function twice(name: string): Promise<string> {
  const lines = unseen();
  const answers = lines[Symbol.asyncIterator]();
  const ask = async (prompt: string): Promise<string> => {
    process.stderr.write(prompt);
    const answer = await next(answers);
    process.stderr.write("\n");
    return answer;
  };
  try {
    const password = await ask(`New password of ${name}: `);
    if ((await ask("The same again: ")) !== password)
      throw new Failure("the two are not the same; nothing was changed");
    return password;
  } finally {
    lines.close();
  }
}

/** Lines of the terminal, which this library shows itself, here to nobody. */
function unseen(): Interface {
  const nobody = new Writable({ write: (_text, _encoding, done) => done() });
  return createInterface({ input: process.stdin, output: nobody, terminal: true, historySize: 0 });
}

/** Ctrl-C and Ctrl-D end the input. */
async function next(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Failure("no password was given; nothing was changed");
  return value;
}
