/** What is said to a server: commands that every login shell hands on as they are, and scripts for a bash to read. */
import { randomBytes } from "node:crypto";
import { Failure } from "../failure";
import type { Plan, Value } from "./plan";

/** Where the stack's scripts rest on the server; the kinds of step are in `server/` of this repository. */
export const LIBEXEC = "/usr/local/libexec/trinity-stack";
export const STATE_DIR = "/var/lib/trinity-stack";

/** One word of a script that bash reads, whatever it holds. In a command's text it has no place: not every login shell is like bash. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A text in characters that mean nothing to any login shell (tcsh and fish take what is quoted for something else than bash does): a blank
 * is `+`, a line's end `,`, and what else could mean something a percent sign with two hex digits for each byte. `server/step.sh` decodes it.
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

/** A command for root: sudo never asks here (`-n`), it fails. */
export function asRoot(user: string, words: string): string {
  return user === "root" ? words : `sudo -n ${words}`;
}

/**
 * A receipt carries what undoes it; without one there is nothing of ours to undo. Quoted like this, on one line and without a backslash, an
 * apostrophe or an exclamation mark in it, a text is the same to every login shell. Whether sudo is needed is seen only then, as the text
 * stays what it was when the resource was made, whoever logs in by now.
 */
export function undoWords(step: string, birth: string): string {
  const undo = `${STATE_DIR}/receipts/${step}/undo`;
  const asWhom = 'if test "$(id -u)" = 0; then exec /bin/sh -c "$0" "$@"; else exec sudo -n /bin/sh -c "$0" "$@"; fi';
  return `/bin/sh -c '${asWhom}' 'if test -e ${undo}; then exec bash ${undo} "$@"; fi' undo ${birth}`;
}

/** A bash that reads its script from stdin: a command that has nothing to be quoted. */
export const bashReads = (...words: readonly string[]): string => ["/bin/bash -s", ...words].join(" ");

/**
 * One line of a script: unpacks what follows on stdin (the stack's scripts, a tar.gz) for this one run and starts a script of it.
 * It ends the script, or bash would read on where the archive ends.
 */
export function unpackAndRun(script: string, words: string, decode = ""): string {
  const unpack = `${decode}tar -xz --no-same-owner -C "$d"`;
  return `d=$(mktemp -d /run/trinity-stack.XXXXXX) && trap 'rm -rf "$d"' EXIT && ${unpack} && bash "$d/${script}" ${words}; exit\n`;
}

/** A command for root that reads a script, and what it says before anything else. */
export interface Marked {
  readonly command: string;
  /** First line of the script, with its end. */
  readonly first: string;
  /** What comes before it on stdout is somebody else's: start-up files of a shell, a message of the day. */
  readonly mark: string;
}

/**
 * The mark is random, so that nothing can have said it before, and only half of it is on either way: a program that echoes its input, or
 * a shell that reads the script instead of the bash that was asked for, cannot say it.
 */
export function marked(user: string): Marked {
  const [half, other] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
  return {
    command: asRoot(user, bashReads(half)),
    first: `set -- "$1"${other}; printf '%s\\n' "$1"; test "$1" != ${other} || exit 1\n`,
    mark: `${half}${other}`,
  };
}
