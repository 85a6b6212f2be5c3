/** How TrinityCore reads its settings: the line in a .conf, and the environment variable that overrides it. */

const separator = /[ .-]/;
const upper = /[A-Z]/;
const digit = /[0-9]/;

/**
 * A key as TC_* variable: words are cut at separators, before a capital that follows none, and where digits begin or
 * end.
 */
export function environmentName(key: string): string {
  let name = "TC_";
  for (let at = 0; at < key.length; at++) {
    const [character, next] = [key.charAt(at), key.charAt(at + 1)];
    if (separator.test(character)) {
      name += "_";
      continue;
    }
    const border = (!upper.test(character) && upper.test(next)) || digit.test(character) !== digit.test(next);
    name += character.toUpperCase() + (next !== "" && border ? "_" : "");
  }
  return name;
}

/** Appenders, loggers and thresholds are found by their prefix in the files: a variable alone adds none. */
export const mayComeFromEnvironment = (key: string): boolean => !/^(Appender|Logger|Metric\.Threshold)\./.test(key);

/** What a C++ stream reads as a number; a text that looks like one is the same text without quotes. */
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Numbers are read only without quotes, texts keep their outer spaces only with them. Where more than that is to be
 * known of a key (a number with spaces, a switch), the server decides, which has the release's own `.conf.dist`.
 */
export function settingLine(key: string, value: string | number): string {
  const text = String(value);
  if (/["\p{Cc}]/u.test(text)) throw new Error(`${key} may not contain '"' or control characters`);
  return `${key} = ${number.test(text) ? text : `"${text}"`}`;
}
