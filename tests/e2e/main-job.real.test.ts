/** The main job on the real core, with a player in the world: from a bare host to `destroy`. */

import { base32Bytes } from "../../settings/accounts";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { logIn } from "../real/player";
import { totp } from "../support/two-factor";
import { ROOT, sql } from "./breakage";
import { commitToCore, names, pidOf, reaches } from "./outside";
import { PlayerLab, sqlUpdate } from "./player-lab";
import { describeOnLab, expectOk } from "./realm-lab";

jest.setTimeout(300_000);

describeOnLab("the main job on the real core", () => {
  let lab: PlayerLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    lab = await PlayerLab.make("main-job");
    ({ machine, stack } = lab);
  }, 7_200_000);
  afterAll(() => lab?.destroy(), 60_000);

  const enter = () => lab.enter();
  const played = () => lab.played();

  it("both servers serve, in their sandboxes", async () => {
    for (const [server, port] of [
      ["authserver", 3724],
      ["worldserver", 8085],
    ] as const) {
      const process = await pidOf(machine, server);
      expect(await machine.sure(`readlink /proc/${process}/exe`)).toMatch(
        new RegExp(`^${ROOT}/releases/[0-9a-f-]+/bin/`),
      );
      expect(
        await machine.sure(
          `systemctl show -P ProtectSystem ${server}; awk '/^NoNewPrivs/ { print $2 }' /proc/${process}/status`,
        ),
      ).toBe("strict\n1");
      expect(await reaches(machine.address, port)).toBe(true);
    }
    expect(names(await stack.planned())).toEqual([]);
  });

  it("a player comes into the world, and stays there through what is said to leave players alone", async () => {
    await enter();
    await lab.leftAlone(() => machine.sure("firewall-cmd -q --remove-port=8085/tcp"), ["firewall"]);
    await lab.leftAlone(() => machine.sure("systemctl stop trinity-logs.timer"), ["logs"]);
    await lab.leftAlone(() => machine.sure(sql("UPDATE authserver.realmlist SET address = '192.0.2.1'")), ["row"]);
    await lab.leftAlone(() => machine.sure("systemctl stop authserver"), ["authserver"]);
    await lab.leftAlone(
      () => stack.set({ "trinitycore:login.settings": JSON.stringify({ "WrongPass.MaxCount": 5 }) }),
      ["authserver", "authserver-config"],
    );
    await lab.leftAlone(() => stack.set({ "trinitycore:realms.wotlk.name": "Another name" }), ["alerts", "row"]);
    await lab.leftAlone(
      () => stack.set({ "trinitycore:realms.wotlk.settings": JSON.stringify({ Motd: "Good morning" }) }),
      ["worldserver", "worldserver-config"],
    );
  });

  it("hears what the operator says, is counted, and can be thrown out by name", async () => {
    const status = await lab.verb("status");
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toMatch(/^players +1 in the world \(at most 1 since it started\)$/m);
    const info = await lab.verb("console", "server", "info");
    expect([info.code, info.stdout]).toEqual([
      0,
      expect.stringMatching(/^TrinityCore rev\. [\s\S]*Online players: 1 /),
    ]);
    const unknown = await lab.verb("console", "no-such-command");
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);

    expect(await lab.verb("announce", "Dinner is at eight")).toMatchObject({ code: 0, stderr: "" });
    expect(await lab.player.notices(/^told 3 /)).toBe("told 3 [System Message]: Dinner is at eight");
    const before = await pidOf(machine, "worldserver");
    expect((await lab.verb("console", "kick", "Tester")).code).toBe(0);
    await lab.player.notices(/^thrown out/);
    await enter();

    expect((await lab.verb("maintenance", "on")).code).toBe(0);
    await lab.player.notices(/^thrown out/);
    await expect(enter()).rejects.toThrow(/refused/);
    expect((await lab.verb("maintenance", "off")).code).toBe(0);
    await enter();
    expect(await pidOf(machine, "worldserver")).toBe(before);
  });

  it("is told of a change that stops the worldserver, is saved, and finds it all again", async () => {
    await stack.set({ "trinitycore:realms.wotlk.settings": JSON.stringify({ Motd: "Good evening", MaxPingTime: 31 }) });
    expect(expectOk(await stack.preview())).toMatch(/players are disconnected.*players are told 5 s before/);
    expectOk(await stack.up());
    expect(await lab.player.notices(/^told 1 /)).toBe("told 1 0:05");
    await lab.player.notices(/^thrown out/);
    const saved = await played();
    expect(saved).toBeGreaterThan(5);
    await enter();
    expect(await lab.player.notices(/^message .*Good evening/)).toBeTruthy();
    await lab.player.leave();
    expect(await played()).toBeGreaterThanOrEqual(saved);
    expect(names(await stack.planned())).toEqual([]);
  });

  it("is asked for a code where the account has a two-factor secret, whatever the master secret is", async () => {
    const secret = "JBSWY3DPEHPK3PXP";
    const key = "trinitycore:login.accounts.Player.twoFactor";
    const logsIn = () => logIn(machine, "PLAYER", "SECRET12", totp(base32Bytes(secret) as Buffer, Date.now() / 1000));
    await enter();
    await lab.leftAlone(() => stack.set({ [key]: { secret } }), ["two-factor"]);
    expect(logIn(machine, "PLAYER", "SECRET12")).toMatch(/^refused proof: /);
    expect(logIn(machine, "PLAYER", "SECRET12", "123")).toMatch(/^refused proof: /);
    expect(logsIn()).toBe("logged in");

    await stack.set({ "trinitycore:login.totpMasterSecret": { secret: "00112233445566778899AABBCCDDEEFF" } });
    expectOk(await stack.up());
    await lab.player.notices(/^thrown out/);
    await lab.serves();
    expect(logIn(machine, "PLAYER", "SECRET12")).toMatch(/^refused proof: /);
    expect(logsIn()).toBe("logged in");
    await stack.unset(key);
    expectOk(await stack.up());
    expect(logIn(machine, "PLAYER", "SECRET12")).toBe("logged in");
    expect(names(await stack.planned())).toEqual([]);
  });

  it("loses nothing when somebody restarts MariaDB", async () => {
    await enter();
    const before = await played();
    await machine.sure("sleep 5; systemctl restart mariadb");
    await lab.player.notices(/^thrown out/);
    await lab.serves();
    expect(await played()).toBeGreaterThanOrEqual(before + 5);
    await enter();
    expect(await lab.online()).toBe("1");
    expect(names(await stack.planned())).toEqual([]);
  });

  it("goes one commit further, with an update of the databases", async () => {
    const release = await machine.sure(`readlink ${ROOT}/run`);
    const before = await played();
    const tip = await commitToCore(
      machine,
      `echo '// one commit further' >>src/server/worldserver/Main.cpp && ${sqlUpdate("characters", 1, "ALTER TABLE characters ADD COLUMN further INT NOT NULL DEFAULT 7")}`,
    );
    await stack.set({ "trinitycore:core.source.commit": tip });
    expectOk(await stack.up());
    await lab.player.notices(/^told 1 /);
    await lab.player.notices(/^thrown out/);
    expect(await machine.sure(`readlink ${ROOT}/run`)).not.toBe(release);
    expect(await machine.sure(sql("SELECT further FROM characters.characters"))).toBe("7");
    expect(await played()).toBeGreaterThan(before);
    expect(names(await stack.planned())).toEqual([]);
    await enter();
  }, 3_600_000);

  it("comes back after it was killed, with what was last saved", async () => {
    const saved = await played();
    await machine.sure("systemctl kill --signal=KILL worldserver");
    await lab.player.notices(/^thrown out/);
    await machine.sure("for i in $(seq 300); do systemctl is-active -q worldserver && exit; sleep 0.1; done; exit 1");
    await lab.serves();
    await enter();
    await lab.player.leave();
    expect(await played()).toBeGreaterThanOrEqual(saved);
    expect(names(await stack.planned())).toEqual([]);
  });

  it("is gone after `destroy`, but for what players have", async () => {
    const saved = await played();
    expectOk(await stack.destroy());
    expect(await machine.sure("ls /etc/systemd/system /usr/local/libexec 2>/dev/null || true")).not.toMatch(
      /worldserver|authserver|trinity/,
    );
    // Its home holds the game data.
    expect(await machine.sure(`getent passwd trinity | cut -d : -f 6; ls ${ROOT}/data`)).toMatch(
      /^\/var\/lib\/trinity\n[\s\S]*maps/,
    );
    expect(await played()).toBe(saved);
  });
});
