/** What `server/actions/account.sh` prints: a word a line, and what belongs to it. */
import type { Settings } from "../settings";
import { ALL_REALMS, storedName } from "../settings/accounts";
import type { Change, Details } from "./account";
import { inColumns } from "./columns";
import { localTime } from "./local-time";

export interface Account {
  readonly name: string;
  /** Who decides what it is: the config, the stack (its own account), or nobody but you. */
  readonly owner: "config" | "stack" | "nobody";
  /** The realm by its name in the config, by its number where it has none there, or -1 for all realms. */
  readonly levels: readonly { readonly realm: string; readonly level: number }[];
  readonly email: string;
  readonly expansion: number;
  readonly lastLogin: Date | null;
  readonly lastAddress: string;
  readonly online: boolean;
  readonly locked: boolean;
  /** `until` is null where it never ends. */
  readonly ban: { readonly until: Date | null; readonly by: string; readonly reason: string } | null;
}

/** A row as MariaDB writes it in JSON. */
interface Row {
  readonly id: number;
  readonly name: string;
  readonly levels: string | null;
  readonly email: string;
  readonly expansion: number;
  readonly lastLogin: number | null;
  readonly lastAddress: string;
  readonly online: number;
  readonly locked: number;
  readonly banned: number;
  readonly banEnds: number | null;
  readonly banBy: string | null;
  readonly banReason: string | null;
}

const after = (said: string, word: string): string[] =>
  said
    .split("\n")
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1));

const date = (seconds: number): Date => new Date(seconds * 1000);

/** @param said `own NAME` once, `owned NUMBER NAME` for each that is on record, and `account JSON` for each there is */
export function accountsIn(said: string, { login, realm }: Pick<Settings, "login" | "realm">): Account[] {
  const [own] = after(said, "own");
  const recorded = new Set(after(said, "owned"));
  const inConfig = new Set(Object.keys(login.accounts).map(storedName));
  return after(said, "account").map((line) => {
    const row = JSON.parse(line) as Row;
    const ofConfig = inConfig.has(row.name) && recorded.has(`${row.id} ${row.name}`);
    const pairs = (row.levels ?? "").split(",").filter(Boolean);
    return {
      name: row.name,
      owner: row.name === own ? "stack" : ofConfig ? "config" : "nobody",
      levels: pairs.map((pair) => {
        const [number = "", level] = pair.split(":");
        return { realm: number === `${realm.id}` ? realm.key : number, level: Number(level) };
      }),
      email: row.email,
      expansion: row.expansion,
      lastLogin: row.lastLogin === null ? null : date(row.lastLogin),
      lastAddress: row.lastAddress,
      online: row.online === 1,
      locked: row.locked === 1,
      ban: row.banned
        ? {
            until: row.banEnds === null ? null : date(row.banEnds),
            by: row.banBy ?? "",
            reason: row.banReason ?? "",
          }
        : null,
    };
  });
}

/** To the minute. */
const moment = (time: Date): string => localTime(time).slice(0, -3);

/** @param ends in seconds, as the host's clock has it; 0 for never */
const untilWhen = (ends: string): string => (ends === "0" ? "for ever" : `until ${moment(date(Number(ends)))}`);

/** What players name themselves and game masters write may not draw on the operator's terminal. */
const shown = (text: string): string => text.replaceAll(/\p{Cc}/gu, "?");

const levelsInWords = (levels: Account["levels"]): string =>
  levels
    .map(({ realm, level }) => (realm === ALL_REALMS ? `${level} everywhere` : `${level} on ${realm}`))
    .join(", ") || "0";

const owners: Readonly<Record<Account["owner"], string>> = { config: "config", stack: "the stack", nobody: "" };

function notes({ online, locked, lastAddress, ban }: Account): string {
  const banned = ban && `banned ${ban.until ? `until ${moment(ban.until)}` : "for ever"} by ${ban.by}: ${ban.reason}`;
  const words = [online && "online", locked && `locked to ${lastAddress}`, banned];
  return words.filter(Boolean).join("; ");
}

/** For people: a line each, in columns. */
export function table(accounts: readonly Account[]): string {
  if (accounts.length === 0) return "there is no account";
  const rows = [
    ["NAME", "LEVEL", "OWNER", "EXPANSION", "LAST LOGIN", "MAIL", ""],
    ...accounts.map((account) => [
      account.name,
      levelsInWords(account.levels),
      owners[account.owner],
      `${account.expansion}`,
      account.lastLogin ? moment(account.lastLogin) : "never",
      account.email,
      notes(account),
    ]),
  ].map((row) => row.map(shown));
  return inColumns(rows);
}

/** What came of a change: refused, with the reason; or done, with what is to be known of it. */
export type Outcome =
  | { readonly refused: string }
  | {
      readonly refused?: undefined;
      readonly text: string;
      /** The account's characters that are in the world, as far as the worldserver runs. */
      readonly online: readonly string[];
      /** The account is logged in to a realm, and has none of its characters in the world. */
      readonly choosing: boolean;
      readonly runs: boolean;
    };

const why: Readonly<Record<string, (name: string, rest: string) => string>> = {
  unknown: (name) => `there is no account ${name}: npm run realm -- account list`,
  otherwise: (name, there) => `there is no account ${name}, but one that MariaDB takes for it: ${there}`,
  taken: (name, there) =>
    there === name
      ? `the name ${name} is taken: there is such an account`
      : `the name ${name} is taken: MariaDB takes the account ${there} for it`,
  own: (name) => `${name} is the stack's own account, with which it talks to the worldserver`,
  leaving: (name) => `the account ${name} was taken out of the config, which takes its level: run \`pulumi up\` first`,
  banned: (name, ends) =>
    `the account ${name} is banned already, ${untilWhen(ends)}: ` + `npm run realm -- account unban ${name}`,
};

const done: Readonly<Record<Change, (name: string, details: Details, rest: string) => string>> = {
  create: (name) => `the account ${name} is made`,
  level: (name, { level, realm }) =>
    `the account ${name} has level ${level} ${realm === -1 ? "on all realms" : `on realm ${realm}`}`,
  lock: (name, _, address) => `the account ${name} may log in from ${address} alone, its last address`,
  unlock: (name) => `the account ${name} may log in from anywhere`,
  ban: (name, _, ends) => `the account ${name} is banned ${untilWhen(ends)}`,
  unban: (name, _, was) =>
    was === "not" ? `the account ${name} is not banned` : `the account ${name} is not banned any more`,
  password: (name) => `the account ${name} has its new password`,
  kick: () => "",
};

/** @param said `refused WORD REST`, or `done REST`, `online CHARACTER` for each, `choosing` and `world STATE` */
export function outcomeIn(said: string, verb: Change, name: string, details: Details = {}): Outcome {
  const [refused] = after(said, "refused");
  if (refused !== undefined) {
    const [word = "", ...rest] = refused.split(" ");
    return { refused: shown(why[word]?.(name, rest.join(" ")) ?? refused) };
  }
  const [rest] = after(said, "done");
  if (rest === undefined) throw new Error(`the host's answer cannot be read: ${JSON.stringify(said.slice(0, 200))}`);
  return {
    text: shown(done[verb](name, details, rest)),
    online: after(said, "online"),
    choosing: /^choosing$/m.test(said),
    runs: after(said, "world")[0] === "active",
  };
}
