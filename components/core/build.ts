import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { compiler, distribution } from "../host/distribution";
import type { WithLayout } from "../layout";

/**
 * What a full build takes, as measured: 7.7 GB for the build folder, more with the source and two copies of the
 * release, up to 5 GB for ccache, and 1.5 GB of memory for each job. Databases and game data need room after it.
 */
export const buildNeeds = {
  ...{ min_disk_mb: 11_000, cache_mb: 5_000, database_mb: 2_000, data_mb: 3_000 },
  ...{ min_memory_mb: 3_500, job_memory_mb: 1_500 },
};

/** Builds a release of the checked-out source, beside the live release. */
export function buildPlan(
  settings: Pick<WithLayout, "host" | "core" | "layout">,
  facts: Facts,
  limits = buildNeeds,
): Plan {
  const { type, options, jobs } = settings.core.build;
  return {
    step: settings.layout.core.receipts.build,
    kind: "build",
    args: {
      root: settings.layout.core.root,
      user: settings.host.user.name,
      // The build runs foreign code: its sandbox hides both.
      secretsFolder: settings.layout.login.server.secrets,
      socket: distribution(facts.os).mariadb.socket,
      compiler: compiler(settings, facts.os),
      type,
      options: Object.entries(options)
        .map(([name, value]) => `${name}=${typeof value === "boolean" ? Number(value) : value}`)
        .sort(),
      jobs,
      ...limits,
    },
  };
}
