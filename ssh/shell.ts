/** Texts for the host: commands that mean the same to every login shell, and scripts that a bash reads. */
import { randomBytes } from "node:crypto";

/**
 * Quotes any text as one word of a bash script. It is not for commands: other login shells quote differently.
 */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command for root. With `-n` sudo fails where it would ask for a password. */
export function asRoot(user: string, words: string): string {
  return user === "root" ? words : `sudo -n ${words}`;
}

/** Starts a bash that reads its script from stdin, so that the command itself needs no quotes. */
export const bashReads = (...words: readonly string[]): string => ["/bin/bash -s", ...words].join(" ");

/** A command for root that reads a script, and the mark that the script prints first. */
export interface MarkedCommand {
  readonly command: string;
  /** The script's first line, with its line break. */
  readonly first: string;
  /** What stdout has before the mark comes from start-up files of the login shell and the like. */
  readonly mark: string;
}

/**
 * Makes a command with a random mark. Half of the mark is in the command, half in the script: a program that echoes its
 * input, or a shell that reads the script in the place of bash, cannot print the whole.
 */
export function markedCommand(user: string): MarkedCommand {
  const [half, other] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
  return {
    command: asRoot(user, bashReads(half)),
    first: `set -- "$1"${other}; printf '%s\\n' "$1"; test "$1" != ${other} || exit 1\n`,
    mark: `${half}${other}`,
  };
}
