/** Settings that the worldserver takes over while it runs: nobody is disconnected. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { pidOf } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab, upAndPreview } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";

describeOnLab("settings that are reloaded", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeEach(async () => {
    realm = await convergedRealm("reload");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterEach(() => destroyLab(realm), 60_000);

  const pids = async () => [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
  const up = () => upAndPreview(stack);
  const motd = async () => (await stack.realm(["console", ...stack.where, "server", "motd"])).stdout;
  const settings = (all: Readonly<Record<string, string | number>>) =>
    stack.set({ "trinitycore:realms.wotlk.settings": JSON.stringify(all) });

  it("keep the worldserver's process, whatever the window; others wait for it", async () => {
    const opens = new Date(Date.now() + 12 * 3600_000).toISOString().slice(11, 16);
    await stack.set({ "trinitycore:restarts": "window", "trinitycore:window.schedule": `*-*-* ${opens}:00` });
    await up();
    const before = await pids();
    await settings({ Motd: "another day", "Rate.XP.Kill": 3 });
    const told = (await stack.preview()).stdout;
    expect(told).toContain(
      "applying this reloads the worldserver's settings, unless it runs with them already; players stay online",
    );
    expect(told).toContain(
      "will be checked after realm-worldserver-config; where it must, this reloads the worldserver's settings; players stay online",
    );
    expect(told).not.toContain("restarts the worldserver");
    expect((await up()).output).toContain("the worldserver has read its settings again; players stayed online");
    expect(await motd()).toContain("another day");
    expect(await pids()).toEqual(before);
    // The log goes on in a new file, as after a start, and nothing of the old one is lost.
    expect(await machine.sure(`zcat -f ${ROOT}/logs/Server*.log* | grep -c 'ready\\.\\.\\.'`)).not.toBe("0");

    // A key besides that is read at the start alone has all of it wait.
    await settings({ Motd: "one day", MaxPingTime: 31 });
    expect((await stack.preview()).stdout).toMatch(
      /after realm-worldserver-config; where it must, this restarts the worldserver: .*; in the window/,
    );
    expect((await up()).preview).toMatch(
      /worldserver runs with an older .*\/stack\.conf: restart needed; players stay/,
    );
    expect(await motd()).toContain("another day");
    // Back again: nothing waits any more, and nothing is to be reloaded.
    await settings({ Motd: "another day", "Rate.XP.Kill": 3 });
    expect((await up()).output).not.toContain("has read its settings again");
    expect(await pids()).toEqual(before);
  }, 600_000);

  it("and cannot be read are told of with the cause, and the next `up` tries again", async () => {
    const own = `${ROOT}/etc/worldserver.conf.d/own.conf`;
    await machine.sure(`printf '[worldserver]\\nAutoBroadcast.On = 0\\n' >${own} && systemctl restart worldserver`);
    const before = await pids();
    await machine.sure(`mv ${own} /run/own.conf`);
    const log = await machine.sure(`stat -c %i ${ROOT}/logs/Server.log`);
    await settings({ Motd: "another day" });
    const failed = await stack.up();
    expect([failed.code === 0, failed.stdout + failed.stderr]).toEqual([
      false,
      expect.stringContaining(`error: the worldserver did not take over its new settings: cannot open file (${own})`),
    ]);
    expect(await pids()).toEqual(before);
    expect(await machine.sure(`stat -c %i ${ROOT}/logs/Server.log`)).toBe(log);
    expect(await motd()).not.toContain("another day");
    expect((await stack.preview()).stdout).toContain("worldserver runs with older settings (");

    await machine.sure(`mv /run/own.conf ${own}`);
    await up();
    expect(await motd()).toContain("another day");
    expect(await pids()).toEqual(before);
  }, 600_000);
});
