import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { WithLayout } from "../layout";
import type { On } from "../subject";
import { databaseOf, type Role } from "./roles";

export type DatabasePasswords = Readonly<Record<Role, pulumi.Output<string>>>;

/** Length enough for any brute force; the signs mean nothing to SQL, shells, systemd, TrinityCore or a URL. */
const shape = { length: 32, special: true, overrideSpecial: "-_.~", minLower: 1, minUpper: 1, minNumeric: 1 };

/**
 * The databases' passwords: the config's own, else made at random. The server keeps them too (root alone reads them),
 * and what it has goes before what the state has: a lost state must not lock the servers out of their databases. Not so
 * where the config asks for new ones since.
 */
export class Passwords extends pulumi.ComponentResource {
  readonly passwords: DatabasePasswords;

  constructor(
    name: string,
    { host, settings }: Pick<On, "host"> & { settings: Pick<WithLayout, "login" | "realm" | "databases"> },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("trinitycore:database:Passwords", name, {}, options);
    const { rotation } = settings.databases;
    const keepers = rotation === 0 ? {} : { keepers: { rotation: String(rotation) } };
    const kept = host.facts.passwordRotation === rotation ? host.facts.passwords : new Map<Role, never>();
    const password = (role: Role): pulumi.Output<string> => {
      const own = databaseOf(settings, role).password;
      if (own) return pulumi.secret(own);
      const made = new random.RandomPassword(`${name}-${role}`, { ...shape, ...keepers }, { parent: this }).result;
      return pulumi.secret(kept.get(role) ?? made);
    };
    this.passwords = { auth: password("auth"), characters: password("characters"), world: password("world") };
    this.registerOutputs({});
  }
}
