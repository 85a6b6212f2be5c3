import { log } from "@pulumi/pulumi";

/** A debug message of the SDK without what the engine answered: that is a whole resource, its secrets in clear. */
export const withoutAnswer = (message: string): string => message.replace(/, resp: .*$/s, "");

// `--debug` and `-v` show these messages, and from them the engine takes only what is a secret of the config, and only as it stands there:
// not a password that was made at random, and nothing on its way in base64.
const { debug } = log;
Object.assign(log, {
  debug: ((message, ...rest) => debug(withoutAnswer(message), ...rest)) satisfies typeof debug,
});
