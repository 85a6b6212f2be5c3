import { applied, built, root } from "./built";
import { lab, type Machine } from "./on-machine";

lab.describe("the release step", () => {
  let machine: Machine;
  let release: string;
  const args = { root, keep: 2 };
  const look = () => machine.observe("release", "release", args);

  beforeAll(() => {
    machine = built("t-release");
    release = machine.sh(`basename $(readlink ${root}/candidate)`);
    machine.sh(
      `cd ${root}/releases && for day in 1 2 3; do cp -a ${release} old$day; touch -d "2026-01-0$day" old$day/.good old$day; done`,
    );
  }, 600_000);
  afterAll(() => machine?.stop());

  it("goes live, and keeps so many", () => {
    expect(look()).toEqual([
      `run is missing, should point to releases/${release}`,
      "releases/old2 is not among the 2 that are kept",
      "releases/old1 is not among the 2 that are kept",
    ]);
    applied(machine, "release", args);
    expect(machine.sh(`readlink ${root}/run; ls ${root}/releases`)).toBe(`releases/${release}\n${release}\nold3`);
    expect(applied(machine, "release", args)).toContain("as it should be");
  });

  it("sees a link that points elsewhere, and a folder in its place", () => {
    machine.sh(`ln -sfn releases/old3 ${root}/run`);
    expect(look()).toEqual([`run points to releases/old3, should point to releases/${release}`]);
    applied(machine, "release", args);
    machine.sh(`rm ${root}/run; mkdir -p ${root}/run/bin`);
    expect(look()).toEqual([`run is a folder, should point to releases/${release}`]);
    applied(machine, "release", args);
    expect(machine.sh(`readlink ${root}/run; ls -d ${root}/run.before-*/bin`)).toMatch(
      `releases/${release}\n${root}/run.before-`,
    );
  });

  it("keeps one that has served, before newer ones that never were live or that failed", () => {
    machine.sh(`cd ${root}/releases && rm -rf old3 && for name in old3 built failed; do cp -a ${release} $name; done
      rm built/.live; touch -d 2026-01-03 old3 old3/.good old3/.live; sed -i 's/^commit=.*/commit=${"f".repeat(40)}/' failed/release.info
      printf '%s\\t1\\tit did not start\\n' ${"f".repeat(40)} >/var/lib/trinity-stack/failed-commits`);
    expect(look().sort()).toEqual([
      "releases/built is not among the 2 that are kept",
      "releases/failed is not among the 2 that are kept",
    ]);
    applied(machine, "release", args);
    expect(machine.sh(`ls ${root}/releases`)).toBe(`${release}\nold3`);
  });

  it("clears away what a cut-off build left, but not while one runs", () => {
    machine.sh(`mkdir ${root}/releases/.x.new; systemd-run --quiet --unit=trinity-build sleep infinity`);
    expect(look()).toEqual([]);
    machine.sh("systemctl stop trinity-build");
    expect(look()).toEqual(["releases/.x.new is left over from a build that was cut off"]);
    applied(machine, "release", args);
    expect(look()).toEqual([]);
  });

  it("never switches to what is not whole", () => {
    machine.sh(
      `cp -a ${root}/releases/old3 ${root}/releases/half; rm ${root}/releases/half/.good; ln -sfn releases/half ${root}/candidate`,
    );
    expect(machine.apply("release", "release", args)).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is no whole release to go live"),
    });
    expect(machine.sh(`readlink ${root}/run`)).toBe(`releases/${release}`);
    machine.sh(`rm ${root}/candidate`);
    expect(look()).toEqual([`blind: ${root}/candidate names no release that is to go live`]);
  });

  it("takes the links and releases with it when it is destroyed", () => {
    machine.sh(`ln -s releases/${release} ${root}/candidate`);
    applied(machine, "release", args);
    machine.undo("release");
    expect(machine.sh(`ls ${root}`)).not.toMatch(/^run$/m);
    expect(machine.sh(`ls ${root}`)).toMatch(/^releases$/m);
    // They are the build's, too.
    machine.undo("build");
    expect(machine.sh(`ls ${root}`)).not.toMatch(/^(build|candidate|releases)$/m);
  });
});
