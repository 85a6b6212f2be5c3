import type { Step } from "../../steps/step";
import type { DatabasePasswords } from "../databases/passwords";
import type { Host } from "../host/host";
import type { Server } from "../layout";
import { type On, Subject } from "../subject";
import { serverConfigPlan } from "./config";
import { serverServicePlan } from "./service";
import { serverUnitPlan } from "./unit";

/** What the login and every realm have: an authserver or a worldserver with its config, unit and service. */
export abstract class WithServer extends Subject {
  abstract readonly config: Step;

  protected constructor(
    type: string,
    name: string,
    on: On,
    protected readonly machine: Host,
    private readonly server: Server,
  ) {
    super(type, name, on);
  }

  protected configured(source: Step, passwords: DatabasePasswords): Step {
    const { settings, host } = this.on;
    return this.step(
      "core:ServerConfig",
      serverConfigPlan(settings, host.facts, this.server, passwords),
      { ...this.after(this.machine.user), followsChangesOf: [source] },
      `${this.server}-config`,
    );
  }

  unit(): Step {
    const { settings, host } = this.on;
    const { user, adoption } = this.machine;
    return this.step(
      "host:ServerUnit",
      serverUnitPlan(settings, host.facts, this.server),
      this.after(user, ...adoption),
      `${this.server}-unit`,
    );
  }

  /** @param brings what else a server is to be started again for */
  service(unit: Step, release: Step, before: readonly Step[], ...brings: Step[]): Step {
    const { settings, host } = this.on;
    return this.step(
      "host:ServerService",
      serverServicePlan(settings, host.facts, this.server),
      // Without MariaDB the servers give up after some seconds.
      { ...this.after(...before), follows: [unit, this.config, release, this.machine.mariadb, ...brings] },
      this.server,
    );
  }
}
