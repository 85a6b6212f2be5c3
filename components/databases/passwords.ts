import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { WithLayout } from "../layout";
import type { Context } from "../subject";
import { databaseOf, type Role } from "./roles";

export type DatabasePasswords = Readonly<Record<Role, pulumi.Output<string>>>;

/** Passwords too long to guess, without characters special to SQL, shells, systemd, TrinityCore or URLs. */
const passwordOptions = { length: 32, special: true, overrideSpecial: "-_.~", minLower: 1, minUpper: 1, minNumeric: 1 };

/** What the servers are given in secret. */
export interface ServerSecrets {
  readonly passwords: DatabasePasswords;
  /** 32 hexadecimal digits in capitals. */
  readonly masterSecret: pulumi.Output<string>;
}

/**
 * The databases' passwords, and the master secret of two-factor: those of the config, else random ones. The host keeps
 * them too, for root alone, and its copy wins over the state's: a lost state must not lock the servers out of their
 * databases. With a new `databases.rotation` the host's copy does not count.
 */
export class Passwords extends pulumi.ComponentResource implements ServerSecrets {
  readonly passwords: DatabasePasswords;
  readonly masterSecret: pulumi.Output<string>;

  constructor(
    name: string,
    { host, settings }: Pick<Context, "host"> & { settings: Pick<WithLayout, "login" | "realm" | "databases"> },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("trinitycore:database:Passwords", name, {}, options);
    const { rotation } = settings.databases;
    const keepers = rotation === 0 ? {} : { keepers: { rotation: String(rotation) } };
    const kept = host.facts.passwordRotation === rotation ? host.facts.passwords : new Map<Role, never>();
    const password = (role: Role): pulumi.Output<string> => {
      const configured = databaseOf(settings, role).password;
      if (configured) return pulumi.secret(configured);
      const made = new random.RandomPassword(`${name}-${role}`, { ...passwordOptions, ...keepers }, { parent: this })
        .result;
      return pulumi.secret(kept.get(role) ?? made);
    };
    this.passwords = { auth: password("auth"), characters: password("characters"), world: password("world") };
    const master = new random.RandomBytes(`${name}-two-factor`, { length: 16 }, { parent: this });
    this.masterSecret = pulumi.secret(
      settings.login.totpMasterSecret ?? host.facts.masterSecret ?? master.hex.apply((hex) => hex.toUpperCase()),
    );
    this.registerOutputs({});
  }
}
