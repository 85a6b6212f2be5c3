import { ROOT } from "./breakage";
import { pidOf, reaches } from "./outside";
import { preview } from "./preview";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a distribution that was upgraded", () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await convergedRealm("rebuild");
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  it("has the core built anew for its libraries; the preview says so, and whom it disconnects", async () => {
    const { machine, stack } = realm;
    const live = () => machine.sure(`basename $(readlink ${ROOT}/run)`);
    const [old, pid] = [await live(), await pidOf(machine, "worldserver")];
    // As far as a build is concerned: another release of the system, with another version of a library.
    await machine.sure(`sed -i 's/^VERSION_ID=.*/VERSION_ID="12.99"/' /usr/lib/os-release
      cd /usr/lib/*-linux-gnu && ln -sfn "$(basename "$(readlink -f libreadline.so)")" libreadline.so`);

    const { planned, warns, tells } = await preview(stack);
    expect(planned).toEqual(["authserver", "build", "release", "schema", "worldserver"]);
    expect(warns).toEqual({
      build: [
        expect.stringMatching(
          /^drift: the newest release was built with system debian 12 \S+, should be debian 12\.99 \S+$/,
        ),
        "drift: the newest release was built with readline libreadline.so.8, should be libreadline.so.8.2",
      ],
    });
    expect(tells.build).toEqual([
      "the core is built anew for this system; the live release goes on until the new one is there",
    ]);
    expect(tells.release?.join()).toMatch(/checked after realm-build; where it must, this restarts both servers/);
    expect(tells.worldserver?.join()).toContain("players are disconnected");

    expectOk(await stack.up());
    const made = await live();
    expect(made).not.toBe(old);
    expect(made.slice(0, 12)).toBe(old.slice(0, 12));
    expect(await machine.sure(`grep ^system= ${ROOT}/run/release.info; ls -d ${ROOT}/releases/${old}`)).toMatch(
      /^system=debian 12\.99 /,
    );
    expect(await pidOf(machine, "worldserver")).not.toBe(pid);
    expect(await machine.sure(`readlink /proc/${await pidOf(machine, "worldserver")}/exe`)).toContain(made);
    expect(await reaches(machine.address, 8085)).toBe(true);
    const after = await preview(stack);
    expect([after.planned, after.warns]).toEqual([[], {}]);
  }, 240_000);
});
