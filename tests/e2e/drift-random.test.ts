import * as fc from "fast-check";
import { BreakableRealm } from "./breakable-realm";
import type { Breakage } from "./breakage";
import { breakages } from "./breakages";
import { unnamed } from "./preview";
import { describeOnLab } from "./realm-lab";

/**
 * `npm test` has the same few rounds each time, so that it judges a change and not chance; `npm run test:long` draws many
 * new ones. A seed repeats what has failed.
 */
const ROUNDS = Number(process.env.TRINITY_ROUNDS ?? 2);
const SEED = Number(process.env.TRINITY_SEED ?? (process.env.TRINITY_LONG ? Date.now() % 1_000_000 : 4834));

/** Two rows that speak of one component would be one row, some cannot be broken after others, and no server starts while it lacks what no step repairs. */
function apart(rows: readonly Breakage[]): Breakage[] {
  const speaks = ({ warns, hints }: Breakage) => Object.keys({ ...warns, ...hints });
  const hinders = (a: Breakage, b: Breakage) => a.remedy && b.starts?.some((server) => speaks(a).includes(server));
  const disturbs = (a: Breakage, b: Breakage) =>
    hinders(a, b) || [...speaks(a), ...(a.touches ?? [])].some((name) => speaks(b).includes(name));
  const kept: Breakage[] = [];
  for (const row of rows) if (!kept.some((other) => disturbs(row, other) || disturbs(other, row))) kept.push(row);
  return kept;
}

/** Others tell systemd to read all units, and others' SQL wants MariaDB. */
const lasts = ["unit: edited, and systemd not told", "mariadb: stopped"];
const last = (row: Breakage) => lasts.findIndex((name) => row.name.startsWith(name));
const picked = fc
  .shuffledSubarray([...breakages], { minLength: 1, maxLength: 5 })
  .map((rows) => apart(rows).sort((a, b) => last(a) - last(b)));

describeOnLab(`anything broken together (TRINITY_SEED=${SEED})`, () => {
  const realm = new BreakableRealm("drift-any");
  const rounds = fc.sample(picked, { seed: SEED, numRuns: ROUNDS });

  it.each(
    rounds.map((rows, at) => ({ rows, round: at + 1, names: rows.map(({ name }) => `\n      ${name}`).join("") })),
  )(
    "is named or cannot be seen, is repaired by one `up`, and then nothing is to do, round $round:$names",
    ({ rows }) => realm.breakAndRepair(rows, unnamed, false),
    300_000,
  );
});
