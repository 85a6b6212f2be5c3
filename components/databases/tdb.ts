import type * as pulumi from "@pulumi/pulumi";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { Step } from "../../steps/step";
import { distribution } from "../host/distribution";
import { recordsArg, type WithLayout } from "../layout";

/** The dump with the world's content, which is needed only while the world database is empty. */
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
      // Room for the archive and the dump.
      min_disk_mb: 1_000,
    },
  };
}

/**
 * The name and SHA-256 sum of the imported dump, or of the one that is ready for import. Earlier versions of the stack
 * did not record it.
 */
export const contentOf = (tdb: Step): pulumi.Output<string> =>
  tdb.outcome.apply((said) => (/sha256|not on record/.test(said) ? said : "not on record"));
