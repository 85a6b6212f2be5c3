/** How TrinityCore reads its settings: the line in a .conf, and the environment variable that overrides it. */

const separator = /[ .-]/;
const upper = /[A-Z]/;
const digit = /[0-9]/;

/** A key as TC_* variable: words are cut at separators, before a capital that follows none, and where digits begin or end. */
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

/** Appenders and loggers are found by their prefix in the files: a variable alone adds none. */
export const mayComeFromEnvironment = (key: string): boolean => !/^(Appender|Logger)\./.test(key);

/** Numbers are read only without quotes, texts keep their outer spaces only with them. */
export function settingLine(key: string, value: string | number): string {
  const text = String(value);
  if (/["\p{Cc}]/u.test(text)) throw new Error(`${key} may not contain '"' or control characters`);
  return `${key} = ${/^-?[0-9]+(\.[0-9]+)?$/.test(text) ? text : `"${text}"`}`;
}
