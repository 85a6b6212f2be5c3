/** The game accounts of the stack config: their keys, and what goes for their names and passwords. */
import type { Problem } from "./problems";
import { all, printable } from "./rules";
import { flag, integer, isMap, oneOf, type Rule, secret, show, text } from "./values";

/** The core refuses longer ones (AccountMgr.h), and the client has no room for them. */
const LONGEST = 16;

/** What stands for all realms, in the config and in the core's own tables. */
export const ALL_REALMS = "-1";

/** Says nothing of the value. */
export const accountPassword: Rule = (value) => {
  if (/[^ -~]/.test(value))
    return "may contain printable ASCII only: the game client writes other letters in other ways";
  if (value !== value.trim()) return "may not begin or end with a space";
  return value.length > LONGEST
    ? `may not be longer than ${LONGEST} characters, as the game client takes no more`
    : undefined;
};

export const accountRealm: Rule = (value) =>
  value === ALL_REALMS || /^[a-z][a-z0-9-]{0,23}$/.test(value)
    ? undefined
    : `${show(value)} is neither ${ALL_REALMS}, for all realms, nor the name of a realm in this config`;

export const email: Rule = all(printable, (value) => {
  if (!/^[!-~]+@[!-~]+$/.test(value)) return `${show(value)} is not a mail address in ASCII`;
  return value.length > 64 ? "may not be longer than 64 characters, as the core takes no more" : undefined;
});

export const account = {
  password: secret(accountPassword, "Its password, 16 ASCII characters at most; made at random when not set"),
  passwordIs: oneOf(
    ["initial", "enforced"],
    "initial",
    "initial (whoever changes it in the game keeps the changed one) or enforced (set back whenever it differs)",
  ),
  level: integer([0, 3], 0, "0 for a player, 1 for a moderator, 2 for a game master, 3 for an administrator"),
  realm: text(accountRealm, "Where that level counts: a realm by its name in this config, or -1 for all realms", {
    default: ALL_REALMS,
  }),
  expansion: integer(
    [0, 2],
    2,
    "What it may play: 0 for classic, 1 for The Burning Crusade, 2 for Wrath of the Lich King",
  ),
  email: text(email, "Its mail address, which the game asks for where it is set; empty to leave it as it is"),
  adopt: flag("Take over an account of that name that is there already; its password stays as it is unless enforced"),
};

/** As the core stores a name, and the client sends it. */
export const storedName = (name: string): string => name.toUpperCase();

/** What speaks against the names of the accounts. */
export function accountProblems(given: unknown): Problem[] {
  const names = isMap(given) ? Object.keys(given) : [];
  return names.flatMap((name, i) => {
    const text = nameProblem(name) ?? twice(names.slice(0, i), name);
    return text === undefined ? [] : [{ key: `login.accounts.${name.replace(/[^ -~]/g, "?")}`, text }];
  });
}

function nameProblem(name: string): string | undefined {
  if (!/^[!-~]+$/.test(name)) return `${show(name)} is not an account's name: printable ASCII without blanks is wanted`;
  if (name.length > LONGEST)
    return `is not an account's name: it has ${name.length} characters, and the core takes ${LONGEST}`;
  return name.includes(":")
    ? "is not an account's name: a login over SOAP could not tell where it ends, for its ':'"
    : undefined;
}

function twice(before: readonly string[], name: string): string | undefined {
  const other = before.find((one) => storedName(one) === storedName(name));
  return other && `is the same account as ${other}: the core writes both ${storedName(name)}`;
}
