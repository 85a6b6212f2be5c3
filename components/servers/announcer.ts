import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import { verifier } from "../realm/srp6";
import type { Context } from "../subject";

/** A salt that is the same in every run. It is made of the random password, so nobody can guess it. */
const saltOf = (password: string): Buffer => createHash("sha256").update(`salt of ${password}`).digest();

/** The game account with which the stack talks to the worldserver, over SOAP on the host's loopback. */
export function announcerPlan(
  settings: Pick<WithLayout, "login" | "realm" | "layout">,
  facts: Facts,
  password: pulumi.Output<string>,
): Plan {
  const { receipts, announcer } = settings.layout.realm;
  const { account, login } = announcer;
  return {
    step: receipts.announcer,
    kind: "announcer",
    args: {
      socket: distribution(facts.os).mariadb.socket,
      database: settings.login.database.name,
      account,
      url: `http://127.0.0.1:${settings.realm.soap.port}/`,
      login,
    },
    secrets: {
      password,
      salt: password.apply((clear) => saltOf(clear).toString("hex")),
      verifier: password.apply((clear) => verifier(account, clear, saltOf(clear)).toString("hex")),
    },
    effect: "restarts nothing",
  };
}

export class Announcer extends Step {
  constructor(name: string, { host, settings }: Context, opts: StepOptions = {}) {
    // The core takes passwords of at most 16 characters.
    const { result } = new random.RandomPassword(
      `${name}-password`,
      { length: 16, special: false },
      { parent: opts.parent, aliases: opts.aliases },
    );
    super("trinitycore:realm:Announcer", name, host, announcerPlan(settings, host.facts, result), opts);
  }
}
