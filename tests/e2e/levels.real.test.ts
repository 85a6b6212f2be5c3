/** What the real worldserver makes of levels and of settings, with a player in the world. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { ROOT, sql } from "./breakage";
import { names, pidOf } from "./outside";
import { PlayerLab } from "./player-lab";
import { describeOnLab, expectOk } from "./realm-lab";

jest.setTimeout(600_000);

const LEVEL = "trinitycore:login.accounts.Player.level";

describeOnLab("levels and settings on the real core", () => {
  let lab: PlayerLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    lab = await PlayerLab.make("levels");
    ({ machine, stack } = lab);
  }, 7_200_000);
  afterAll(() => lab?.destroy(), 60_000);

  /** What the worldserver lets the player do who comes in now: a moderator's command, and an administrator's. */
  const mayDo = async () => {
    await lab.enter();
    lab.player.say(".announce dinner is ready");
    lab.player.say(".server motd");
    lab.player.say("and that was it");
    await lab.player.notices(/^message .*and that was it/);
    const hears = (what: RegExp) => lab.player.noticed.some((line) => what.test(line));
    const motds = lab.player.noticed.filter((line) => /^message .*Welcome/.test(line)).length;
    // Everybody reads the Motd once, as they come in.
    return [hears(/^told 3 \[System Message\]: dinner is ready/), motds > 1];
  };

  it.each([
    [0, [false, false]],
    [1, [true, false]],
    [3, [true, true]],
  ])("a level of %d in the config lets the account do so much, from its next login on", async (level, may) => {
    if (level > 0) {
      await lab.leftAlone(() => stack.set({ [LEVEL]: level }), ["accounts"]);
      await lab.player.leave();
    }
    expect(await mayDo()).toEqual(may);
  });

  it.each<[what: string, set: string, may: boolean[], told: RegExp]>([
    [
      "lower",
      "SecurityLevel = 1",
      [true, false],
      /the account PLAYER has level 1 on all realms, should have level 3 on/,
    ],
    [
      "on another realm",
      "RealmID = 2",
      [false, false],
      /the account PLAYER has level 3 on realm 2, should have level 3 on/,
    ],
  ])("a level that somebody makes %s counts for the worldserver, and `up` repairs it", async (_, set, may, told) => {
    await lab.player.leave();
    const player = "SELECT id FROM authserver.account WHERE username = 'PLAYER'";
    await machine.sure(sql(`UPDATE authserver.account_access SET ${set} WHERE AccountID = (${player})`));
    expect(await mayDo()).toEqual(may);
    expect(expectOk(await stack.preview())).toMatch(told);
    await lab.leftAlone(async () => {}, ["accounts"]);
    await lab.player.leave();
    expect(await mayDo()).toEqual([true, true]);
  });

  it("settings that it cannot read it does not take over, though it says done: `up` does not believe it", async () => {
    const own = `${ROOT}/etc/worldserver.conf.d/own.conf`;
    await machine.sure(`printf '[worldserver]\\nAutoBroadcast.On = 0\\n' >${own}`);
    expectOk(await lab.verb("restart", "worldserver", "--now"));
    await lab.enter();
    const before = await pidOf(machine, "worldserver");
    const motd = async () => (await lab.verb("console", "server", "motd")).stdout;

    await machine.sure(`mv ${own} /run/own.conf`);
    await stack.set({ "trinitycore:realms.wotlk.settings": JSON.stringify({ Motd: "Good morning" }) });
    const failed = await stack.up();
    expect([failed.code === 0, failed.stdout + failed.stderr]).toEqual([
      false,
      expect.stringContaining(`error: the worldserver did not take over its new settings: `),
    ]);
    expect(failed.stdout + failed.stderr).toContain(own);
    expect(await motd()).toContain("Welcome");
    expect((await stack.preview()).stdout).toContain("worldserver runs with older settings (");

    await machine.sure(`mv /run/own.conf ${own}`);
    expectOk(await stack.up());
    expect(await motd()).toContain("Good morning");
    expect(names(await stack.planned())).toEqual([]);
    expect([await pidOf(machine, "worldserver"), lab.player.inTheWorld]).toEqual([before, true]);
  });
});
