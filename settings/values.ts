/** The kinds of config value. A value reaches the program as text, lists and maps as JSON; a leaf turns it into what the program works with. */
import * as pulumi from "@pulumi/pulumi";

/** What is wrong with a value, in words; undefined when nothing is. */
export type Rule<T = string> = (value: T) => string | undefined;

export type Secret = pulumi.Output<string>;
export type Scalars = Readonly<Record<string, string>>;
/** Keys of a server's .conf; those that are secret in the stack config are secret here. */
export type ServerSettings = Readonly<Record<string, string | Secret>>;

export interface Leaf<T> {
  readonly type: "string" | "integer" | "boolean" | "array" | "object";
  /** As in Pulumi.yaml. */
  readonly default: string | number | boolean | readonly string[] | Scalars;
  readonly secret: boolean;
  /** A map whose single values may be secret. */
  readonly secretEntries?: boolean;
  /** @throws Refusal */
  readonly read: (raw: string) => T;
}

/** Why a text cannot be a key's value; of a map, a line for each entry. */
export class Refusal extends Error {}

const refuse = (problem: string): never => {
  throw new Refusal(problem);
};

/** A value as it may appear in a message: quoted, control characters escaped, not too long. */
export const show = (value: string): string =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value).replace(
    /[^\P{C}]|[\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

function jsonValue(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** Text that must be set. */
export const required = (rule: Rule): Leaf<string> => ({
  type: "string",
  default: "",
  secret: false,
  read: (raw) => {
    const problem = structure(raw) ?? rule(raw);
    return problem === undefined ? raw : refuse(problem);
  },
});

/** Text with a default; an empty value is checked only when the default is not empty. */
export const text = (rule: Rule, standard = "", tidy = (value: string) => value): Leaf<string> => ({
  type: "string",
  default: standard,
  secret: false,
  read: (raw) => {
    if (raw === "" && standard === "") return raw;
    const problem = raw === "" ? "may not be empty" : (structure(raw) ?? rule(raw));
    return problem === undefined ? tidy(raw) : refuse(problem);
  },
});

const structure: Rule = (raw) => {
  const value = /^\s*[[{]/.test(raw) ? jsonValue(raw) : undefined;
  return value instanceof Object ? `must be text, not a ${Array.isArray(value) ? "list" : "map"}` : undefined;
};

/** Text that stays secret: it becomes a secret output as soon as it is read. */
export const secret = (rule: Rule, tidy = (value: string) => value): Leaf<Secret | undefined> => ({
  type: "string",
  default: "",
  secret: true,
  read: (raw) => {
    if (raw === "") return undefined;
    const problem = rule(raw);
    return problem === undefined ? pulumi.secret(tidy(raw)) : refuse(problem);
  },
});

export const oneOf = <const T extends string>(choices: readonly T[], standard: T): Leaf<T> => ({
  type: "string",
  default: standard,
  secret: false,
  read: (raw) =>
    choices.find((choice) => choice === raw) ?? refuse(`must be one of ${choices.join(", ")}, not ${show(raw)}`),
});

export const integer = (min: number, max: number, standard: number): Leaf<number> => ({
  type: "integer",
  default: standard,
  secret: false,
  read: (raw) => {
    const value = /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= min && value <= max
      ? value
      : refuse(`must be a whole number from ${min} to ${max}, not ${show(raw)}`);
  },
});

export const port = (standard: number): Leaf<number> => integer(1, 65535, standard);

export const flag = (standard: boolean): Leaf<boolean> => ({
  type: "boolean",
  default: standard,
  secret: false,
  read: (raw) =>
    raw === "true" || raw === "false" ? raw === "true" : refuse(`must be true or false, not ${show(raw)}`),
});

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** A list of texts, each different. */
export const list = (rule: Rule): Leaf<readonly string[]> => ({
  type: "array",
  default: [],
  secret: false,
  read: (raw) => {
    const items = jsonValue(raw);
    if (!isTexts(items)) return refuse(`must be a list of texts, such as ["…"], not ${show(raw)}`);
    const problems = items.flatMap((item, i) => {
      const problem = items.indexOf(item) < i ? "is listed twice" : rule(item);
      return problem === undefined ? [] : [`${show(item)} ${problem}`];
    });
    return problems.length === 0 ? items : refuse(problems.join("; "));
  },
});

/** A map of single values. `rule` judges name and value together and says nothing of the value: it may be secret. */
export const map = <T = Scalars>(rule: Rule<{ name: string; value: string }>, secretEntries = false): Leaf<T> => ({
  type: "object",
  default: {},
  secret: false,
  secretEntries,
  read: (raw) => {
    const entries = jsonValue(raw);
    if (!(entries instanceof Object) || Array.isArray(entries))
      return refuse('must be a map of names and values, such as {"Name": "value"}');
    const values: Record<string, string> = {};
    const problems: string[] = [];
    for (const [name, given] of Object.entries(entries)) {
      const value = scalar(given);
      const problem = value === undefined ? "must be text, a number, true or false" : rule({ name, value });
      if (problem !== undefined) problems.push(`${name === "" ? '""' : name.replace(/[^ -~]/g, "?")} ${problem}`);
      else values[name] = value ?? "";
    }
    return problems.length === 0 ? (values as T) : refuse(problems.join("\n"));
  },
});

/** true and false become 1 and 0: the server's .conf and cmake understand these everywhere, the words only for some keys. */
export function scalar(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number")
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : `${value}`;
  return typeof value === "string" ? value : undefined;
}
