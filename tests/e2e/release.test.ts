import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { commitToCore, names, pidOf, reaches } from "./outside";
import { convergedRealm, describeOnLab, discard, expectOk, type RealmLab } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";

describeOnLab("a new release", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeEach(async () => {
    realm = await convergedRealm("release");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterEach(() => discard(realm), 60_000);

  const live = () => machine.sure(`readlink ${ROOT}/run`);

  it("stays where it is while the branch moves; the commit in the config builds beside it, migrates, goes live", async () => {
    const before = await live();
    const update = "echo 'UPDATE version SET cache_id = 777;' >sql/updates/world/2099_01_01_00_world.sql";
    const tip = await commitToCore(machine, update);
    expect(names(await stack.planned())).toEqual([]);
    await stack.set({ "trinitycore:source.commit": tip });
    const output = expectOk(await stack.up());
    expect(output).toMatch(/\[#+\.*\] +\d+%/);
    expect(await live()).toMatch(new RegExp(`^releases/${tip.slice(0, 12)}-`));
    expect(await machine.sure("mariadb -N worldserver -e 'SELECT cache_id FROM version'")).toBe("777");
    expect(await machine.sure(`test -x ${ROOT}/${before}/bin/worldserver && echo kept`)).toBe("kept");
    expect(await machine.sure(`readlink /proc/${await pidOf(machine, "worldserver")}/exe`)).toContain(tip.slice(0, 12));
    expect(await reaches(machine.address, 8085)).toBe(true);
    expect((await stack.outputs()).release).toMatch(new RegExp(`^${tip.slice(0, 12)}-`));
    expect(names(await stack.planned())).toEqual([]);
  }, 300_000);

  it("that does not compile leaves the live one running, and says where it stopped", async () => {
    const before = await live();
    const pid = await pidOf(machine, "worldserver");
    const tip = await commitToCore(machine, "echo 'this is not C++' >>$(git ls-files 'src/*.cpp' | head -1)");
    await stack.set({ "trinitycore:source.commit": tip });
    const { code, stdout, stderr } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/error: build of [0-9a-f]{12} failed[\s\S]*\.cpp:\d+/);
    expect(await live()).toBe(before);
    expect(await pidOf(machine, "worldserver")).toBe(pid);
    expect(await reaches(machine.address, 8085)).toBe(true);
  }, 300_000);
});
