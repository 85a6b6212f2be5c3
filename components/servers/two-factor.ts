import * as pulumi from "@pulumi/pulumi";
import { base32Bytes, storedName } from "../../settings/accounts";
import type { Secret } from "../../settings/values";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import type { Context } from "../subject";

type Needed = Pick<WithLayout, "login" | "realm" | "layout">;

/** The accounts that the config gives a two-factor secret, by their names as the core stores them. */
const secretsOf = ({ login }: Pick<WithLayout, "login">): readonly (readonly [string, Secret])[] =>
  Object.entries(login.accounts).flatMap(([name, { twoFactor }]) =>
    twoFactor ? [[storedName(name), twoFactor] as const] : [],
  );

/** What an authenticator app reads from a QR code (Key URI Format); all but the secret is what apps take unasked. */
export function otpauthUri(realm: string, account: string, secret: string): string {
  const [issuer, name] = [realm, account].map(encodeURIComponent);
  return `otpauth://totp/${issuer}:${name}?secret=${secret}&issuer=${issuer}`;
}

/** The master secret in force is the wanted one, and the accounts of the config have their two-factor secrets. */
export function twoFactorPlan(settings: Needed, facts: Facts, masterSecret: pulumi.Output<string>): Plan {
  const { layout, login } = settings;
  return {
    step: layout.login.receipts.twoFactor,
    kind: "two-factor",
    args: {
      socket: distribution(facts.os).mariadb.socket,
      database: login.database.name,
      accounts: Object.entries(login.accounts).map(
        ([name, { twoFactor }]) => `${storedName(name)} ${twoFactor ? "on" : "off"}`,
      ),
    },
    secrets: {
      master: masterSecret,
      ...Object.fromEntries(
        secretsOf(settings).map(([name, secret]) => [
          `totp.${Buffer.from(name).toString("hex")}`,
          secret.apply((text) => (base32Bytes(text) as Buffer).toString("hex")),
        ]),
      ),
    },
    looksWithoutSecrets: true,
    effect:
      "restarts nothing by itself; an account with a two-factor secret is asked for a code from the next login on",
  };
}

export class TwoFactor extends Step {
  /** By account: the URI for an authenticator app. */
  readonly uris?: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, { host, settings }: Context, masterSecret: pulumi.Output<string>, opts: StepOptions = {}) {
    super("trinitycore:servers:TwoFactor", name, host, twoFactorPlan(settings, host.facts, masterSecret), opts);
    const secrets = secretsOf(settings);
    if (secrets.length === 0) return;
    this.uris = pulumi.secret(
      Object.fromEntries(
        secrets.map(([account, secret]) => [
          account,
          secret.apply((text) => otpauthUri(settings.realm.name, account, text)),
        ]),
      ),
    );
  }
}
