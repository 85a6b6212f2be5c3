import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { log } from "@pulumi/pulumi";

/** What comes behind one of these is a value, or was made of values. */
const value =
  /\b(resp: |err: (?!(?:null|undefined)\b)|(?:primitive|function|obj|props|outputs|err)=|free variables: ).*/s;

/**
 * A debug message of the SDK without the values in it: the engine takes from one only what is a secret of the config, and only as it stands
 * there, not a password that was made at random, and nothing on its way in base64.
 */
export const masked = (message: string): string => message.replace(value, "$1[not shown]");

/** Whether the engine was asked for debug messages. It tells no program; on Linux its command line can be seen. */
export function asked(pid = process.ppid, read = (file: string) => readFileSync(file, "utf8")): boolean {
  try {
    for (let at = pid; at > 1; at = Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${at}/status`))?.[1])) {
      const [program = "", ...args] = read(`/proc/${at}/cmdline`).split("\0");
      if (basename(program) === "pulumi") return args.some((arg) => /^(-[a-z]*d[a-z]*|--debug(=true)?)$/.test(arg));
    }
  } catch {
    // Another system, or an engine that is not there to be seen.
  }
  return false;
}

const { debug } = log;
/** Nobody sees them without `--debug`, but each is a call to the engine all the same, and waits for the one before. */
export const told: typeof log.debug = asked()
  ? (message, ...more) => debug(masked(message), ...more)
  : () => Promise.resolve();

Object.assign(log, { debug: told });
