/** What verbs have in common. */
import { type Command, InvalidArgumentError } from "commander";

/** The options of a verb that reads the stack's config, and has to do with all that is in it. */
export const ofWholeStack = (verb: Command): Command =>
  verb
    .option("-s, --stack <name>", "the stack; that which is selected when not given")
    .option("--config-file <file>", "its config file")
    .option("-C, --cwd <folder>", "as if started in this folder");

/** The options of a verb that has to do with the stack's realm. */
export const ofStack = (verb: Command): Command =>
  ofWholeStack(verb).option("--realm <name>", "the realm: its name in the config or in the client's list");

export const inJson = (verb: Command): Command => verb.option("--json", "for machines: one JSON value");

/** What this program ends with (`ENDED`). */
export const ends = (code: number): void => {
  process.exitCode = code;
};

/** Reads a whole number. */
export function whole(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}
