/** How a plan becomes the text of a command. */
import { Failure } from "../program/failure";
import { STATE_DIR } from "./places";
import type { Plan, Value } from "./plan";

/**
 * A text in characters that mean nothing to any login shell (tcsh and fish take what is quoted for something else than
 * bash does): a blank is `+`, a line's end `,`, and what else could mean something a percent sign with two hex digits
 * for each byte. `server/run/step.sh` decodes it.
 */
export function shellSafe(text: string): string {
  const encoded = text.replaceAll(/[^A-Za-z0-9_./:@=-]/gu, (character) => {
    if (character === " ") return "+";
    if (character === "\n") return ",";
    return percent(Buffer.from(character));
  });
  // zsh may be told to take it for the name of a program where a word begins.
  return encoded.replaceAll(/(^|[=:,])=/g, (_, before) => `${before}%3D`);
}

/** Each byte as a percent sign and two hex digits. */
export const percent = (bytes: Buffer): string =>
  [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

/** `key=value` of a plan, sorted, so that the same plan is always the same text. */
export function argPairs(args: Plan["args"]): [key: string, value: string][] {
  return Object.keys(args)
    .sort()
    .map((key) => [key, plain(args[key] as Value)]);
}

function plain(value: Value): string {
  return typeof value === "object" ? value.join("\n") : String(value);
}

/** The same as words of a command. */
export const argWords = (args: Plan["args"]): string[] =>
  argPairs(args).map(([key, value]) => `${key}=${shellSafe(value)}`);

/** The kernel takes at most 128 KiB as one word of a program, and sshd hands a command on as one. */
const TEXT_LIMIT = 120 * 1024;

/** @throws Failure naming the step and its longest parameter, when they do not fit into a command */
export function refuseTooLong(step: string, words: readonly string[]): void {
  const size = words.reduce((sum, word) => sum + word.length + 1, 0);
  if (size <= TEXT_LIMIT) return;
  const longest = words.reduce((one, other) => (other.length > one.length ? other : one));
  throw new Failure(
    `what the step ${step} is told is too long for a command: ${Math.ceil(size / 1024)} KiB, at most ${TEXT_LIMIT / 1024} can be sent; ` +
      `most of it is "${longest.slice(0, longest.indexOf("="))}": shorten what the stack config says there`,
  );
}

/**
 * A receipt carries what undoes it; without one there is nothing of ours to undo. Quoted like this, on one line and
 * without a backslash, an apostrophe or an exclamation mark in it, a text is the same to every login shell. Whether
 * sudo is needed is seen only then, as the text stays what it was when the resource was made, whoever logs in by now.
 */
export function undoWords(step: string, birth: string): string {
  const undo = `${STATE_DIR}/receipts/${step}/undo`;
  const asWhom = 'if test "$(id -u)" = 0; then exec /bin/sh -c "$0" "$@"; else exec sudo -n /bin/sh -c "$0" "$@"; fi';
  return `/bin/sh -c '${asWhom}' 'if test -e ${undo}; then exec bash ${undo} "$@"; fi' undo ${birth}`;
}
