import { root } from "./built";
import { LiveRealm, type Release } from "./live-realm";
import { lab, run, stepCommand } from "./on-machine";

const NAME = "t-going-live-cut";
const JOURNAL = "/var/lib/trinity-stack/going-live";

lab.describe("going live that is cut off", () => {
  let realm: LiveRealm;
  let round = 0;
  beforeAll(() => {
    realm = new LiveRealm(NAME);
    realm.machine.sh("systemctl enable -q mariadb");
  }, 600_000);
  afterAll(() => realm?.stop());

  /** Each takes its time, and adds a row. */
  const changes = (name: string): Release => ({
    world: `DO SLEEP(2); UPDATE version SET cache_id = ${name}`,
    characters: `INSERT INTO characters (guid, account, name) VALUES (${name}, 1, 'N${name}')`,
  });
  const updated = (name: string) =>
    realm.sql(
      `SELECT (SELECT COUNT(*) FROM characters.characters WHERE guid = ${name}), cache_id = ${name} FROM world.version`,
    );

  const kill = (units: string) => realm.machine.sh(`systemctl kill -s KILL runner ${units} 2>/dev/null; true`);
  const ways = {
    "is killed": () => kill("trinity-live"),
    "is killed with the updater": () => kill("trinity-live trinity-schema trinity-trial"),
    "loses its power": () => {
      run("tests/lab/machine.sh", ["kill", NAME]);
      const booted = run("tests/lab/machine.sh", ["boot", NAME]);
      if (booted.code !== 0) throw new Error(booted.err);
    },
  };
  type Way = keyof typeof ways;

  const stages: [stage: string, wait: number, release: Pick<Release, "file">, way: Way, goesOn: boolean][] = [
    ["trial", 0.5, {}, "is killed with the updater", false],
    ["trial", 0.5, {}, "loses its power", false],
    ["stopping", 0.2, {}, "is killed", false],
    ["stopping", 0.2, {}, "loses its power", false],
    ["migrating", 1, {}, "is killed", true],
    ["migrating", 1, {}, "is killed with the updater", false],
    ["migrating", 1, {}, "loses its power", false],
    ["switching", 0, {}, "is killed", true],
    ["switching", 0, {}, "loses its power", true],
    ["probing", 1, {}, "is killed", true],
    ["probing", 1, {}, "loses its power", true],
    ["undoing", 0.1, { file: "fails" }, "is killed", false],
    ["undoing", 0.1, { file: "fails" }, "loses its power", false],
    ["undone", 0, { file: "fails" }, "is killed", false],
    ["undone", 0, { file: "fails" }, "loses its power", false],
  ];

  it.each(stages)(
    "at the stage %s (after %d s, %j) when it %s",
    (stage, wait, release, way, goesOn) => {
      round += 1;
      const name = String(100 + round);
      realm.sql(`INSERT INTO characters.characters (guid, account, name) VALUES (${1000 + round}, 1, 'P${round}')`);
      const before = realm.state();
      realm.candidate(name, { ...changes(name), ...release });
      realm.machine.sh(`systemd-run -q --collect --unit=runner bash ${stepCommand("schema", "schema", realm.args)}
        timeout 100 bash -c 'until grep -qx stage=${stage} ${JOURNAL}/state 2>/dev/null; do sleep 0.01; done'; sleep ${wait}`);
      ways[way]();
      // A trial that was cut off by a power cut puts nobody out, and waits for the next run.
      if (stage === "trial" && way === "loses its power") realm.apply();
      else
        realm.machine.sh(`timeout 120 bash -c 'while [[ -d ${JOURNAL} ]]; do sleep 0.2; done
          until [[ $(systemctl show -P ActiveState trinity-live) == @(inactive|failed) ]]; do sleep 0.2; done'`);
      const forward = goesOn || (stage === "trial" && way === "loses its power");
      const after = realm.state();
      expect([after.live, after.servers]).toEqual([forward ? `releases/${name}` : before.live, ["active", "active"]]);
      if (!forward) expect(after.sums).toBe(before.sums);
      expect(updated(name)).toBe(forward ? "1\t1" : "0\t0");
      expect(realm.sql(`SELECT name FROM characters.characters WHERE guid = ${1000 + round}`)).toBe(`P${round}`);
      expect(realm.rests()).toBe("");
      if (!forward && stage !== "trial") expect(realm.alerts()).toEqual([expect.stringMatching(/^rolled-back\t/)]);
      realm.machine.sh(`ln -sfn "$(readlink ${root}/run)" ${root}/candidate`);
      expect(realm.look()).toEqual([]);
    },
    180_000,
  );
});
