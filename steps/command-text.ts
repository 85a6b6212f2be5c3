/** How a plan becomes the text of a command. */
import { Failure } from "../program/failure";
import { STATE_DIR } from "./places";
import type { Plan, Value } from "./plan";

/**
 * Encodes a text in characters that mean nothing to any login shell, as tcsh and fish quote differently from bash: a
 * blank becomes `+`, a line break `,`, and each byte of any other special character `%` with two hex digits.
 * `server/run/step.sh` decodes it.
 */
function shellSafe(text: string): string {
  const encoded = text.replaceAll(/[^A-Za-z0-9_./:@=-]/gu, (character) => {
    if (character === " ") return "+";
    if (character === "\n") return ",";
    return percent(Buffer.from(character));
  });
  // zsh may replace `=NAME` at the beginning of a word by a program's path.
  return encoded.replaceAll(/(^|[=:,])=/g, (_, before) => `${before}%3D`);
}

/** Each byte as a percent sign and two hex digits. */
export const percent = (bytes: Buffer): string =>
  [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

/** The parameters of a plan, sorted, so that the same plan always gives the same text. */
export function argPairs(args: Plan["args"]): [key: string, value: string][] {
  return Object.keys(args)
    .sort()
    .map((key) => [key, plain(args[key] as Value)]);
}

function plain(value: Value): string {
  return typeof value === "object" ? value.join("\n") : String(value);
}

/** The parameters as words of a command: `key=value`. */
export const argWords = (args: Plan["args"]): string[] =>
  argPairs(args).map(([key, value]) => `${key}=${shellSafe(value)}`);

/** sshd passes a command on as one argument, and the kernel takes at most 128 KiB for one. */
const TEXT_LIMIT = 120 * 1024;

/** @throws Failure that names the step and its longest parameter, when they do not fit into a command */
export function refuseTooLong(step: string, words: readonly string[]): void {
  const size = words.reduce((sum, word) => sum + word.length + 1, 0);
  if (size <= TEXT_LIMIT) return;
  const longest = words.reduce((one, other) => (other.length > one.length ? other : one));
  throw new Failure(
    `the parameters of the step ${step} are too long for a command: ` +
      `${Math.ceil(size / 1024)} KiB, at most ${TEXT_LIMIT / 1024} can be sent; ` +
      `most of it is "${longest.slice(0, longest.indexOf("="))}": shorten what the stack config says there`,
  );
}

/**
 * The command that undoes a step. The receipt carries its own undo; without a receipt there is nothing to undo. A text
 * in single quotes, on one line, without a backslash, an apostrophe or an exclamation mark, means the same to every
 * login shell. The command itself finds out whether it needs sudo: its text stays as it was when the resource was
 * created, but the user who logs in may have changed since.
 * @param birth names the creation of this resource: an undo with another one does nothing
 */
export function undoWords(step: string, birth: string): string {
  const undo = `${STATE_DIR}/receipts/${step}/undo`;
  const asWhom = 'if test "$(id -u)" = 0; then exec /bin/sh -c "$0" "$@"; else exec sudo -n /bin/sh -c "$0" "$@"; fi';
  return `/bin/sh -c '${asWhom}' 'if test -e ${undo}; then exec bash ${undo} "$@"; fi' undo ${birth}`;
}
