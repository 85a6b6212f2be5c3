import * as fc from "fast-check";
import { type Breakage, inRounds } from "./breakage";
import { breakages } from "./breakages";
import { cuts, ways } from "./cuts";
import { holdAt, holdable, letGo, untilHeld } from "./hold";
import { names } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

/** `npm run test:long` has many; a seed repeats what has failed. */
const ROUNDS = Number(process.env.TRINITY_ROUNDS ?? 3);
const SEED = Number(process.env.TRINITY_SEED ?? Date.now() % 1_000_000);

/** What one `up` repairs by itself. */
const repairable = breakages.filter(({ remedy }) => !remedy);
const anyRound = fc.record({
  // Of any subarray those that do not clash with its first.
  rows: fc.shuffledSubarray(repairable, { minLength: 1, maxLength: 4 }).map((rows) => inRounds(rows)[0] as Breakage[]),
  way: fc.constantFrom(...ways),
  number: fc.integer({ min: 0, max: 80 }),
});

describeOnLab(`a repair that is cut off anywhere (TRINITY_SEED=${SEED})`, () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await convergedRealm("cut-any");
    await holdable(realm.machine);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  it.each(
    fc.sample(anyRound, { seed: SEED, numRuns: ROUNDS }).map(({ rows, way, number }, at) => ({
      ...{ rows, way, number, round: at + 1, broken: rows.map(({ name }) => `\n      ${name}`).join("") },
    })),
  )(
    "by $way before command $number is finished by the next `up`, round $round:$broken",
    async ({ rows, way, number }) => {
      const { machine, stack } = realm;
      for (const { by } of rows) await machine.sure(by);
      const steps = names(await stack.planned()).map((name) =>
        name === "realm-row" ? name : name.replace(/^realm-/, ""),
      );
      await holdAt(machine, Object.fromEntries(steps.map((step) => [step, number])));
      const up = stack.startUp();
      // A step that is only checked has nothing to be held at.
      if (Object.keys(await untilHeld(machine, up)).length > 0) await cuts[way](realm, up);
      await letGo(machine);
      await up.done;
      expectOk(await stack.up());
      expect(names(await stack.planned())).toEqual([]);
      expect(await machine.sure("systemctl is-active authserver worldserver mariadb firewalld | xargs")).toBe(
        "active active active active",
      );
    },
    600_000,
  );
});
