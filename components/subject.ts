import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../steps/host";
import type { Plan } from "../steps/plan";
import { Step, type StepOptions } from "../steps/step";
import type { WithLayout } from "./layout";

/**
 * What everything is made with: a server that can be reached, and the settings with the names that follow from them.
 */
export interface On {
  readonly host: Host;
  readonly settings: WithLayout;
}

/** Until there were subjects, everything was a child of this one, and the state of such a stack knows it by that. */
const FORMER = "realm";
const FORMER_TYPE = "trinitycore:index:Realm";

/** What belongs together: a host, a login, a core, or a realm. Its steps are its children. */
export abstract class Subject extends pulumi.ComponentResource {
  private readonly isFormer: boolean;

  protected constructor(
    type: string,
    name: string,
    protected readonly on: On,
  ) {
    super(`trinitycore:${type}`, name);
    this.isFormer = `trinitycore:${type}` === FORMER_TYPE;
  }

  /** How a child is made that comes after others. */
  protected after(...dependsOn: pulumi.Resource[]) {
    const former = this.isFormer ? [] : [{ parent: pulumi.createUrn(FORMER, FORMER_TYPE) }];
    return { parent: this, dependsOn, aliases: former };
  }

  /** What a child is called in the state: what it was called when there was but one of each. */
  protected named(what: string): string {
    return `${FORMER}-${what}`;
  }

  /**
   * @param type the resource's type, which the state knows it by and which its receipt names the owner with: it stays
   * what it is
   */
  protected step(type: string, plan: Plan, options: StepOptions, name: string = plan.step): Step {
    return new Step(`trinitycore:${type}`, this.named(name), this.on.host, plan, options);
  }
}
