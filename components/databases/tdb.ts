import type * as pulumi from "@pulumi/pulumi";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { Step } from "../../steps/step";
import { distribution } from "../host/distribution";
import { recordsArg, type WithLayout } from "../layout";

/** The world's content: wanted only while the world database is empty. */
export function tdbPlan(settings: Pick<WithLayout, "host" | "realm" | "layout">, facts: Facts): Plan {
  return {
    step: settings.layout.realm.receipts.tdb,
    kind: "tdb",
    args: {
      ...recordsArg(settings.layout.realm),
      root: settings.layout.core.root,
      work: settings.layout.realm.server.work,
      secretsFolder: settings.layout.realm.server.secrets,
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

/** The name and sum of what was imported, or lies ready for it. What an earlier version of the stack left says nothing of it. */
export const contentOf = (tdb: Step): pulumi.Output<string> =>
  tdb.outcome.apply((said) => (/sha256|not on record/.test(said) ? said : "not on record"));
