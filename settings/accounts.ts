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

/** As `TOTPMasterSecret` of the core. Says nothing of the value. */
export const masterSecret: Rule = (value) =>
  /^[0-9a-fA-F]{1,32}$/.test(value) && !/^0+$/.test(value)
    ? undefined
    : "must be a number of at most 32 hexadecimal digits, without a prefix; `openssl rand -hex 16` makes one";

/** Base32 (RFC 4648) as people write it: in groups, in small letters, with or without what fills it up. */
const tidyBase32 = (value: string): string => value.replace(/[\s-]/g, "").replace(/=+$/, "").toUpperCase();

/** The bytes of a Base32 text; undefined when it is none, or when bits are left over that are not zero. */
export function base32Bytes(value: string): Buffer | undefined {
  const text = tidyBase32(value);
  if (!/^[A-Z2-7]*$/.test(text) || [1, 3, 6].includes(text.length % 8)) return undefined;
  const bits = [...text]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const whole = bits.length - (bits.length % 8);
  if (/1/.test(bits.slice(whole))) return undefined;
  return Buffer.from(
    bits
      .slice(0, whole)
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  );
}

/** The column takes 128 bytes, and the core adds 24 when it encrypts. */
const MOST_BYTES = 104;

/** A two-factor secret. Says nothing of the value. */
export const twoFactor: Rule = (value) => {
  const bytes = base32Bytes(value);
  if (!bytes) return "is not Base32: A to Z and 2 to 7 are wanted, as an authenticator app takes them";
  if (bytes.length < 10) return "is too short: 16 characters of Base32 are the least";
  return bytes.length > MOST_BYTES ? `is too long: the core takes ${MOST_BYTES} bytes, 167 characters` : undefined;
};

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
  twoFactor: secret(
    twoFactor,
    "Its two-factor secret (TOTP), 16 characters of Base32 or more: the game then asks for a code of an authenticator app",
    { tidy: tidyBase32 },
  ),
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

/** What is wrong with a name; whoever tells it says of which. */
export function nameProblem(name: string): string | undefined {
  if (!/^[!-~]+$/.test(name)) return "is not an account's name: printable ASCII without blanks is wanted";
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
