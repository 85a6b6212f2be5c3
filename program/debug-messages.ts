import { log } from "@pulumi/pulumi";
import { engineCommand } from "./engine-command";

/** What comes behind one of these is a value, or was made of values. */
const value =
  /\b(resp: |err: (?!(?:null|undefined)\b)|(?:primitive|function|obj|props|outputs|err)=|free variables: ).*/s;

/**
 * A debug message of the SDK without the values in it: the engine takes from one only what is a secret of the config,
 * and only as it stands there, not a password that was made at random, and nothing on its way in base64.
 */
export const masked = (message: string): string => message.replace(value, "$1[not shown]");

/** Whether the engine was asked for debug messages. */
export const asked = (...where: Parameters<typeof engineCommand>): boolean =>
  engineCommand(...where)?.args.some((arg) => /^(-[a-z]*d[a-z]*|--debug(=true)?)$/.test(arg)) ?? false;

const { debug } = log;
/** Nobody sees them without `--debug`, but each is a call to the engine all the same, and waits for the one before. */
export const told: typeof log.debug = asked()
  ? (message, ...more) => debug(masked(message), ...more)
  : () => Promise.resolve();

Object.assign(log, { debug: told });
