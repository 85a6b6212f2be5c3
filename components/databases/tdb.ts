import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import { realmRoot } from "../host/layout";

/** The world's content: wanted only while the world database is empty. */
export function tdbPlan(settings: Settings, facts: Facts): Plan {
  return {
    step: "tdb",
    kind: "tdb",
    args: {
      root: realmRoot(settings),
      user: settings.host.user.name,
      "realm.key": settings.realm.key,
      source: settings.realm.tdb.source,
      sha256: settings.realm.tdb.sha256,
      database: settings.realm.databases.world.name,
      socket: distribution(facts.os).mariadb.socket,
      // The archive, the dump, and some air.
      min_disk_mb: 1_000,
    },
  };
}

export class Tdb extends Step {
  /** The name and sum of what was imported, or lies ready for it. */
  readonly content: pulumi.Output<string>;

  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:core:Tdb", name, args.host, tdbPlan(args.settings, args.host.facts), opts);
    // What an earlier version of the stack left says nothing of it.
    this.content = this.outcome.apply((said) => (/sha256|not on record/.test(said) ? said : "not on record"));
  }
}
