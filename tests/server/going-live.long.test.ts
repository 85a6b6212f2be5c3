import { root } from "./built";
import { LiveRealm, type Moment, type Release } from "./live-realm";
import { lab, run } from "./on-machine";

const NAME = "t-live-cut";

lab.describe("going live that is cut off, with nobody there", () => {
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
    "is killed with what it waits for": () => kill("trinity-live trinity-schema trinity-trial trinity-backup-now"),
    "loses its power": () => {
      run("tests/lab/machine.sh", ["kill", NAME]);
      const booted = run("tests/lab/machine.sh", ["boot", NAME]);
      if (booted.code !== 0) throw new Error(booted.err);
    },
  };
  type Way = keyof typeof ways;
  /** What becomes of it, and what the operator is told. */
  const ends = {
    "nothing was changed": {
      alert: /^update-failed\treleases\/\d+ did not go live, and nothing was changed: it was cut off before/,
      status: /^update +releases\/\d+ did not go live, and nothing was changed: it was cut off/m,
    },
    "it is taken back": {
      alert:
        /^rolled-back\treleases\/\d+ could not go live: .*; releases\/\S+ serves, with the databases as they were$/,
      status: /^update +releases\/\d+ could not go live: .* serves/m,
    },
    "it goes on": { alert: undefined, status: /^update +releases\/\d+ is live/m },
  };
  type End = keyof typeof ends;

  const at = (moment: Moment, file: Release["file"], becomes: Partial<Record<Way, End>>) =>
    Object.entries(becomes).map(([way, end]): [Moment, Way, End, Release["file"]] => [moment, way as Way, end, file]);
  const both = (end: End) => ({ "is killed": end, "loses its power": end });

  it.each([
    ...at("trial", undefined, {
      ...both("nothing was changed"),
      "is killed with what it waits for": "nothing was changed",
    }),
    ...at("backup of the world", undefined, both("nothing was changed")),
    ...at("stopping", undefined, both("it is taken back")),
    ...at("backup of the characters", undefined, {
      ...both("it is taken back"),
      "is killed with what it waits for": "it is taken back",
    }),
    ...at("migrating", undefined, {
      "is killed": "it goes on",
      "is killed with what it waits for": "it is taken back",
      "loses its power": "it is taken back",
    }),
    ...at("switching", undefined, both("it goes on")),
    ...at("starting", "slow", both("it goes on")),
    ...at("probing", undefined, both("it goes on")),
    ...at("undoing", "fails", both("it is taken back")),
    ...at("undone", "fails", both("it is taken back")),
  ])(
    "at the stage %s, when it %s: %s",
    (moment, way, end, file) => {
      round += 1;
      const name = String(100 + round);
      realm.sql(`INSERT INTO characters.characters (guid, account, name) VALUES (${1000 + round}, 1, 'P${round}')`);
      const before = realm.state();
      realm.candidate(name, { ...changes(name), file });
      realm.begin(moment);
      ways[way]();
      realm.ended();
      const forward = end === "it goes on";
      const after = realm.state();
      expect([after.live, after.servers]).toEqual([forward ? `releases/${name}` : before.live, ["active", "active"]]);
      if (!forward) expect(after.sums).toBe(before.sums);
      expect(updated(name)).toBe(forward ? "1\t1" : "0\t0");
      expect(realm.sql(`SELECT name FROM characters.characters WHERE guid = ${1000 + round}`)).toBe(`P${round}`);
      expect([realm.rests(), realm.holder()]).toEqual(["", ""]);
      const { alert, status } = ends[end];
      expect(realm.alerts()).toEqual(alert ? [expect.stringMatching(alert)] : []);
      expect(realm.status()).toMatch(status);
      realm.machine.sh(`ln -sfn "$(readlink ${root}/run)" ${root}/candidate`);
      expect(realm.look()).toEqual([]);
    },
    180_000,
  );
});
