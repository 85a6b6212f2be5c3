import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import { CHECKOUT, type Stack } from "../lab/pulumi";
import { delayed } from "../support/delay";
import { ROOT } from "./breakage";
import { names } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("game data that is sent", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  const folder = mkdtempSync(join(tmpdir(), "data to send "));
  const BIG = 400_000_000;

  beforeAll(async () => {
    realm = await convergedRealm("data");
    ({ machine, stack } = realm);
    execFileSync(join(CHECKOUT, "tests/lab/core/make-data.sh"), [folder]);
    execFileSync("bash", [
      "-c",
      `{ printf VMAP_4.8; head -c ${BIG - 8} /dev/urandom; } >"$1/vmaps/big.vmo"`,
      "-",
      folder,
    ]);
  }, 1_200_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await destroyLab(realm);
  }, 60_000);

  const verb = (...words: string[]) => stack.realm(["data", ...words, ...stack.where]);
  const world = () => machine.sure("systemctl show -P MainPID worldserver");
  const sums = (where: string) => `cd '${where}' && find . -type f -print0 | sort -z | xargs -0 sha256sum`;
  const here = () => execFileSync("bash", ["-c", sums(folder)], { encoding: "utf8" }).trim();
  /** What went over the line, as the verb tells it. */
  const sent = (said: string) => {
    const [, value, unit = ""] = /^sent ([\d.]+) (bytes|kB|MB|GB) in /m.exec(said) ?? [];
    return Number(value) * ({ bytes: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }[unit] ?? Number.NaN);
  };

  /** Stops the host's tar in the middle of the big file, however fast the connection is. */
  const hold = () =>
    machine.sure(
      `timeout 100 bash -c 'until (($(du -sb ${ROOT}/data.incoming 2>/dev/null | cut -f 1) > 10000000)); do sleep 0.02; done; pids=$(pgrep -x tar) && kill -STOP $pids && echo $pids' | tr '\\n' ' '`,
    );

  it("goes on where it was cut off, and leaves what is live alone until all is there", async () => {
    const before = await machine.sure(sums(`${ROOT}/data`));
    const pid = await world();
    const child = spawn(
      join(CHECKOUT, "node_modules/.bin/ts-node"),
      ["cli/realm.ts", "data", "send", folder, ...stack.where],
      { cwd: CHECKOUT, env: stack.environment, detached: true, stdio: "ignore" },
    );
    const ended = new Promise((done) => child.on("close", done));
    const held = await hold();
    process.kill(-(child.pid as number), "SIGKILL");
    await ended;
    // runuser stops itself when its tar is stopped.
    await machine.sure(
      `kill -CONT ${held} $(pgrep -x runuser); timeout 60 bash -c 'while pgrep -x tar; do sleep 0.1; done'`,
    );
    const arrived = Number(await machine.sure(`find ${ROOT}/data.incoming -name '*.vmo' -printf '%s'`));
    expect(arrived).toBeGreaterThan(10_000_000);
    expect(arrived).toBeLessThan(BIG);
    expect(await machine.sure(sums(`${ROOT}/data`))).toBe(before);

    const said = expectOk(await verb("send", folder));
    expect(sent(said)).toBeLessThan(BIG - arrived + 3_000_000);
    expect(sent(said)).toBeGreaterThan(1_000_000);
    expect(await machine.sure(sums(`${ROOT}/data`))).toBe(here());
    expect(await machine.sure(`find ${ROOT}/data ! -user trinity; ls -d ${ROOT}/data.incoming || true`)).toBe("");
    expect(await world()).toBe(pid);
  }, 400_000);

  it("restarts the worldserver with the next `up`, as the config has it, and is an output of the stack", async () => {
    const pid = await world();
    expect(names(await stack.planned())).toEqual(["realm-worldserver"]);
    expectOk(await stack.up());
    expect(await machine.sure("systemctl is-active worldserver")).toBe("active");
    expect(await world()).not.toBe(pid);
    expect(await stack.outputs()).toMatchObject({ gameData: "dbc, maps 10, vmaps 4.8, mmaps 15, Cameras" });
    expect(names(await stack.planned())).toEqual([]);
  }, 200_000);

  it("is sent once, later only what changed, and can be read over there", async () => {
    expect(expectOk(await verb("send", folder))).toMatch(/has all of it; there is nothing to do\n$/);
    appendFileSync(join(folder, "vmaps/000.vmtree"), "changed");
    const said = expectOk(await verb("send", `${folder}/`));
    expect(said).toMatch(/^to send: 1 file, 47 bytes$/m);
    expect(sent(said)).toBeLessThan(20_000);
    expect(await machine.sure(sums(`${ROOT}/data`))).toBe(here());
    expect(expectOk(await verb("check"))).toMatch(/^\d+ files are what was sent$/m);
    await machine.sure(`echo other >${ROOT}/data/dbc/Map.dbc`);
    const { code, stderr } = await verb("check");
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^1 of \d+ files .*:\n {2}dbc\/Map\.dbc has another size\n/),
    ]);
  }, 200_000);

  it("goes through a jump host, as everything does", async () => {
    appendFileSync(join(folder, "vmaps/000.vmtree"), "again");
    const jump = ["trinitycore:host.ssh.jumpHost", "trinitycore:host.ssh.jumpHostKey"] as const;
    // The jump host is the host itself here, and knows itself by another address.
    await stack.set({
      "trinitycore:host.address": "127.0.0.1",
      ...{ [jump[0]]: machine.address, [jump[1]]: machine.hostKey },
    });
    const { code, stdout, stderr } = await verb("send", folder);
    await stack.set({ "trinitycore:host.address": machine.address });
    for (const key of jump) await stack.unset(key);
    expect([code, stdout + stderr]).toEqual([0, expect.stringMatching(/^sent /m)]);
    expect(await machine.sure(sums(`${ROOT}/data`))).toBe(here());
    expect(
      await machine.sure("journalctl -q -t sshd -t sshd-session --no-pager -o cat | grep '^Accepted publickey'"),
    ).toContain(" from 127.0.0.1 port ");
  }, 200_000);

  it("travels in two archives over a long way, and may be cut off there too", async () => {
    const FAR = 30_000_000;
    const two = ["far", "farther"];
    for (const name of two) {
      execFileSync("bash", [
        "-c",
        `{ printf VMAP_4.8; head -c ${FAR} /dev/urandom; } >"$1"`,
        "-",
        join(folder, `vmaps/${name}.vmo`),
      ]);
    }
    const way = await delayed(machine.address, 22, 80);
    await stack.set({ "trinitycore:host.address": "127.0.0.1", "trinitycore:host.ssh.port": way.port });
    const cutOff = stack.startRealm(["data", "send", folder, ...stack.where]);
    const both = `timeout 60 bash -c 'until (($(find ${ROOT}/data.incoming/vmaps -name "far*" -size +1M | wc -l) == 2)); do sleep 0.02; done' && pgrep -xc tar`;
    expect(await machine.sure(both)).toBe("2");
    cutOff.child.kill("SIGKILL");
    await cutOff.done;
    const said = await verb("send", folder);
    way.close();
    await stack.set({ "trinitycore:host.address": machine.address });
    await stack.unset("trinitycore:host.ssh.port");
    expect(sent(expectOk(said))).toBeLessThan(2 * FAR);
    expect(await machine.sure(sums(`${ROOT}/data`))).toBe(here());
    for (const name of two) rmSync(join(folder, `vmaps/${name}.vmo`));
  }, 200_000);

  it("is refused on this machine where it is no game data", async () => {
    const { code, stderr } = await verb("send", join(CHECKOUT, "tests"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("tests is not sent as game data:\n  dbc is missing")]);
  }, 60_000);

  it("is copied from a folder that is on the host already, and checked as what was sent", async () => {
    await machine.sure(
      `cp -r ${ROOT}/data /srv/mine && chown -R root: /srv/mine && chmod -R go-w /srv/mine && rm /srv/mine/vmaps/big.vmo && cat /srv/mine/dbc/Spell.dbc /srv/mine/dbc/Item.dbc >/srv/mine/dbc/Map.dbc`,
    );
    const said = expectOk(await verb("use", "/srv/mine"));
    expect(said).toContain(`${ROOT}/data has dbc, maps 10, vmaps 4.8, mmaps 15, Cameras; \`pulumi up\` starts`);
    expect(await machine.sure(sums(`${ROOT}/data`))).toBe(await machine.sure(sums("/srv/mine")));
    expect(expectOk(await verb("check"))).toMatch(/^\d+ files are what was sent$/m);
    expect(expectOk(await verb("use", "/srv/mine"))).toMatch(/has all of it; there is nothing to do$/m);
    const { code, stderr } = await verb("use", "/srv/none");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^\/srv\/none is no folder on this host; name it/)]);
  }, 200_000);

  describe("to a small disk", () => {
    const free = () => machine.sure(`df --output=avail -B1 ${ROOT} | tail -n 1`);
    beforeAll(async () => {
      await machine.sure(
        `systemctl stop worldserver authserver && mkdir /mnt/small && mount -t tmpfs -o size=$(($(du -sm ${ROOT} | cut -f 1) + 300))M none /mnt/small && cp -a ${ROOT}/. /mnt/small/ && mount --bind /mnt/small ${ROOT}`,
      );
    }, 60_000);

    it("is refused where there is no room for all of it", async () => {
      const { code, stderr } = await verb("send", folder);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/ has [\d.]+ MB free for .*data\.incoming; the new data needs /),
      ]);
      expect(await machine.sure(`ls -d ${ROOT}/data.incoming || true`)).toBe("");
    }, 60_000);

    it("is cut off where the disk becomes full, says so, and goes on when there is room", async () => {
      await machine.sure("mount -o remount,size=1500M /mnt/small");
      const before = await machine.sure(sums(`${ROOT}/data`));
      const sending = verb("send", folder);
      const held = await hold();
      await machine.sure(`fallocate -l ${await free()} ${ROOT}/ballast; kill -CONT ${held} $(pgrep -x runuser)`);
      const { code, stderr } = await sending;
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /^not all game data reached .*: no space left on device \(tar: .*; .* MB were sent, .* the live data was not/,
        ),
      ]);
      expect(await machine.sure(sums(`${ROOT}/data`))).toBe(before);
      await machine.sure(`rm ${ROOT}/ballast`);
      const said = expectOk(await verb("send", folder));
      expect(sent(said)).toBeLessThan(BIG);
      expect(await machine.sure(sums(`${ROOT}/data`))).toBe(here());
    }, 300_000);
  });
});
