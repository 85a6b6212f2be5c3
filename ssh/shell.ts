/** What is said to a server: commands that every login shell hands on as they are, and scripts for a bash to read. */
import { randomBytes } from "node:crypto";

/**
 * One word of a script that bash reads, whatever it holds. In a command's text it has no place: not every login shell
 * is like bash.
 */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command for root: sudo never asks here (`-n`), it fails. */
export function asRoot(user: string, words: string): string {
  return user === "root" ? words : `sudo -n ${words}`;
}

/** A bash that reads its script from stdin: a command that has nothing to be quoted. */
export const bashReads = (...words: readonly string[]): string => ["/bin/bash -s", ...words].join(" ");

/** A command for root that reads a script, and what it says before anything else. */
export interface Marked {
  readonly command: string;
  /** First line of the script, with its end. */
  readonly first: string;
  /** What comes before it on stdout is somebody else's: start-up files of a shell, a message of the day. */
  readonly mark: string;
}

/**
 * The mark is random, so that nothing can have said it before, and only half of it is on either way: a program that
 * echoes its input, or a shell that reads the script instead of the bash that was asked for, cannot say it.
 */
export function marked(user: string): Marked {
  const [half, other] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
  return {
    command: asRoot(user, bashReads(half)),
    first: `set -- "$1"${other}; printf '%s\\n' "$1"; test "$1" != ${other} || exit 1\n`,
    mark: `${half}${other}`,
  };
}
