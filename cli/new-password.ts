import { createInterface } from "node:readline";
import { Failure } from "../program/failure";
import { accountPassword } from "../settings/accounts";
import { askHiddenTwice, onTerminal } from "./ask";

/** What is wrong with it, in words; the core would not take it. */
const problem = (password: string): string | undefined =>
  password === "" ? "may not be empty" : accountPassword(password);

/**
 * A new password of an account: asked for twice on the terminal, which does not show it; or the first line of standard
 * input, for scripts. It is never a word of the command, as other users of this machine could read that.
 * @throws Failure where there is none, and where the core would not take that of the input
 */
export async function newPassword(name: string, fromInput: boolean): Promise<string> {
  if (!fromInput && !onTerminal())
    throw new Failure(
      "the password is asked for on a terminal, and there is none; with --password-stdin it is the first line of the input",
    );
  if (!fromInput) return askHiddenTwice(`New password of ${name}`, problem);
  const password = await firstLine();
  const wrong = problem(password);
  if (wrong) throw new Failure(`the password ${wrong}`);
  return password;
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new Failure("the input has no password in its first line; nothing was changed");
}
