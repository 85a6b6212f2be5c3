/** The kinds of keys: each reads a value of the config and returns it as the program uses it. */
import * as pulumi from "@pulumi/pulumi";

/** What is wrong with a value, in words; undefined when nothing is. */
export type Rule<T = string> = (value: T) => string | undefined;

export type Secret = pulumi.Output<string>;
export type Scalars = Readonly<Record<string, string>>;
/** Keys of a server's conf with their values; those that are secret in the stack config are secret here. */
export type ServerSettings = Readonly<Record<string, string | Secret>>;

export type Server = "authserver" | "worldserver";

/** What may be declared of a key of any kind. */
export interface About {
  readonly unit?: string;
  /** The servers that a change restarts; none when left out. */
  readonly restarts?: readonly Server[];
}

/** A key of the config, as the schema declares it. */
export interface Key<T> extends About {
  readonly kind: "text" | "number" | "flag" | "list" | "map" | "secret";
  readonly default: string | number | boolean | readonly string[] | Scalars;
  /** What the key is, in one sentence. */
  readonly sentence: string;
  /** What a text, or each part of a list or a map, is judged by. */
  readonly rule?: Rule<never>;
  /** A map whose single values may be secret. */
  readonly secretEntries?: boolean;
  /** @throws Refusal */
  readonly read: (given: unknown) => T;
}

/** Thrown for a value that is refused; the message says why. */
export class Refusal extends Error {}

/** Thrown for a map with refused entries; says for each name why. */
export class RefusedEntries extends Refusal {
  constructor(readonly entries: readonly (readonly [name: string, problem: string])[]) {
    super(entries.map(([name, problem]) => `${name} ${problem}`).join("\n"));
  }
}

const refuse = (problem: string): never => {
  throw new Refusal(problem);
};

/** A value for a message: quoted, shortened, with control characters escaped. */
export const show = (value: string): string =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value).replace(
    /[^\P{C}]|[\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value instanceof Object && !Array.isArray(value);

const NOTHING = "has no value: give it one, or take its line out";

/**
 * The text of a single value. `config set --path` makes a number or a boolean of what looks like one; a fraction may
 * have lost digits on its way through YAML, so it is refused.
 */
function asText(given: unknown): string {
  if (typeof given === "string") return given;
  if (given === null || given === undefined) return refuse(NOTHING);
  if (given instanceof Object) return refuse(`must be text, not a ${Array.isArray(given) ? "list" : "map"}`);
  if (typeof given === "number" && !Number.isSafeInteger(given)) return refuse("is a number: put it in quotes");
  return String(given);
}

const accepted = (text: string, rule: Rule): string => {
  const problem = rule(text);
  return problem === undefined ? text : refuse(problem);
};

/** Text that must be set. */
export const required = (rule: Rule, sentence: string, about: About = {}): Key<string> => ({
  ...{ kind: "text", default: "", rule, sentence, ...about },
  read: (given) => {
    const value = asText(given);
    return value.trim() === "" ? refuse("missing") : accepted(value, rule);
  },
});

interface TextAbout extends About {
  readonly default?: string;
  readonly tidy?: (text: string) => string;
}

/** Text with a default; an empty value is checked only when the default is not empty. */
export function text(rule: Rule, sentence: string, { tidy, ...about }: TextAbout = {}): Key<string> {
  const standard = about.default ?? "";
  return {
    ...{ kind: "text", rule, sentence, ...about, default: standard },
    read: (given) => {
      const value = asText(given);
      if (value === "") return standard === "" ? value : refuse("may not be empty");
      return tidy ? tidy(accepted(value, rule)) : accepted(value, rule);
    },
  };
}

/** Text that becomes a secret output as soon as it is read. */
export const secret = (
  rule: Rule,
  sentence: string,
  { tidy = (value: string) => value, ...about }: Omit<TextAbout, "default"> = {},
): Key<Secret | undefined> => ({
  ...{ kind: "secret", default: "", rule, sentence, ...about },
  read: (given) => {
    const value = asText(given);
    return value === "" ? undefined : pulumi.secret(tidy(accepted(value, rule)));
  },
});

export const oneOf = <const T extends string>(
  choices: readonly T[],
  standard: T,
  sentence: string,
  about: About = {},
): Key<T> => ({
  ...{ kind: "text", default: standard, sentence, ...about },
  read: (given) => {
    const value = asText(given);
    const found = choices.find((choice) => choice === value);
    return found ?? refuse(`must be one of ${choices.join(", ")}, not ${show(value)}`);
  },
});

export const integer = (
  [min, max]: readonly [number, number],
  standard: number,
  sentence: string,
  about: About = {},
): Key<number> => ({
  ...{ kind: "number", default: standard, sentence, ...about },
  read: (given) => {
    const value = typeof given === "number" ? String(given) : asText(given);
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max
      ? number
      : refuse(`must be a whole number from ${min} to ${max}, not ${show(value)}`);
  },
});

export const port = (standard: number, sentence: string, about: About = {}): Key<number> =>
  integer([1, 65535], standard, sentence, about);

export const flag = (sentence: string, about: About = {}): Key<boolean> => ({
  ...{ kind: "flag", default: false, sentence, ...about },
  read: (given) => {
    const value = asText(given);
    return value === "true" || value === "false"
      ? value === "true"
      : refuse(`must be true or false, not ${show(value)}`);
  },
});

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** A list of texts, each different. */
export const list = (rule: Rule, sentence: string, about: About = {}): Key<readonly string[]> => ({
  ...{ kind: "list", default: [], rule, sentence, ...about },
  read: (given) => {
    if (given === null) return refuse(NOTHING);
    if (!isTexts(given)) return refuse(`must be a list of texts, not ${shownValue(given)}`);
    const problems = given.flatMap((item, i) => {
      const problem = given.indexOf(item) < i ? "is listed twice" : rule(item);
      return problem === undefined ? [] : [`${show(item)} ${problem}`];
    });
    return problems.length === 0 ? given : refuse(problems.join("; "));
  },
});

const shownValue = (given: unknown): string => show(typeof given === "string" ? given : JSON.stringify(given));

/** A map of single values. `rule` checks name and value together, and never shows the value, which may be secret. */
export const map = <T = Scalars>(
  rule: Rule<{ name: string; value: string }>,
  sentence: string,
  about: About & { readonly secretEntries?: boolean } = {},
): Key<T> => ({
  ...{ kind: "map", default: {}, rule, sentence, ...about },
  read: (given) => {
    if (given === null) return {} as T;
    if (!isMap(given)) return refuse("must be a map of names and values");
    const values: Record<string, string> = {};
    const problems: [string, string][] = [];
    for (const [name, entry] of Object.entries(given)) {
      const value = scalar(entry);
      const problem = value === undefined ? "must be text, a number, true or false" : rule({ name, value });
      if (problem === undefined) values[name] = value ?? "";
      else problems.push([name, problem]);
    }
    if (problems.length > 0) throw new RefusedEntries(problems);
    return values as T;
  },
});

/**
 * A single value as text, or undefined for anything else. true and false become 1 and 0, which confs and cmake
 * understand everywhere.
 */
export function scalar(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number")
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : `${value}`;
  return typeof value === "string" ? value : undefined;
}
