import { releasesIn } from "../../actions/rollback";
import { root } from "./built";
import { data, LiveRealm, onlyForReal, type Release } from "./live-realm";
import { lab } from "./on-machine";

lab.describe("going live", () => {
  let realm: LiveRealm;
  beforeAll(() => {
    realm = new LiveRealm("t-going-live");
  }, 600_000);
  afterAll(() => realm?.stop());

  const changes: Release = {
    world: "UPDATE version SET cache_id = 555",
    characters: "DELETE FROM characters WHERE guid = 2; ALTER TABLE characters ADD more INT",
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

  it("goes back when the operator says so, with the databases as they were then, and forward when they say that", () => {
    const verb = (...words: readonly string[]) =>
      realm.machine.exec(
        `bash /usr/local/libexec/trinity-stack/current/actions/rollback.sh stack=test/stack schema=schema ${words.join(" ")}`,
      );
    const names = () => realm.sql("SELECT GROUP_CONCAT(name ORDER BY guid) FROM characters.characters");
    const audited = () => realm.machine.sh("cut -f 4,5,6 /var/log/trinity-stack/audit.log | tail -n 1");
    // Else what is held against the one would be held against the other.
    realm.machine.sh(
      `echo test/stack >/var/lib/trinity-stack/owner; sed -i 's/^commit=.*/commit=${"9".repeat(40)}/' ${root}/releases/9/release.info`,
    );
    realm.sql("INSERT INTO characters.characters (guid, account, name) VALUES (3, 1, 'Cid')");
    expect(names()).toBe("Ann,Cid");
    const listed = releasesIn(verb("verb=list").out);
    expect(listed.filter(({ live }) => live).map(({ name }) => name)).toEqual(["9"]);
    const old = listed.find(({ name }) => name === realm.first);
    expect([Object.keys(old?.restores ?? {}), old?.problem]).toEqual([["characters", "world"], undefined]);

    expect(verb("verb=back", "release=no-such")).toMatchObject({ code: 1, err: expect.stringContaining("no release") });
    expect(audited()).toBe("rollback\tfailed\tno-such");
    const { code, out, err } = verb("verb=back", `release=${realm.first}`);
    expect([code, err, out]).toEqual([0, "", expect.stringMatching(/restoring characters as it was before\n/)]);
    expect(realm.state()).toMatchObject({ live: `releases/${realm.first}`, servers: ["active", "active"] });
    expect([names(), realm.sql("SELECT COUNT(*) FROM world.version WHERE cache_id = 555")]).toEqual(["Ann,Bob", "0"]);
    expect([audited(), realm.rests()]).toEqual([`rollback\tdone\t${realm.first}`, ""]);
    expect(realm.look()).toEqual([
      expect.stringMatching(/^hint: releases\/9 is not tried again: it was taken back by hand/),
    ]);
    expect(realm.apply()).toMatchObject({ code: 0, out: expect.stringContaining("as it should be") });

    expect(verb("verb=retry")).toMatchObject({ code: 0, err: "" });
    expect(audited()).toBe("retry\tdone");
    expect(realm.apply().code).toBe(0);
    expect([realm.state().live, names()]).toEqual(["releases/9", "Ann"]);
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
