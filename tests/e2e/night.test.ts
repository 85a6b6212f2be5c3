/** A stack that follows a branch: a night, the preview after it, and updates by hand. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { ROOT } from "./breakage";
import { commitToCore, names, pidOf, reaches } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a stack that follows a branch", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("night");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const verb = (...args: string[]) => stack.realm(["update", ...stack.where, ...args]);
  const live = () => machine.sure(`basename $(readlink ${ROOT}/run)`);
  const inHours = (hours: number) => `*-*-* ${new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16)}:00`;
  const change = (text: string) => `echo '// ${text}' >>src/common/Version.cpp`;

  it("is ahead after a night, which no preview takes for drift; an update by hand comes to the same", async () => {
    await stack.set({
      "trinitycore:update.schedule": "nightly",
      "trinitycore:update.build": inHours(10),
      "trinitycore:update.live": inHours(12),
    });
    expect([...new Set(names(await stack.planned()))]).toEqual(["realm-night-build", "realm-night-live"]);
    expectOk(await stack.up());

    const conf = "src/server/worldserver/worldserver.conf.dist";
    const first = await commitToCore(
      machine,
      `${change("one")}; printf '\\nBrand.New = 7\\n' >>${conf}; echo 'UPDATE version SET cache_id = 777;' >sql/updates/world/2099_01_01_00_world.sql`,
    );
    const asked = await verb("--check");
    expect([asked.code, asked.stderr]).toEqual([1, ""]);
    for (const line of [
      `${first.slice(0, 12)} of 3.3.5 would come`,
      `  ${first.slice(0, 12)} change`,
      "1 SQL file for world\n  2099_01_01_00_world.sql",
      "  worldserver.conf: Brand.New added (7)",
    ])
      expect(asked.stdout).toContain(line);

    // What the timers start, with nobody logged in.
    const before = await live();
    await machine.sure("systemctl start trinity-night-build");
    expect(await live()).toBe(before);
    // A server that ends meanwhile starts on the databases as they are, though the checkout has more updates.
    const updates = () =>
      machine.sure("for d in authserver characters worldserver; do mariadb -N $d -e 'SELECT * FROM updates'; done");
    const had = await updates();
    await machine.sure(`pid=$(systemctl show -P MainPID worldserver); kill -KILL $pid
      timeout 60 bash -c 'until systemctl is-active -q worldserver && [[ $(systemctl show -P MainPID worldserver) != "$0" ]]; do sleep 0.2; done' $pid`);
    expect(await updates()).toBe(had);
    const meanwhile = await stack.preview(["--expect-no-changes"]);
    expect([meanwhile.code, meanwhile.stdout]).toEqual([
      0,
      expect.stringMatching(/is built and goes live .*; at once/),
    ]);
    await machine.sure("systemctl start trinity-night-live");
    const after = await live();
    expect(after.slice(0, 12)).toBe(first.slice(0, 12));
    expect(await machine.sure("mariadb -N worldserver -e 'SELECT cache_id FROM version'")).toBe("777");
    expect(await machine.sure(`readlink /proc/${await pidOf(machine, "worldserver")}/exe`)).toContain(after);
    expect((await stack.preview(["--expect-no-changes"])).code).toBe(0);
    expectOk(await stack.up());
    expect(await live()).toBe(after);
    expect((await stack.outputs()).release).toBe(after);
    expect(await verb("--check")).toMatchObject({
      code: 0,
      stdout: `${first.slice(0, 12)} is the newest of 3.3.5: nothing would come\n`,
    });

    const second = await commitToCore(machine, change("two"));
    const updated = await verb();
    expect([updated.code, updated.stderr]).toEqual([0, ""]);
    expect(updated.stdout).toMatch(/\[#+\.*\] +\d+%/);
    expect((await live()).slice(0, 12)).toBe(second.slice(0, 12));
    expect(await Promise.all([3724, 8085].map((port) => reaches(machine.address, port)))).toEqual([true, true]);
    expect((await stack.preview(["--expect-no-changes"])).code).toBe(0);

    const status = (await stack.realm(["status", ...stack.where])).stdout;
    expect(status).toMatch(/^release +\S+, live since .* ago; the servers were away for \d+ s$/m);
    expect(status).toMatch(/^update +.*; next look for a newer commit: \d{4}-/m);

    // Kept at a commit, another one is drift, and no update goes there.
    await stack.set({ "trinitycore:core.source.commit": first });
    expect(names(await stack.planned())).toContain("realm-source");
    const refused = await verb(second);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining(`trinitycore:core.source.commit keeps the realm at ${first.slice(0, 12)}`),
    ]);
  }, 900_000);
});
