import { log } from "@pulumi/pulumi";
import { engineCommand } from "./engine-command";

/** After each of these words the SDK writes a value of the program. */
const value =
  /\b(resp: |err: (?!(?:null|undefined)\b)|(?:primitive|function|obj|props|outputs|err)=|free variables: ).*/s;

/**
 * A debug message of the SDK without the values in it. The engine itself hides only the secrets of the config: it
 * shows passwords that were made at random, and secrets in base64.
 */
export const withoutValues = (message: string): string => message.replace(value, "$1[not shown]");

/** Whether the engine was asked for debug messages. */
export const debugWanted = (...where: Parameters<typeof engineCommand>): boolean =>
  engineCommand(...where)?.args.some((arg) => /^(-[a-z]*d[a-z]*|--debug(=true)?)$/.test(arg)) ?? false;

const { debug } = log;
/** Without `--debug` nobody sees the messages; sending none saves a call to the engine for each. */
export const logDebug: typeof log.debug = debugWanted()
  ? (message, ...more) => debug(withoutValues(message), ...more)
  : () => Promise.resolve();

Object.assign(log, { debug: logDebug });
