import { releasesIn } from "../../actions/rollback";
import { data, LiveRealm, onlyForReal, type Release, until } from "./live-realm";
import { lab } from "./on-machine";

lab.describe("going live", () => {
  let realm: LiveRealm;
  beforeAll(() => {
    realm = new LiveRealm("t-going-live");
  }, 600_000);
  afterAll(() => realm?.stop());

  const changes: Release = {
    world: "UPDATE version SET cache_id = 555",
    characters: "DELETE FROM characters WHERE guid = 2; ALTER TABLE characters ADD IF NOT EXISTS more INT",
  };

  it.each<[string, Release, string, RegExp, RegExp | undefined]>([
    [
      "an update that fails on copies of the databases puts nobody out",
      { ...changes, characters: "ALTER TABLE nosuch ADD x INT" },
      "update-failed",
      /^the databases could not be updated for releases\/\d+ \(a trial on copies of them\): .*nosuch/,
      undefined,
    ],
    [
      "one that fails for real only is taken back",
      { ...changes, world: onlyForReal("world") },
      "rolled-back",
      /^the databases could not be updated for releases\/\d+: .* failed in the database world: ERROR 1242/,
      /^going back to releases\/\S+\nrestoring characters as it was before\nrestoring world as it was before\n/m,
    ],
    [
      "a server that does not start is taken back, with the databases",
      { ...changes, file: "fails" },
      "rolled-back",
      /^authserver did not start: test, which is run before it, ended with status 1$/,
      /^releases\/\d+ is live\n(.*\n)*going back to releases\/(.*\n)*starting again: authserver.service worldserver.service$/m,
    ],
    [
      "so is one that ends soon",
      { ...changes, file: "ends" },
      "rolled-back",
      /^(authserver|worldserver) did not stay up: it failed \(status 1\)$/,
      /^watching authserver worldserver for 3 s\n(.*\n)*going back to releases\//m,
    ],
    [
      "one that changes no database is taken back without a restore",
      { file: "fails" },
      "rolled-back",
      /^authserver did not start/,
      /^going back to releases\/\S+\nreleases\/\S+ is live again$/m,
    ],
  ])("%s", (title, release, event, why, told) => {
    const before = realm.state();
    const processes = () => realm.machine.sh("systemctl show -P MainPID worldserver authserver");
    const were = processes();
    realm.candidate(String(title.length), release);
    const { code, out, err } = realm.apply();
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: /)]);
    if (told) expect(out).toMatch(told);
    else expect(processes()).toBe(were);
    expect(realm.state()).toEqual(before);
    expect(realm.rests()).toBe("");
    expect(realm.held()).toMatch(why);
    expect(realm.alerts()).toEqual([expect.stringMatching(new RegExp(`^${event}\treleases/${title.length} `))]);
    // It is not tried again unasked, and the realm goes on.
    const hint = /^hint: releases\/\d+ is not tried again: .*; releases\/\S+ stays live until there is a newer commit/;
    expect(realm.look()).toEqual([expect.stringMatching(hint)]);
    expect(realm.apply()).toMatchObject({ code: 0, out: expect.stringContaining("as it should be") });
  });

  it("goes on after it was killed while the databases are updated, and says so", () => {
    const before = realm.state();
    realm.candidate("7", { ...changes, world: "DO SLEEP(2); UPDATE version SET cache_id = 7" });
    realm.begin("migrating");
    realm.machine.sh("systemctl kill -s KILL runner trinity-live trinity-schema");
    realm.ended();
    expect([realm.state(), realm.rests(), realm.holder()]).toEqual([before, "", ""]);
    expect(realm.alerts()).toEqual([
      expect.stringMatching(/^rolled-back\treleases\/7 could not go live: it was cut off/),
    ]);
    expect(realm.status()).toMatch(/^update +releases\/7 could not go live: it was cut off .* serves/m);
  });

  it("goes on by itself after it was killed while the servers start, for which whoever began it waits", () => {
    realm.candidate("11", { ...changes, file: "slow" });
    realm.machine.sh(`cat >/run/kill.sh && systemd-run -q --collect --unit=kill bash /run/kill.sh`, {
      stdin: `${until("starting")}; systemctl kill -s KILL trinity-live`,
    });
    expect(realm.apply()).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^trinity-live.service was ended from outside .*, went on by itself, and releases\/11 is live$/m,
      ),
    });
    expect(realm.state()).toMatchObject({ live: "releases/11", servers: ["active", "active"] });
    expect([realm.rests(), realm.alerts(), realm.look()]).toEqual(["", [], []]);
  });

  it("is given up where the dumps have no room, and blames no commit", () => {
    const before = realm.state();
    realm.candidate("8", { characters: changes.characters });
    realm.machine.sh(
      "mount -t tmpfs -o size=4k,mode=0700,uid=$(id -u trinity-backup) tmpfs /var/backups/trinity && echo >/var/backups/trinity/.fill",
    );
    expect(realm.apply()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: there is no backup: the dump of/),
    });
    realm.machine.sh("umount /var/backups/trinity");
    expect([realm.state(), realm.rests(), realm.held()]).toEqual([before, "", ""]);
    expect(realm.alerts()).toEqual([
      expect.stringMatching(/^rolled-back\treleases\/8 could not go live: there is no backup/),
    ]);
  });

  it("ends with the new release and the databases as it wants them, and says how long players were away", () => {
    realm.candidate("9", changes);
    const { code, out } = realm.apply();
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^trying releases\/9 .*\n(.*\n)*backing up world before releases\/9\nstopping worldserver\nstopping authserver\nbacking up characters before releases\/9\n(.*\n)*the servers were away for \d+ s\n/m,
      ),
    ]);
    expect(realm.state()).toMatchObject({ live: "releases/9", servers: ["active", "active"] });
    expect(realm.sql("SELECT cache_id FROM world.version; SELECT name FROM characters.characters")).toBe("555\nAnn");
    expect([realm.rests(), realm.alerts(), realm.look()]).toEqual(["", [], []]);
  });

  it("goes back to the release before with its databases when the operator says so, and forward again", () => {
    const before = realm.state();
    const former = before.live?.replace("releases/", "") as string;
    realm.candidate("12", {
      world: "UPDATE version SET cache_id = 12",
      characters: "ALTER TABLE characters COMMENT 'x'",
    });
    expect(realm.apply()).toMatchObject({ code: 0 });
    realm.sql("INSERT INTO characters.characters (guid, account, name) VALUES (50, 1, 'Late')");
    const listed = releasesIn(realm.verb("list").out).find(({ name }) => name === former);
    expect([listed?.problem, Object.keys(listed?.restores ?? {}).sort()]).toEqual([undefined, ["characters", "world"]]);

    const audited = () => realm.machine.sh("tail -n 1 /var/log/trinity-stack/audit.log | cut -f 4-");
    expect(realm.verb("back", "no-such")).toMatchObject({ code: 1, err: expect.stringContaining("no release") });
    expect(audited()).toBe("rollback\tfailed\tno-such");
    const back = realm.verb("back", former);
    expect([back.code, back.out]).toEqual([0, expect.stringMatching(/^restoring characters as it was before$/m)]);
    expect([realm.state(), realm.rests(), realm.holder()]).toEqual([before, "", ""]);
    expect(audited()).toBe(`rollback\tdone\t${former}`);
    expect(realm.look()).toEqual([
      expect.stringMatching(/^hint: releases\/12 is not tried again: it was taken back by hand/),
    ]);

    expect(realm.verb("retry")).toMatchObject({ code: 0 });
    expect(audited()).toBe("retry\tdone");
    expect(realm.apply()).toMatchObject({ code: 0 });
    expect(realm.state()).toMatchObject({ live: "releases/12", servers: ["active", "active"] });
  });

  /** The worldserver is a client that moves gold from table to table, and notes each move when MariaDB has taken it. */
  describe("under load", () => {
    const client = `last=$(tail -n 1 /srv/moved 2>/dev/null)
      for ((n = \${last:-0} + 1; ; n++)); do
        mariadb characters -e "START TRANSACTION; UPDATE purse SET gold = gold - 1 WHERE id = $((n % 50)); INSERT INTO moves VALUES ($n);
          UPDATE bank SET gold = gold + 1 WHERE id = $((n % 50)); COMMIT" && echo $n >>/srv/moved
      done`;
    const dropIn = "/etc/systemd/system/worldserver.service.d";
    beforeAll(() => {
      realm.sql(`USE characters; CREATE TABLE moves (id INT PRIMARY KEY);
        CREATE TABLE purse AS SELECT seq AS id, 1000 AS gold FROM seq_0_to_49; CREATE TABLE bank AS SELECT * FROM purse`);
      realm.machine.sh(
        `cat >/srv/client.sh; mkdir ${dropIn}
        printf '[Service]\\nExecStart=\\nExecStart=/bin/bash /srv/client.sh\\nExecStopPost=/bin/cp --no-clobber /srv/moved /srv/before\\n' >${dropIn}/load.conf
        systemctl daemon-reload; systemctl restart worldserver`,
        { stdin: client },
      );
    });
    afterAll(() =>
      realm.machine.sh(
        `systemctl stop worldserver; rm -r ${dropIn}; systemctl daemon-reload; systemctl start worldserver`,
      ),
    );

    it.each<[becomes: string, name: string, release: Release]>([
      ["goes live", "20", {}],
      ["is taken back after its update", "21", { file: "fails" }],
    ])("loses nothing that was done before the stop when a release %s", (_, name, release) => {
      realm.machine.sh("sleep 1; rm -f /srv/before");
      realm.candidate(name, { characters: "ALTER TABLE purse ADD more INT; ALTER TABLE purse DROP more", ...release });
      const { code } = realm.apply();
      expect(code).toBe(release.file ? 1 : 0);
      realm.machine.sh(
        "cp /srv/moved /srv/after; zstd -dcq $(ls -d /var/backups/trinity/2* | tail -n 1)/characters.sql.zst >/srv/dump.sql",
      );
      const kept = (database: string, moves: string) => ({
        lost: realm.machine.sh(`mariadb -N ${database} -e 'SELECT id FROM moves' | sort | comm -13 - <(sort ${moves})`),
        balance: realm.sql(`USE ${database}; SELECT (SELECT SUM(gold) FROM purse) + (SELECT SUM(gold) FROM bank),
          (SELECT SUM(gold) FROM bank) - (SELECT COUNT(*) FROM moves)`),
      });
      const whole = { lost: "", balance: "100000\t50000" };
      realm.machine.sh("mariadb -e 'CREATE DATABASE copy' && mariadb copy </srv/dump.sql");
      expect(kept("copy", "/srv/before")).toEqual(whole);
      realm.sql("DROP DATABASE copy");
      expect(kept("characters", "/srv/after")).toEqual(whole);
      const moves = (file: string) => Number(realm.machine.sh(`wc -l <${file}`));
      // Players were there before it, and were back before anybody looked.
      expect(moves("/srv/before")).toBeGreaterThan(10);
      expect(moves("/srv/after")).toBeGreaterThan(moves("/srv/before"));
    });
  });

  describe("with new game data that waits for the release", () => {
    const folders = () => [realm.maps(data.data), realm.maps(data.incoming)];
    const waits = () => realm.machine.sh(`cat ${data.incoming}/waiting 2>/dev/null || true`);
    const inodes = () => realm.machine.sh(`cd ${data.data} && find . -type f -printf '%P %i\\n' | sort`);
    beforeAll(() => {
      realm.gameData(data.data, 10);
      realm.machine.sh(`echo 'the old list' >${data.manifest}; rm -r ${data.data}/mmaps`);
      realm.gameData(data.incoming, 11);
      realm.machine.sh(`echo 'the new list' >${data.incoming}/manifest; echo 11 >${data.incoming}/waiting`);
    });

    it("leaves the data where another release goes live", () => {
      realm.candidate("10", {});
      expect(realm.apply()).toMatchObject({ code: 0 });
      expect([...folders(), waits(), realm.state().live]).toEqual(["10", "11", "11", "releases/10"]);
    });

    it("takes the data back with the release that fails, and keeps the new data for it", () => {
      const before = { ...realm.state(), inodes: inodes() };
      realm.candidate("11", { world: changes.world, file: "fails", maps: 11 });
      const { code, out } = realm.apply();
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(
          /^the new game data takes its place\n(.*\n)*going back to releases\/10\n(.*\n)*the former game data takes its place again$/m,
        ),
      ]);
      expect({ ...realm.state(), inodes: inodes() }).toEqual(before);
      expect([...folders(), waits(), realm.rests()]).toEqual(["10", "11", "11", ""]);
      expect(realm.machine.sh(`cat ${data.manifest} ${data.incoming}/manifest; ls ${data.incoming}`)).toBe(
        "the old list\nthe new list\nCameras\ndbc\nmanifest\nmaps\nmmaps\nvmaps\nwaiting",
      );
    });

    it.each([
      ["that is root's", `chown -R root: ${data.data}/maps`],
      ["of which a file was brought anew", `touch ${data.data}/maps/0004331.map`],
    ])("and so it does with data %s", (_, change) => {
      realm.machine.sh(change);
      realm.candidate("11", { file: "ends", maps: 11 });
      expect(realm.apply().code).toBe(1);
      expect([...folders(), waits(), realm.rests()]).toEqual(["10", "11", "11", ""]);
    });

    it("goes live with the data", () => {
      realm.candidate("11", { maps: 11 });
      expect(realm.apply()).toMatchObject({ code: 0 });
      expect([...folders(), waits(), realm.rests()]).toEqual(["11", "", "", ""]);
      expect(realm.machine.sh(`cat ${data.manifest}; ls ${data.data}`)).toBe(
        "the new list\nCameras\ndbc\nmaps\nmmaps\nvmaps",
      );
    });
  });
});
