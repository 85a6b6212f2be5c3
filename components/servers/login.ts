import type { Step } from "../../steps/step";
import type { ServerSecrets } from "../databases/passwords";
import type { Host } from "../host/host";
import type { Context } from "../subject";
import { Accounts } from "./accounts";
import { WithServer } from "./server";
import { TwoFactor } from "./two-factor";

/** The authserver, on which players log in to all realms. The realm makes and updates its database. */
export class Login extends WithServer {
  readonly config: Step;

  constructor(
    name: string,
    context: Context,
    hostSteps: Host,
    source: Step,
    private readonly secrets: ServerSecrets,
  ) {
    super("servers:Login", name, context, hostSteps, "authserver");
    this.config = this.configured(source, secrets);
    this.registerOutputs({});
  }

  /** Where the config names some: the game accounts. */
  accounts(schema: Step, row: Step): Accounts | undefined {
    if (Object.keys(this.context.settings.login.accounts).length === 0) return undefined;
    const after = this.after(this.hostSteps.mariadb, schema, row);
    // It was never a child of another.
    return new Accounts(this.named("accounts"), this.context, { ...after, aliases: [] });
  }

  /** The master secret in force, which the authserver brings about when it starts; and the accounts' own secrets. */
  twoFactor(authserver: Step, ...before: Step[]): TwoFactor {
    const after = { ...this.after(this.hostSteps.mariadb, authserver, ...before), aliases: [] };
    return new TwoFactor(this.named("two-factor"), this.context, this.secrets.masterSecret, after);
  }
}
