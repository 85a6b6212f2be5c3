import type { Step } from "../../steps/step";
import type { Host } from "../host/host";
import { type Context, Subject } from "../subject";
import { buildPlan } from "./build";
import { readCustomSql } from "./custom-sql";
import { releasePlan } from "./release";
import { readPatches, sourcePlan } from "./source";

/** The core: its source, build and releases. */
export class Core extends Subject {
  readonly source: Step;

  constructor(
    name: string,
    context: Context,
    private readonly hostSteps: Host,
  ) {
    super("core:Core", name, context);
    const { patches, customSql } = context.settings.core.source;
    this.source = this.step(
      "core:Source",
      sourcePlan(context.settings, context.host.facts, readPatches(patches), readCustomSql(customSql)),
      this.after(hostSteps.user, hostSteps.packages, ...hostSteps.adoption),
    );
    this.registerOutputs({});
  }

  /** Builds a release. The confs come before it, so that a setting unknown to the source fails before a long build. */
  build(...configs: Step[]): Step {
    return this.step("core:Build", buildPlan(this.context.settings, this.context.host.facts), {
      ...this.after(this.hostSteps.selinux, ...configs),
      followsChangesOf: [this.source],
    });
  }

  /** Makes the release live, after its databases are up to date. */
  release(build: Step, ...schemas: Step[]): Step {
    return this.step("core:Release", releasePlan(this.context.settings, this.context.host.facts), {
      ...this.after(...schemas),
      followsChangesOf: [build],
    });
  }
}
