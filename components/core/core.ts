import type { Step } from "../../steps/step";
import type { Host } from "../host/host";
import { type On, Subject } from "../subject";
import { buildPlan } from "./build";
import { readCustomSql } from "./custom-sql";
import { releasePlan } from "./release";
import { readPatches, sourcePlan } from "./source";

/** The servers' programs: source, build, releases. */
export class Core extends Subject {
  readonly source: Step;

  constructor(
    name: string,
    on: On,
    private readonly machine: Host,
  ) {
    super("core:Core", name, on);
    const { patches, customSql } = on.settings.core.source;
    this.source = this.step(
      "core:Source",
      sourcePlan(on.settings, on.host.facts, readPatches(patches), readCustomSql(customSql)),
      this.after(machine.user, machine.packages, ...machine.adoption),
    );
    this.registerOutputs({});
  }

  /** A release of the source. A setting that this source could not read is told before an hour's build. */
  build(...configs: Step[]): Step {
    return this.step("core:Build", buildPlan(this.on.settings, this.on.host.facts), {
      ...this.after(this.machine.selinux, ...configs),
      followsChangesOf: [this.source],
    });
  }

  /** It goes live when the databases are as it wants them. */
  release(build: Step, ...schemas: Step[]): Step {
    return this.step("core:Release", releasePlan(this.on.settings, this.on.host.facts), {
      ...this.after(...schemas),
      followsChangesOf: [build],
    });
  }
}
