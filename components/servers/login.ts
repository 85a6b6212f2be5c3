import type { Step } from "../../steps/step";
import type { DatabasePasswords } from "../databases/passwords";
import type { Host } from "../host/host";
import type { Context } from "../subject";
import { WithServer } from "./server";

/** The authserver, on which players log in to all realms. The realm makes and updates its database. */
export class Login extends WithServer {
  readonly config: Step;

  constructor(name: string, context: Context, hostSteps: Host, source: Step, passwords: DatabasePasswords) {
    super("servers:Login", name, context, hostSteps, "authserver");
    this.config = this.configured(source, passwords);
    this.registerOutputs({});
  }
}
