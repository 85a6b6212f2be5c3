import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { ROOT } from "./breakage";
import { names, pidOf, reaches } from "./outside";
import { withPast } from "./pasts/past";
import { preview } from "./preview";
import { describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";
import { errorOf } from "./refused";

const units = ["tc-335-auth", "tc-335-world"];
/** A patch that brings an update of the world. */
const update = (
  statement: string,
) => `diff --git a/sql/updates/world/2027_01_01_00_world.sql b/sql/updates/world/2027_01_01_00_world.sql
new file mode 100644
--- /dev/null
+++ b/sql/updates/world/2027_01_01_00_world.sql
@@ -0,0 +1 @@
+${statement};
`;
const timers = ["tc-335-up", "tc-335-stop", "tc-335-up-post", "tc-335-restart", "authserver-db", "characters-db"].map(
  (name) => `${name}.timer`,
);

describeOnLab("a realm that somebody built from the wiki page, taken over", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  let before: string[];
  let people: string;
  let data: string;

  beforeAll(async () => {
    realm = await withPast({ name: "wiki-page", what: "" }, "adoption");
    ({ machine, stack } = realm);
    before = await pids();
    people = await everybody();
  }, 600_000);
  afterAll(() => destroyLab(realm), 60_000);

  const pids = () => Promise.all(units.map((unit) => pidOf(machine, unit)));
  const everybody = () =>
    machine.sure(`mariadb -N -B -e "SELECT id, username, HEX(salt), HEX(verifier) FROM authserver.account WHERE username <> 'TRINITYSTACK' ORDER BY id;
      SELECT * FROM authserver.account_access WHERE Comment IS NULL OR Comment <> 'tells players of restarts';
      SELECT guid, account, name, level, money FROM characters.characters ORDER BY guid"`);
  const open = () => Promise.all([3724, 8085].map((port) => reaches(machine.address, port)));
  const gameData = (folder: string) =>
    machine.sure(`cd ${folder} && find dbc maps vmaps mmaps Cameras -type f -exec sha256sum {} + | sort -k2`);
  /** Whether the old servers' settings still let them into their databases. */
  const oldPassword = async () =>
    (await machine.exec("mariadb --no-defaults -u authserver -ppage-authserver -e 'SELECT 1' authserver")).code === 0;

  const bringUpdate = async (statement: string) => {
    const patch = join(stack.work, "update.patch");
    writeFileSync(patch, update(statement));
    await stack.set({ "trinitycore:core.source.patches": JSON.stringify([patch]) });
  };

  it("is refused with what was found, and nothing is touched", async () => {
    const said = errorOf(await stack.up());
    expect(said).toContain("a realm that somebody else set up is on this host");
    expect(await pids()).toEqual(before);
    expect(await machine.sure("ls /var/lib/trinity-stack /usr/local/libexec/trinity-stack 2>&1 || true")).toMatch(
      /No such file[\s\S]*No such file/,
    );
  }, 120_000);

  it("says what becomes of each part", async () => {
    await stack.set({ "trinitycore:host.adopt": true });
    const { tells, warns } = await preview(stack);
    const lines = Object.values(tells)
      .flat()
      .map((line) => line.replace("beforehand: ", ""));
    for (const part of [
      /^tc-335-auth\.service \(running since .*\) starts .*: it runs on until the new server is built, is stopped for the update of the databases, and its file is kept as tc-335-auth\.service\.before-trinity-stack$/,
      /^tc-335-world\.service .*: it runs on until/,
      /run is a folder: it is kept as .*run\.before-…/,
      /hold 2 accounts and 3 characters: they are taken as they are/,
      /^its game data is in .*\/run\/bin \(dbc maps vmaps mmaps Cameras\): .*\/data gets the same files/,
      /^timers that build, stop or start its servers: .*: they are switched off, and their files stay$/,
      /^timers that dump its databases: .*: they are switched off/,
      /^2 backups of its databases, .*: untouched$/,
      /3443\/tcp 7878\/tcp .*: it stays so/,
      /worldserver\.conf sets PlayerLimit: not taken over; set what you want in trinitycore:realms\.wotlk\.settings$/,
      /\/src is a checkout of somebody else's \(trinity\): it is taken as it is/,
      /\/build is a build tree of somebody else's: it is moved aside/,
    ]) {
      expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(part)]));
    }
    expect(warns).toEqual({});
    expect(await pids()).toEqual(before);
  }, 120_000);

  it("runs on while the new one is built, and again when its databases cannot be updated", async () => {
    await stack.set({ "trinitycore:core.build.options": JSON.stringify({ STANDIN_SLOW_BUILD: 1 }) });
    await bringUpdate("SELECT * FROM nothing_of_that_name");
    const up = stack.startUp();
    let builds = 0;
    while (!up.ended && (await machine.exec("test -e /var/lib/trinity/Projects/trinity-335/candidate")).code !== 0) {
      if ((await machine.exec("systemctl is-active -q trinity-build")).code === 0) {
        // In the next moment the build may be over.
        const looked = [await pids(), await open(), await oldPassword()];
        if ((await machine.exec("systemctl is-active -q trinity-build")).code === 0) {
          expect(looked).toEqual([before, [true, true], true]);
          builds++;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const { code, stdout, stderr } = await up.done;
    expect(stdout + stderr).toContain("starting again: tc-335-world.service tc-335-auth.service");
    expect([code, builds > 2]).toEqual([1, true]);
    // With the passwords that its databases have by now.
    expect(await oldPassword()).toBe(false);
    await machine.sure("until [ $(ss -Hltn 'sport = :3724 or sport = :8085' | wc -l) = 2 ]; do sleep 0.2; done");
    await pids();
    expect(await everybody()).toBe(people);
  }, 600_000);

  it("gives way to the new one in one go, though the run is killed in the middle of it", async () => {
    data = await gameData(`${ROOT}/run/bin`);
    await stack.unset("trinitycore:core.build.options");
    await bringUpdate("DO SLEEP(10)");
    const up = stack.startUp();
    while (!up.ended && (await machine.exec("systemctl is-active -q trinity-schema")).code !== 0)
      await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await open()).toEqual([false, false]);
    up.child.kill("SIGKILL");
    await up.done;
    expectOk(await stack.cancel());
    await machine.sure("while systemctl is-active -q trinity-live; do sleep 0.2; done");
    expect(await open()).toEqual([true, true]);
    const serving = ["authserver", "worldserver"];
    expect(await machine.sure(`systemctl is-enabled ${serving.join(" ")} ${units.join(" ")}`)).toBe(
      "enabled\nenabled\nalias\nalias",
    );
    expect(await machine.sure(`readlink ${ROOT}/run`)).toMatch(/^releases\//);
    const started = await Promise.all(serving.map((server) => pidOf(machine, server)));

    expectOk(await stack.up());
    expect(await Promise.all(serving.map((server) => pidOf(machine, server)))).toEqual(started);
    expect(names(await stack.planned())).toEqual([]);
  }, 600_000);

  it("leaves it its accounts, characters and game data", async () => {
    expect(await open()).toEqual([true, true]);
    expect(await everybody()).toBe(people);
    expect(await gameData(`${ROOT}/data`)).toBe(data);
    expect(await machine.sure("ls -d /run/systemd/system/tc-335-*.d/* 2>/dev/null || echo none")).toBe("none");
    expect(
      await machine.sure(`cd ${ROOT} && readlink run && ls -d run.before-*/bin/worldserver build.before-*`),
    ).toMatch(
      /^releases\/\S+\nrun\.before-\S+\/bin\/worldserver\nbuild\.before-\S+$|^releases\/\S+\nbuild\.before-\S+\nrun\.before-\S+\/bin\/worldserver$/,
    );
    expect(await gameData(`${ROOT}/run.before-*/bin`)).toBe(data);
    expect(await machine.sure(`readlink /proc/$(systemctl show -P MainPID worldserver)/exe`)).toContain("/releases/");
    expect(await machine.sure(`ls /etc/systemd/system/*.before-trinity-stack`)).toBe(
      units.map((unit) => `/etc/systemd/system/${unit}.service.before-trinity-stack`).join("\n"),
    );
    expect(
      await machine.sure(
        `systemctl is-active ${timers.join(" ")} | sort -u; ls /etc/systemd/system/{${timers.join(",")}} | wc -l`,
      ),
    ).toBe("inactive\n6");
    expect(await machine.sure("ls /root/backups | wc -l; ls /var/lib/mysql/auth")).toBe("2\nauthserver\ncharacters");
  }, 60_000);

  it("needs the key no longer once it is taken over", async () => {
    await machine.sure("systemctl enable -q --now tc-335-up.timer");
    const { warns } = await preview(stack);
    expect(warns).toEqual({
      adoption: ["drift: tc-335-up.timer is on again, and would get in the way of this stack", expect.anything()],
    });
    await stack.unset("trinitycore:host.adopt");
    expect(names(await stack.planned())).toEqual(["realm-adoption", "realm-adoption"]);
    await stack.set({ "trinitycore:host.adopt": true });
    expectOk(await stack.up());
    expect((await machine.exec("systemctl is-active tc-335-up.timer")).stdout).toBe("inactive\n");
  }, 300_000);

  it("leaves all that was there when it is destroyed, and says what", async () => {
    const said = expectOk(await stack.destroy());
    expect(said).toMatch(
      /kept, of the realm that was here before: .*run\.before-.*tc-335-auth\.service\.before-trinity-stack/,
    );
    expect(await everybody()).toBe(people);
    await gameData(`${ROOT}/run.before-*/bin`);
    await gameData(`${ROOT}/data`);
    expect(await machine.sure("ls /etc/systemd/system/*.before-trinity-stack | wc -l; ls /root/backups | wc -l")).toBe(
      "2\n2",
    );
  }, 300_000);
});
