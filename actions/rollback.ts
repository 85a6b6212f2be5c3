/** The way back to an older release, and forward again. */
import type { Settings } from "../settings";
import type { Action } from "./action";
import { timeOf } from "./backups";
import { localTime } from "./local-time";
import { eitherName, ownedBy } from "./names";

export type Verb = "list" | "back" | "retry";

/** @param release to which one, or how its name begins */
export const rollbackAction = (settings: Settings, stack: string, verb: Verb, release?: string): Action => ({
  script: "rollback",
  told: {
    ...ownedBy(settings, stack),
    verb,
    ...(release ? { release } : {}),
    ...eitherName(settings, ({ receipts }) => ({ schema: receipts.schema })),
  },
});

export interface Release {
  readonly name: string;
  readonly built: Date;
  readonly live: boolean;
  /** The backup that each of these databases would be restored from; none where the release knows all they have had. */
  readonly restores: Readonly<Record<string, string>>;
  /** Why it cannot run. */
  readonly problem?: string;
}

/** @param said what `server/actions/rollback.sh` lists */
export const releasesIn = (said: string): Release[] =>
  said
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => {
      const [name = "", built, live, restores = "", problem] = line.split("\t");
      const backups = restores.split(" ").filter(Boolean);
      return {
        name,
        built: new Date(Number(built) * 1000),
        live: live === "live",
        restores: Object.fromEntries(backups.map((each) => each.split("=") as [string, string])),
        ...(problem ? { problem } : {}),
      };
    });

/** What is lost with it, a line each; none where no database is restored. */
export const losses = ({ restores }: Release): string[] =>
  Object.entries(restores).map(
    ([role, backup]) => `the ${role} database goes back to ${localTime(timeOf(backup))}: what came after is lost`,
  );

/** One line for a release. */
export function releaseLine(release: Release): string {
  const { name, built, live, problem, restores } = release;
  const roles = Object.keys(restores);
  const what = live
    ? "live"
    : problem
      ? `cannot run: ${problem}`
      : roles.length > 0
        ? `restores ${roles.join(" and ")}`
        : "can run with the databases as they are";
  return `${name}  built ${localTime(built)}  ${what}`;
}

/** The one that is meant by the beginning of its name. @throws an error that says which there are */
export function chosen(releases: readonly Release[], named: string): Release {
  const found = releases.filter(({ name }) => name.startsWith(named));
  const [release] = found;
  if (found.length !== 1 || !release)
    throw new Error(
      `${found.length === 0 ? "there is no release" : "several releases begin with"} ${named}\n${releases
        .map((each) => `  ${releaseLine(each)}`)
        .join("\n")}`,
    );
  if (release.live) throw new Error(`${release.name} is live`);
  if (release.problem) throw new Error(`${release.name} cannot run: ${release.problem}`);
  return release;
}
