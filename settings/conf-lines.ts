/** How TrinityCore's servers read a conf: its lines, and the environment variables that override them. */

const wordSeparator = /[ .-]/;
const upper = /[A-Z]/;
const digit = /[0-9]/;

/**
 * The TC_* variable that overrides a key. The core puts `_` for each separator, before a capital after a small letter,
 * and where digits begin or end.
 */
export function environmentName(key: string): string {
  let name = "TC_";
  for (let at = 0; at < key.length; at++) {
    const [character, next] = [key.charAt(at), key.charAt(at + 1)];
    if (wordSeparator.test(character)) {
      name += "_";
      continue;
    }
    const border = (!upper.test(character) && upper.test(next)) || digit.test(character) !== digit.test(next);
    name += character.toUpperCase() + (next !== "" && border ? "_" : "");
  }
  return name;
}

/** False for appenders, loggers and thresholds: the core looks for their names in its files only. */
export const mayComeFromEnvironment = (key: string): boolean => !/^(Appender|Logger|Metric\.Threshold)\./.test(key);

/** What a C++ stream reads as a number. The core reads a text that looks like this without quotes as well. */
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A line of a conf. The core reads numbers only without quotes, and keeps the outer spaces of texts only within quotes.
 * `server/kinds/config.sh` treats what needs the type of the key, which only the release's `.conf.dist` tells.
 * @throws Error for a value with a quote or a control character
 */
export function settingLine(key: string, value: string | number): string {
  const text = String(value);
  if (/["\p{Cc}]/u.test(text)) throw new Error(`${key} may not contain '"' or control characters`);
  return `${key} = ${number.test(text) ? text : `"${text}"`}`;
}
