import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Failure } from "../../program/failure";
import type { AccountSettings } from "../../settings";
import { ALL_REALMS, storedName } from "../../settings/accounts";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import { verifier } from "../realm/srp6";
import type { Context } from "../subject";

type Needed = Pick<WithLayout, "login" | "realm" | "layout">;

/** What is made once for an account, and kept in the stack's state. */
export interface Made {
  readonly password: pulumi.Output<string>;
  /** 32 bytes in hexadecimal. */
  readonly salt: pulumi.Output<string>;
}

/** The accounts of the config by their names as the core stores them. */
export const accountsOf = ({ login }: Pick<WithLayout, "login">): readonly (readonly [string, AccountSettings])[] =>
  Object.entries(login.accounts).map(([name, account]) => [storedName(name), account]);

/** The key of the secret with an account's salt and verifier: a name may have signs that a key may not. */
const secretOf = (name: string): string => `srp6.${Buffer.from(name).toString("hex")}`;

/** An account as `server/kinds/accounts.sh` reads it; its name stands first, as the config writes it. */
function wish(name: string, account: AccountSettings, { realm }: Needed): string {
  const { level, expansion, passwordIs, email, adopt } = account;
  const where = account.realm === ALL_REALMS ? ALL_REALMS : realm.id;
  const words = [name, `level=${level}`, `realm=${where}`, `expansion=${expansion}`, `password=${passwordIs}`];
  // The core writes it in capitals.
  if (email) words.push(`email=${email.toUpperCase()}`);
  if (adopt) words.push("adopt=true");
  return words.join(" ");
}

/**
 * The game accounts that the config names, all in one step.
 * @param made by the accounts' names as the core stores them
 * @throws Failure where one of them is the stack's own, with which it tells players of restarts
 */
export function accountsPlan(settings: Needed, facts: Facts, made: Readonly<Record<string, Made>>): Plan {
  const { layout, login } = settings;
  const own = layout.realm.announcer.account;
  if (accountsOf(settings).some(([name]) => name === own))
    throw new Failure(`trinitycore:login.accounts may not have ${own}: the stack's own account has that name`);
  return {
    step: layout.login.receipts.accounts,
    kind: "accounts",
    args: {
      socket: distribution(facts.os).mariadb.socket,
      database: login.database.name,
      accounts: Object.entries(login.accounts).map(([name, account]) => wish(name, account, settings)),
    },
    secrets: Object.fromEntries(
      Object.entries(made).map(([name, { password, salt }]) => [
        secretOf(name),
        pulumi.all([password, salt]).apply(([clear, hex]) => {
          const bytes = Buffer.from(hex, "hex");
          return `${hex} ${verifier(name, clear, bytes).toString("hex")}`;
        }),
      ]),
    ),
    looksWithoutSecrets: true,
    effect: "restarts nothing; a changed level or password counts from the next login on",
  };
}

/** Letters are the same to the core whether they are small or not, so there are only small ones. */
const shape = { length: 16, special: false, upper: false };

export class Accounts extends Step {
  /** By account: the password that was made at random for it. */
  readonly passwords: pulumi.Output<Readonly<Record<string, { readonly password: string }>>>;

  constructor(name: string, { host, settings }: Context, opts: StepOptions = {}) {
    const { parent } = opts;
    const atRandom: Record<string, { password: pulumi.Output<string> }> = {};
    const made = accountsOf(settings).map(([account, { password }]) => {
      const salt = new random.RandomBytes(`${name}-${account}-salt`, { length: 32 }, { parent });
      if (password) return [account, { password, salt: salt.hex }] as const;
      const { result } = new random.RandomPassword(`${name}-${account}-password`, shape, { parent });
      atRandom[account] = { password: result };
      return [account, { password: result, salt: salt.hex }] as const;
    });
    super(
      "trinitycore:servers:Accounts",
      name,
      host,
      accountsPlan(settings, host.facts, Object.fromEntries(made)),
      opts,
    );
    this.passwords = pulumi.secret(atRandom);
  }
}
