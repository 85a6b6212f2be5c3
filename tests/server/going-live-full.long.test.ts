import { root } from "./built";
import { LiveRealm, type Moment, type Release, STATE, until } from "./live-realm";
import { lab } from "./on-machine";

/** What may be on a disk of its own, with the room that is left there when all goes well, in MB. */
const places = {
  databases: ["/var/lib/mysql", 600],
  dumps: ["/var/backups/trinity", 20],
  records: [STATE, 20],
  releases: [root, 100],
} as const;
type Place = keyof typeof places;

/** Takes its time, and then room: so many MB. */
const growsBy = (mb: number): Release => ({
  world: `DO SLEEP(2); CREATE OR REPLACE TABLE grows AS SELECT REPEAT('x', 200) FROM seq_1_to_${mb * 4000}`,
  characters: "INSERT INTO characters (guid, account, name) SELECT COALESCE(MAX(guid), 0) + 1, 1, 'N' FROM characters",
});
const grows = growsBy(25);
const { characters } = grows;

lab.describe("going live on a disk that becomes full, with nobody there", () => {
  let realm: LiveRealm;
  let round = 0;
  beforeAll(() => {
    realm = new LiveRealm("t-live-full");
    realm.machine.sh("systemctl stop worldserver authserver mariadb");
    for (const [folder, room] of Object.values(places))
      realm.machine.sh(`used=$(du -sm ${folder} | cut -f 1) && mkdir /srv/small && mount -t tmpfs -o size=$((used + ${room}))m tmpfs /srv/small
        cp -a ${folder}/. /srv/small && chown --reference=${folder} /srv/small && chmod --reference=${folder} /srv/small
        mount --bind /srv/small ${folder} && umount /srv/small && rmdir /srv/small`);
    realm.machine.sh("systemctl start mariadb worldserver authserver");
  }, 600_000);
  afterAll(() => realm?.stop());

  /** Takes all room of a place, at once or as soon as the moment comes. */
  const fill = (place: Place, moment: Moment | "beginning") => {
    const [folder] = places[place];
    const script = `${moment === "beginning" ? "" : until(moment)}
      for size in 1M 4k; do dd if=/dev/zero of=${folder}/.fill-$size bs=$size; done 2>/dev/null; touch /run/filled`;
    realm.machine.sh("rm -f /run/filled; cat >/run/fill.sh && systemd-run -q --collect --unit=fill bash /run/fill.sh", {
      stdin: script,
    });
    if (moment === "beginning") realm.machine.sh("until [[ -e /run/filled ]]; do sleep 0.05; done");
  };
  const makeRoom = (place: Place) => realm.machine.sh(`test -e /run/filled && rm ${places[place][0]}/.fill-*`);
  /** What the operator was told since the last time: the alerts' record itself may have no room. */
  const told = () =>
    realm.machine.sh(`journalctl --sync; journalctl -q -o cat -t trinity-alert --cursor-file=/run/told || true`);

  it.each<[place: Place, moment: Moment | "beginning", release: Release, alert: RegExp | undefined]>([
    [
      "databases",
      "trial",
      grows,
      /^update-failed: \S+ did not go live, and nothing was changed: .*\(a trial on copies of them\): the disk is full/,
    ],
    [
      "dumps",
      "beginning",
      grows,
      /^update-failed: \S+ did not go live, and nothing was changed: there is no backup: the dump of world /,
    ],
    [
      "dumps",
      "beginning",
      { characters },
      /^rolled-back: \S+ could not go live: there is no backup: the dump of characters .*No space left/,
    ],
    ["records", "beginning", grows, /^$/],
    [
      "records",
      "backup of the characters",
      grows,
      /^rolled-back: \S+ could not go live: could not write \S+state; releases\/\S+ serves/,
    ],
    [
      "databases",
      "migrating",
      growsBy(100),
      /^rolled-back: \S+ could not go live: the databases could not be updated for \S+: the disk is full: .* serves/,
    ],
    [
      "records",
      "migrating",
      grows,
      /^rolled-back: \S+ could not go live: could not write \S+; releases\/\S+ serves, with the databases as they were/,
    ],
    ["releases", "migrating", grows, undefined],
    ["records", "starting", { ...grows, file: "slow" }, undefined],
    ["records", "probing", grows, undefined],
    ["databases", "probing", grows, undefined],
  ])(
    "of the %s, at the stage %s (%#)",
    (place, moment, release, alert) => {
      round += 1;
      const name = String(100 + round);
      const before = realm.state();
      realm.candidate(name, release);
      told();
      fill(place, moment);
      const { code } = realm.apply();
      const after = realm.state();
      const said = told();
      const status = realm.status();
      const blamed = realm.held();
      makeRoom(place);
      if (alert) {
        expect([code, said]).toEqual([1, expect.stringMatching(alert)]);
        expect(after).toEqual(before);
        if (moment !== "beginning") expect(status).toMatch(/^update +releases\/\d+ (could|did) not go live/m);
      } else {
        expect([code, said]).toEqual([0, ""]);
        expect(after).toMatchObject({ live: `releases/${name}`, servers: ["active", "active"] });
        expect(status).toMatch(new RegExp(`^update +releases/${name} is live`, "m"));
      }
      // Want of room is no fault of a commit.
      expect([blamed, realm.rests(), realm.holder()]).toEqual(["", "", ""]);
      if (alert) expect(realm.apply()).toMatchObject({ code: 0 });
      expect([realm.state().live, realm.look()]).toEqual([`releases/${name}`, []]);
    },
    120_000,
  );

  it("of the databases, on the way back: the servers stay down, which is told, and the next run goes on", () => {
    const before = realm.state();
    realm.candidate("200", { ...grows, file: "fails" });
    told();
    fill("databases", "undoing");
    expect(realm.apply()).toMatchObject({ code: 1, out: expect.stringMatching(/it goes on with this$/m) });
    expect(told()).toMatch(/^update-failed: releases\/200 could not go live \(.*\), and it could not be undone: /);
    expect(realm.state().servers).not.toContain("active");
    makeRoom("databases");
    realm.apply();
    expect(realm.state()).toEqual(before);
    expect([realm.rests(), realm.holder()]).toEqual(["", ""]);
  }, 120_000);
});
