import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { commitToCore, names, pidOf, reaches } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";

describeOnLab("a new release", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeEach(async () => {
    realm = await convergedRealm("release");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterEach(() => destroyLab(realm), 60_000);

  const live = () => machine.sure(`readlink ${ROOT}/run`);

  it("stays where it is while the branch moves; the commit in the config builds beside it, migrates, goes live", async () => {
    const before = await live();
    const update = "echo 'UPDATE version SET cache_id = 777;' >sql/updates/world/2099_01_01_00_world.sql";
    const tip = await commitToCore(machine, update);
    expect(names(await stack.planned())).toEqual([]);
    await stack.set({ "trinitycore:core.source.commit": tip });
    const output = expectOk(await stack.up());
    expect(output).toMatch(/\[#+\.*\] +\d+%/);
    expect(output).toMatch(/trying releases\/.* on copies[\s\S]*the servers were away for \d+ s/);
    expect(await live()).toMatch(new RegExp(`^releases/${tip.slice(0, 12)}-`));
    expect(await machine.sure("mariadb -N worldserver -e 'SELECT cache_id FROM version'")).toBe("777");
    expect(await machine.sure(`test -x ${ROOT}/${before}/bin/worldserver && echo kept`)).toBe("kept");
    expect(await machine.sure(`readlink /proc/${await pidOf(machine, "worldserver")}/exe`)).toContain(tip.slice(0, 12));
    expect(await reaches(machine.address, 8085)).toBe(true);
    expect((await stack.outputs()).release).toMatch(new RegExp(`^${tip.slice(0, 12)}-`));
    expect(names(await stack.planned())).toEqual([]);
  }, 300_000);

  it("goes live though the laptop sleeps when the realm has been stopped, and the next run changes nothing", async () => {
    const update = "echo 'DO SLEEP(3); UPDATE version SET cache_id = 778;' >sql/updates/world/2099_01_01_00_world.sql";
    const tip = await commitToCore(machine, update);
    await stack.set({ "trinitycore:core.source.commit": tip });
    const up = stack.startUp();
    await machine.sure("timeout 240 sh -c 'while systemctl is-active --quiet worldserver; do sleep 0.05; done'");
    up.child.kill("SIGKILL");
    await machine.exec("pkill -KILL -f '^sshd: root'; pkill -KILL -f 'step.sh apply '");
    await up.done;
    await machine.sure("timeout 60 sh -c 'while systemctl is-active --quiet trinity-live; do sleep 0.2; done'");
    expect(await live()).toMatch(new RegExp(`^releases/${tip.slice(0, 12)}-`));
    expect(await machine.sure("mariadb -N worldserver -e 'SELECT cache_id FROM version'")).toBe("778");
    expect(await Promise.all([3724, 8085].map((port) => reaches(machine.address, port)))).toEqual([true, true]);
    const pids = () => Promise.all(["authserver", "worldserver"].map((server) => pidOf(machine, server)));
    const before = await pids();
    for (const pid of before) expect(await machine.sure(`readlink /proc/${pid}/exe`)).toContain(tip.slice(0, 12));

    expectOk(await stack.cancel());
    expectOk(await stack.up());
    expect(await pids()).toEqual(before);
    expect((await stack.outputs()).release).toMatch(new RegExp(`^${tip.slice(0, 12)}-`));
    expect(names(await stack.planned())).toEqual([]);
  }, 400_000);

  it("whose servers do not start is taken back with the databases, and held back until there is a better one", async () => {
    const before = await live();
    const version = "mariadb -N worldserver -e 'SELECT cache_id FROM version'";
    const was = await machine.sure(version);
    const update = "echo 'UPDATE version SET cache_id = 779;' >sql/updates/world/2099_01_01_00_world.sql";
    const bad = await commitToCore(machine, `${update} && touch STANDIN_FAIL_START`);
    await stack.set({ "trinitycore:core.source.commit": bad });
    const { code, stdout, stderr } = await stack.up();
    expect([code === 0, stdout + stderr]).toEqual([false, expect.stringMatching(/error: authserver did not start/)]);
    expect(await live()).toBe(before);
    expect(await machine.sure(version)).toBe(was);
    expect(await Promise.all([3724, 8085].map((port) => reaches(machine.address, port)))).toEqual([true, true]);
    expect(await machine.sure("cut -f 3 /var/lib/trinity-stack/alerts/record")).toBe("rolled-back");

    const again = await stack.up();
    expect(again.stdout + again.stderr).toMatch(/releases\/\S+ is not tried again: authserver did not start/);
    expect([again.code, await live()]).toEqual([0, before]);
    const good = await commitToCore(machine, "rm STANDIN_FAIL_START");
    await stack.set({ "trinitycore:core.source.commit": good });
    expectOk(await stack.up());
    expect(await live()).toMatch(new RegExp(`^releases/${good.slice(0, 12)}-`));
    expect(await machine.sure(version)).toBe("779");
    expect(names(await stack.planned())).toEqual([]);
  }, 400_000);

  it("that does not compile leaves the live one running, and says where it stopped", async () => {
    const before = await live();
    const pid = await pidOf(machine, "worldserver");
    const tip = await commitToCore(machine, "echo 'this is not C++' >>$(git ls-files 'src/*.cpp' | head -1)");
    await stack.set({ "trinitycore:core.source.commit": tip });
    const { code, stdout, stderr } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/error: build of [0-9a-f]{12} failed[\s\S]*\.cpp:\d+/);
    expect(await live()).toBe(before);
    expect(await pidOf(machine, "worldserver")).toBe(pid);
    expect(await reaches(machine.address, 8085)).toBe(true);
  }, 300_000);
});
