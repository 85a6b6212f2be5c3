/** Nights and bad days on the real core, each with a player in the world before and after. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { onlyForReal } from "../server/live-realm";
import { ROOT, sql } from "./breakage";
import { commitToCore, names, pidOf } from "./outside";
import { PlayerLab, sqlUpdate } from "./player-lab";
import { describeOnLab, expectOk } from "./realm-lab";

const STATE = "/var/lib/trinity-stack";
const MAIN = "src/server/worldserver/Main.cpp";
jest.setTimeout(1_800_000);

describeOnLab("nights and bad days on the real core", () => {
  let lab: PlayerLab;
  let machine: Machine;
  let stack: Stack;
  /** The release before the first night, and that night's. */
  let first: string;
  let good: string;

  beforeAll(async () => {
    lab = await PlayerLab.make("nights");
    ({ machine, stack } = lab);
    const inHours = (hours: number) =>
      `*-*-* ${new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16)}:00`;
    await stack.set({
      // Whoever earns something by a command is a game master.
      "trinitycore:login.accounts.Player.level": 3,
      "trinitycore:update.schedule": "nightly",
      "trinitycore:update.build": inHours(10),
      "trinitycore:update.live": inHours(12),
    });
    expectOk(await stack.up());
    first = await live();
  }, 7_200_000);
  afterAll(() => lab?.destroy(), 60_000);

  const live = () => machine.sure(`basename $(readlink ${ROOT}/run)`);
  const start = async (half: "build" | "live") => (await machine.exec(`systemctl start trinity-night-${half}`)).code;
  const asks = (statement: string) => machine.sure(sql(statement));
  const status = async () => JSON.parse((await lab.verb("status", "--json")).stdout);
  const alerts = () => machine.sure(`cut -f 3,5 ${STATE}/alerts/record 2>/dev/null; rm -f ${STATE}/alerts/record`);
  const audit = async () => (await lab.verb("logs", "audit")).stdout;
  const nothingIsPlanned = async () => {
    const { code, stdout } = await stack.preview(["--expect-no-changes"]);
    expect([code, stdout]).toEqual([0, expect.anything()]);
    return stdout;
  };
  /** Players are told, thrown out with what they did last, and can come back. */
  const isPutOut = async () => {
    await lab.player.notices(/^told 1 0:05$/, 600);
    await lab.player.notices(/^thrown out/);
  };
  /** The worldserver goes on, and the player in its world. */
  const staysOn = async (during: () => Promise<void>) => {
    const before = await pidOf(machine, "worldserver");
    await during();
    expect([await pidOf(machine, "worldserver"), lab.player.inTheWorld, await lab.online()]).toEqual([
      before,
      true,
      "1",
    ]);
  };
  const isLeftAlone = async () => {
    const began = () => machine.sure("cat /run/trinity-jobs/build/began");
    const before = await began();
    await staysOn(async () => {
      expect([await start("build"), await start("live")]).toEqual([0, 0]);
      expect((await status()).update).toMatchObject({ by: "night", did: "nothing" });
    });
    expect(await began()).toBe(before);
  };

  it("builds in a good night while the player plays, then goes live, and they find all that they had", async () => {
    await lab.enter();
    await lab.earns(100);
    const tip = await commitToCore(
      machine,
      [
        `echo '// a good night' >>${MAIN}`,
        sqlUpdate("characters", 1, "ALTER TABLE characters ADD COLUMN further INT NOT NULL DEFAULT 7"),
        sqlUpdate("world", 1, "UPDATE version SET cache_id = 777"),
      ].join(" && "),
    );
    await staysOn(async () => {
      const built = start("build");
      await machine.sure(`timeout 300 bash -c 'until systemctl is-active -q trinity-build; do sleep 0.2; done'`);
      await lab.earns(20);
      expect(await built).toBe(0);
      expect(await live()).toBe(first);
      expect(await nothingIsPlanned()).toMatch(/releases\/\S+ is built and goes live .*; at once/);
    });
    const played = await lab.played();

    expect(await Promise.all([start("live"), isPutOut()])).toEqual([0, undefined]);
    good = await live();
    expect(good.slice(0, 12)).toBe(tip.slice(0, 12));
    expect(await machine.sure(`readlink /proc/${await pidOf(machine, "worldserver")}/exe`)).toContain(good);
    expect(await asks("SELECT money, further, cache_id FROM characters.characters, worldserver.version")).toBe(
      "120\t7\t777",
    );
    expect(await lab.played()).toBeGreaterThan(played);
    await lab.enter();
    expect(await lab.owns()).toBe(121);
    expect((await lab.verb("status")).code).toBe(0);
    expect(await status()).toMatchObject({
      ...{ release: good, players: 1, holds: [] },
      update: { by: "night", did: "live", said: `releases/${good} is live` },
    });
    expect(await audit()).toMatch(new RegExp(`trinity-night-live\\.service .*: update: went live \\(${good}\\)$`, "m"));
    expect(await alerts()).toBe("");
    await nothingIsPlanned();
  });

  it("leaves the player where they are when a night's build fails, tells why, and lets that commit be", async () => {
    const tip = await commitToCore(machine, `echo 'this is not C++' >>${MAIN}`);
    await staysOn(async () => {
      expect(await start("build")).not.toBe(0);
      expect(await start("live")).toBe(0);
    });
    expect(await live()).toBe(good);
    expect(await alerts()).toMatch(
      new RegExp(
        `^build-failed\tbuild of ${tip.slice(0, 12)} failed after .*; release ${good.slice(0, 12)} is still live$`,
      ),
    );
    expect((await lab.verb("status")).code).toBe(1);
    expect(await status()).toMatchObject({ release: good, players: 1, update: { by: "night", did: "failed" } });
    await isLeftAlone();
    expect((await lab.verb("status")).code).toBe(0);
    await nothingIsPlanned();
  });

  it("puts nobody out for an update that fails on copies of the databases", async () => {
    const change = `git checkout -q HEAD^ -- ${MAIN} && ${sqlUpdate("characters", 2, "ALTER TABLE nosuch ADD COLUMN x INT")}`;
    const tip = await commitToCore(machine, change);
    await staysOn(async () => {
      expect([await start("build"), await start("live")]).toEqual([0, 1]);
    });
    expect(await live()).toBe(good);
    expect(await alerts()).toMatch(
      new RegExp(`^update-failed\treleases/${tip.slice(0, 12)}\\S+ did not go live, and nothing was changed: .*nosuch`),
    );
    await isLeftAlone();
    await nothingIsPlanned();
  });

  it("takes an update back that fails on the databases themselves: the player finds what they had at the stop", async () => {
    const worse = [
      // Nobody plays, and nothing is changed yet: what is to come back can be looked at.
      "DO IF(DATABASE() = 'characters', SLEEP(20), 0)",
      "UPDATE characters SET money = 0",
      "ALTER TABLE characters ADD COLUMN worse INT",
      "DELETE FROM character_inventory",
      onlyForReal("characters"),
    ].join("; ");
    const tip = await commitToCore(machine, `git rm -q '*2099_01_01_02*' && ${sqlUpdate("characters", 3, worse)}`);
    expect(await start("build")).toBe(0);
    await lab.earns(50);
    const ended = start("live");
    await isPutOut();
    await machine.sure(
      `timeout 120 bash -c 'until grep -qx stage=migrating ${STATE}/going-live/state; do sleep 0.1; done'`,
    );
    const before = await lab.rows();
    expect(await ended).toBe(1);
    await lab.serves();
    expect(await lab.rows()).toEqual(before);
    expect([await live(), await lab.money()]).toEqual([good, 171]);
    await lab.enter();
    expect(await lab.owns()).toBe(172);
    expect(await alerts()).toMatch(
      new RegExp(`^rolled-back\treleases/${tip.slice(0, 12)}\\S+ could not go live: .*; releases/${good} serves`, "m"),
    );
    expect(await audit()).toMatch(/trinity-night-live\.service .*: update: failed/);
    await isLeftAlone();
    await nothingIsPlanned();
  });

  it("restores what was backed up, and what was there before the restore", async () => {
    const restore = (...words: string[]) => stack.realm(["restore", ...stack.where, ...words]);
    const backups = async () =>
      JSON.parse((await restore("--json")).stdout).backups as { name: string; note: string }[];
    expectOk(await lab.verb("backup"));
    expect(await audit()).toMatch(/: backup: done/);
    await machine.sure("systemctl start trinity-backup-drill");
    const [backup] = await backups();
    const played = await lab.played();
    await lab.earns(1000);

    const [restored] = await Promise.all([restore(backup?.name ?? "", "--yes"), isPutOut()]);
    expect([restored.code, restored.stdout]).toEqual([0, expect.stringContaining("characters is restored")]);
    expect([await lab.money(), await lab.played()]).toEqual([172, played]);
    await lab.enter();
    expect(await lab.owns()).toBe(173);
    expect((await lab.verb("status")).code).toBe(0);
    await nothingIsPlanned();

    const [before] = await backups();
    expect(before?.note).toBe("before restore");
    const [undone] = await Promise.all([restore(before?.name ?? "", "--only", "characters", "--yes"), isPutOut()]);
    expect([undone.code, undone.stdout]).toEqual([0, expect.stringContaining("characters is restored")]);
    await lab.enter();
    expect(await lab.owns()).toBe(1173);
    expect(await lab.played()).toBeGreaterThan(played);
    expect(await audit()).toMatch(/: restore: well/);
    await nothingIsPlanned();
    await alerts();
  });

  it("goes back to the release before, with what players had when it was left", async () => {
    const listed = JSON.parse(expectOk(await lab.verb("rollback", "--json"))) as { name: string; restores: object }[];
    expect(Object.keys(listed.find(({ name }) => name === first)?.restores ?? {}).sort()).toEqual([
      "characters",
      "world",
    ]);
    const [back] = await Promise.all([lab.verb("rollback", first.slice(0, 12), "--yes"), isPutOut()]);
    expect([back.code, back.stderr]).toEqual([0, expect.stringMatching(/the characters database goes back to /)]);
    expect(await live()).toBe(first);
    expect(await lab.money()).toBe(120);
    expect((await machine.exec(sql("SELECT further FROM characters.characters"))).stderr).toMatch(/Unknown column/);
    await lab.enter();
    expect(await lab.owns()).toBe(121);
    expect(await audit()).toMatch(new RegExp(`: rollback: done \\(${first}\\)$`, "m"));
    expect((await lab.verb("status")).code).toBe(0);
    expect(await nothingIsPlanned()).toMatch(/is not tried again: it was taken back by hand/);
    await isLeftAlone();
    expect((await status()).update.said).toMatch(/ is not tried again: it was taken back by hand/);

    expectOk(await lab.verb("retry"));
    expect(names(await stack.planned())).toContain("realm-schema");
    const [again] = await Promise.all([stack.up(), isPutOut()]);
    expectOk(again);
    expect(await live()).toBe(good);
    await lab.enter();
    expect(await lab.owns()).toBe(122);
    await nothingIsPlanned();
  });
});
