import * as pulumi from "@pulumi/pulumi";
import type { ReachedHost } from "../steps/host";
import type { Plan } from "../steps/plan";
import { Step, type StepOptions } from "../steps/step";
import type { WithLayout } from "./layout";

/**
 * What every component needs: the host, and the settings with the names that follow from them.
 */
export interface Context {
  readonly host: ReachedHost;
  readonly settings: WithLayout;
}

/** In earlier versions every resource was a child of this one; their states still have it as the parent. */
const FORMER = "realm";
const FORMER_TYPE = "trinitycore:index:Realm";

/** A part of the stack: a host, a login, a core, or a realm. Its steps are its children. */
export abstract class Subject extends pulumi.ComponentResource {
  private readonly isFormer: boolean;

  protected constructor(
    type: string,
    name: string,
    protected readonly context: Context,
  ) {
    super(`trinitycore:${type}`, name);
    this.isFormer = `trinitycore:${type}` === FORMER_TYPE;
  }

  /** The options of a child that depends on other resources. */
  protected after(...dependsOn: pulumi.Resource[]) {
    const former = this.isFormer ? [] : [{ parent: pulumi.createUrn(FORMER, FORMER_TYPE) }];
    return { parent: this, dependsOn, aliases: former };
  }

  /** The name of a child in the state, which is that of earlier versions. */
  protected named(what: string): string {
    return `${FORMER}-${what}`;
  }

  /**
   * Makes a step of a plan.
   * @param type the resource's type; it never changes, because states and receipts have it
   */
  protected step(type: string, plan: Plan, options: StepOptions, name: string = plan.step): Step {
    return new Step(`trinitycore:${type}`, this.named(name), this.context.host, plan, options);
  }
}
