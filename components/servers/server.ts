import type { Step } from "../../steps/step";
import type { ServerSecrets } from "../databases/passwords";
import type { Host } from "../host/host";
import type { Server } from "../layout";
import { type Context, Subject } from "../subject";
import { serverConfigPlan } from "./config";
import { serverServicePlan } from "./service";
import { serverUnitPlan } from "./unit";

/** The base of the login and of every realm: a server with its conf, unit and service. */
export abstract class WithServer extends Subject {
  abstract readonly config: Step;

  protected constructor(
    type: string,
    name: string,
    context: Context,
    protected readonly hostSteps: Host,
    private readonly server: Server,
  ) {
    super(type, name, context);
  }

  protected configured(source: Step, secrets: ServerSecrets): Step {
    const { settings, host } = this.context;
    return this.step(
      "core:ServerConfig",
      serverConfigPlan(settings, host.facts, this.server, secrets),
      { ...this.after(this.hostSteps.user), followsChangesOf: [source] },
      `${this.server}-config`,
    );
  }

  unit(): Step {
    const { settings, host } = this.context;
    const { user, adoption } = this.hostSteps;
    return this.step(
      "host:ServerUnit",
      serverUnitPlan(settings, host.facts, this.server),
      this.after(user, ...adoption),
      `${this.server}-unit`,
    );
  }

  /** @param follows further steps whose change restarts the server */
  service(unit: Step, release: Step, before: readonly Step[], ...follows: Step[]): Step {
    const { settings, host } = this.context;
    return this.step(
      "host:ServerService",
      serverServicePlan(settings, host.facts, this.server),
      // Without MariaDB a server ends after some seconds.
      { ...this.after(...before), follows: [unit, this.config, release, this.hostSteps.mariadb, ...follows] },
      this.server,
    );
  }
}
