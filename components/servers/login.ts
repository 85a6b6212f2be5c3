import type { Step } from "../../steps/step";
import type { DatabasePasswords } from "../databases/passwords";
import type { Host } from "../host/host";
import type { On } from "../subject";
import { Accounts } from "./accounts";
import { WithServer } from "./server";

/** Where players log in: the authserver, one for all realms. Its database is made and updated along with a realm's. */
export class Login extends WithServer {
  readonly config: Step;

  constructor(name: string, on: On, machine: Host, source: Step, passwords: DatabasePasswords) {
    super("servers:Login", name, on, machine, "authserver");
    this.config = this.configured(source, passwords);
    this.registerOutputs({});
  }

  /** Where the config names some: the game accounts. */
  accounts(schema: Step, row: Step): Accounts | undefined {
    if (Object.keys(this.on.settings.login.accounts).length === 0) return undefined;
    const after = this.after(this.machine.mariadb, schema, row);
    // It was never a child of another.
    return new Accounts(this.named("accounts"), this.on, { ...after, aliases: [] });
  }
}
