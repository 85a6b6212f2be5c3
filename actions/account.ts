/** Game accounts: what is done with those that the config does not have, and with the others what it leaves open. */
import { randomBytes } from "node:crypto";
import { hostReceipts } from "../components/host-layout";
import { loginLayout } from "../components/layout";
import { verifier } from "../components/realm/srp6";
import type { AccountSettings, Settings } from "../settings";
import { email, nameProblem, storedName } from "../settings/accounts";
import { entryPath, setCommand, setSecretCommand } from "../settings/paths";
import type { Action } from "./action";
import { eitherName, ownedBy } from "./names";

export type Change = "create" | "level" | "lock" | "unlock" | "ban" | "unban" | "password" | "kick";

/** What a change is told beside the account's name; the host gets a password's salt and verifier by another way. */
export interface Details {
  readonly email?: string;
  readonly level?: number;
  /** The realm's number, or -1 for all of them. */
  readonly realm?: number;
  /** 0 for a ban that never ends. */
  readonly seconds?: number;
  readonly reason?: string;
}

/** @param name as the core stores it */
export const accountAction = (
  settings: Settings,
  stack: string,
  verb: Change | "list",
  name = "",
  details: Details = {},
): Action => ({
  script: "account",
  told: {
    ...ownedBy(settings, stack),
    ...{ verb, name },
    mariadb: hostReceipts.mariadb,
    accounts: loginLayout(settings.host).receipts.accounts,
    database: settings.login.database.name,
    characters: settings.realm.databases.characters.name,
    ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
    ...eitherName(settings, ({ announcer, server }) => ({ announcer: announcer.account, unit: server.unit })),
  },
});

/** What the core stores of a new password, as a line for `server/actions/account.sh`: its salt is new each time. */
export function passwordLine(name: string, password: string, salt = randomBytes(32)): string {
  return `${salt.toString("hex")} ${verifier(name, password, salt).toString("hex")}\n`;
}

const configured = ({ login }: Pick<Settings, "login">, name: string): readonly [string, AccountSettings] | undefined =>
  Object.entries(login.accounts).find(([key]) => storedName(key) === name);

/** @returns why the config is where this is changed, and what to type; undefined where it is not */
export function decidedByConfig(settings: Pick<Settings, "login">, verb: Change, name: string): string | undefined {
  const [key, account] = configured(settings, name) ?? [];
  if (key === undefined || account === undefined) return undefined;
  const path = (what: string) => `${entryPath("login.accounts", key)}.${what}`;
  if (verb === "create") return `the account ${name} is in the config, and \`pulumi up\` makes it`;
  if (verb === "level")
    return `the config decides on the level of the account ${name}: ${setCommand(path("level"))}, then pulumi up`;
  if (verb === "password" && account.passwordIs === "enforced")
    return (
      `the config decides on the password of the account ${name}: ${setSecretCommand(path("password"))}, ` +
      "then pulumi up"
    );
  return undefined;
}

const UNITS = { d: 86_400, h: 3600, m: 60, s: 1 } as const;
/** The core adds it to the clock in 32 bits. */
const LONGEST_BAN = 20 * 365 * UNITS.d;
/** The core's tables take no more. */
const LONGEST_REASON = 255;

/** In seconds, 0 for a ban that never ends. A number alone is refused: the core's own command takes it for that. */
function banSeconds(text: string): number {
  if (text === "forever") return 0;
  const parts = [...text.matchAll(/(\d{1,9})([dhms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
    throw new Error(`${JSON.stringify(text)} is no time for a ban: "3d", "1d12h" and "30m" are, and "forever"`);
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
  if (seconds === 0) throw new Error("a ban of no time at all ends no later than it begins");
  if (seconds > LONGEST_BAN) throw new Error("the core counts no ban of more than 20 years; there is forever");
  return seconds;
}

/** @throws an error that says what is wrong with one of them */
export function banDetails(time: string, reason: string): Details {
  const seconds = banSeconds(time);
  if (reason.trim() === "") throw new Error("a ban has a reason, which game masters read");
  if (/\p{Cc}/u.test(reason)) throw new Error("the reason is one line of plain text");
  if ([...reason].length > LONGEST_REASON)
    throw new Error(`the reason may not be longer than ${LONGEST_REASON} characters, as the core takes no more`);
  return { seconds, reason };
}

/** @throws an error that says what is wrong with it */
export function createDetails(address: string): Details {
  const wrong = address === "" ? undefined : email(address);
  if (wrong) throw new Error(`the mail address ${wrong}`);
  // The core writes it in capitals.
  return { email: address.toUpperCase() };
}

/** What the core's table takes of a name: other programs may have made longer ones than the core would. */
const LONGEST_STORED = 32;

/** @returns what is wrong with a name that is typed */
export function wrongName(verb: Change, name: string): string | undefined {
  const shown = JSON.stringify(name);
  if (verb === "create") {
    const problem = nameProblem(name);
    return problem && `${shown} ${problem}`;
  }
  if (/^[ -~]+$/.test(name) && name.length <= LONGEST_STORED) return undefined;
  return `${shown} cannot be an account's name here: printable ASCII is wanted, ${LONGEST_STORED} characters at most`;
}
