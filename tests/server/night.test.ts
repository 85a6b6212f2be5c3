/** Nights, one after the other on one host: what each leaves, and what a preview would say afterwards. */
import { nightBuildPlan, nightLivePlan } from "../../components/updates/plans";
import { load } from "../unit/settings/source";
import { applied, buildArgs, root, schemaArgs, sourceArgs, withDatabases } from "./built";
import { onLab } from "./facts-of";
import { lab, type Machine } from "./on-machine";

const STATE = "/var/lib/trinity-stack";
const releaseArgs = { root, keep: 3 };
const nights = onLab(load({ "update.schedule": "nightly" }));

lab.describe("a night", () => {
  let machine: Machine;
  let live: string;
  const at = (link: string) => machine.sh(`basename $(readlink ${root}/${link})`);
  /** What a preview would say of the steps: hints apart from the rest. */
  const looks = () => {
    const all = [
      ...machine.observe("source", "source", sourceArgs),
      ...machine.observe("build", "build", buildArgs),
      ...machine.observe("schema", "schema", schemaArgs),
      ...machine.observe("release", "release", releaseArgs),
    ];
    return {
      drift: all.filter((line) => !line.startsWith("hint: ")),
      hints: all.filter((line) => line.startsWith("hint: ")),
    };
  };
  const commit = (change: string) =>
    machine.sh(
      `cd /srv/git/core && export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' && { ${change}; } && git add -A && git -c user.name=T -c user.email=t@example.org commit -qm change && git push -q origin HEAD:3.3.5 && git rev-parse HEAD`,
    );
  /** A source file that is like no other before. */
  const code = (text: string) => `echo '// ${text}' >>src/common/Version.cpp`;
  const start = (half: "build" | "live") => machine.exec(`systemctl start trinity-night-${half}`).code;
  const last = () => machine.sh(`sed -n 's/^did=//p; s/^said=//p' ${STATE}/last-update`).split("\n");
  const audited = () =>
    machine.sh("grep -P '\\tupdate\\t' /var/log/trinity-stack/audit.log | tail -n 1 | cut -f 2,5,6");
  const failed = () => machine.sh(`cut -f 1 ${STATE}/failed-commits 2>/dev/null || true`);
  const sql = (statements: string) => machine.sh("mariadb -N -B", { stdin: statements });
  const servers = () =>
    machine.sh("systemctl is-active worldserver authserver; systemctl show -P InvocationID worldserver");
  const until = (condition: string) => machine.sh(`timeout 120 bash -c 'until ${condition}; do sleep 0.1; done'`);
  const phase = (is: string) => until(`grep -qx phase=${is} ${STATE}/update`);
  const kill = (half: "build" | "live") =>
    machine.sh(
      `systemctl kill -s KILL trinity-night-${half}; timeout 20 bash -c 'while systemctl is-active -q trinity-night-${half}; do sleep 0.1; done'; true`,
    );
  /** As on the morning after: nothing is planned, nothing is under way. */
  const settled = (release: string) => {
    expect([at("run"), at("candidate")]).toEqual([release, release]);
    expect(looks()).toEqual({ drift: [], hints: [] });
    expect(machine.sh(`ls ${STATE}/update 2>/dev/null || true`)).toBe("");
    expect(servers()).toMatch(/^active\nactive\n/);
  };

  beforeAll(() => {
    machine = withDatabases("t-night");
    live = at("candidate");
    machine.sh(`ln -sfn releases/${live} ${root}/run
      for unit in worldserver authserver; do
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n# /usr/local/libexec/trinity-stack/\\n' >/etc/systemd/system/$unit.service
      done; systemctl daemon-reload; systemctl start worldserver authserver`);
    applied(machine, "source", sourceArgs);
    applied(machine, "build", buildArgs);
    applied(machine, "schema", schemaArgs);
    applied(machine, "release", releaseArgs);
    machine.sh("systemctl start worldserver authserver");
    for (const plan of [nightBuildPlan(nights), nightLivePlan(nights)]) {
      const done = machine.apply(plan.step, plan.kind, plan.args);
      if (done.code !== 0) throw new Error(done.out + done.err);
    }
  }, 900_000);
  afterAll(() => machine?.stop());

  it("comes at one and at three in the host's time, and makes up for the build alone", () => {
    const next = (unit: string) => machine.sh(`systemctl show -P NextElapseUSecRealtime ${unit}.timer`);
    expect([next("trinity-night-build"), next("trinity-night-live")]).toEqual([
      expect.stringContaining("01:00:00"),
      expect.stringContaining("03:00:00"),
    ]);
    expect(machine.sh("systemctl show -P Persistent trinity-night-build.timer trinity-night-live.timer")).toBe(
      "yes\n\nno",
    );
    expect(machine.sh("systemctl show -P OOMScoreAdjust trinity-night-build")).toBe("800");
  });

  it("without anything new does nothing", () => {
    const before = servers();
    expect([start("build"), last()[0], start("live")]).toEqual([0, "nothing", 0]);
    expect(last()[1]).toBe(`up to date, nothing to do: ${live.slice(0, 12)} is live`);
    expect(servers()).toBe(before);
    settled(live);
  }, 120_000);

  it("builds beside the live release, lets it go live later, and no preview finds anything to do", () => {
    const tip = commit(
      `${code("a good night")}; echo 'UPDATE version SET cache_id = 777;' >sql/updates/world/2099_01_01_00_world.sql`,
    );
    expect([start("build"), last()[0]]).toEqual([0, "built"]);
    const built = machine.sh(`ls ${root}/releases | grep ^${tip.slice(0, 12)}-`);
    expect(audited()).toBe(`trinity-night-build.service\tbuilt\t${built}`);
    expect([at("run"), at("candidate")]).toEqual([live, live]);
    expect(looks()).toEqual({
      drift: [],
      hints: [
        expect.stringMatching(new RegExp(`releases/${built} is built and goes live \\w+ [\\d-]+ 03:00; at once`)),
      ],
    });
    expect([start("live"), last()]).toEqual([0, ["live", `releases/${built} is live`]]);
    expect(audited()).toBe(`trinity-night-live.service\twent live\t${built}`);
    expect(sql("SELECT cache_id FROM world.version")).toBe("777");
    live = built;
    settled(live);
  }, 300_000);

  it("with a build that fails stays where it is, says why, and does not try that commit again", () => {
    const tip = commit("echo 'this is not C++' >src/common/Broken.cpp");
    expect([start("build"), last()[0]]).toEqual([1, "failed"]);
    expect(last()[1]).toMatch(new RegExp(`^build of ${tip.slice(0, 12)} failed after .*; release .* is still live$`));
    expect(failed()).toBe(tip);
    expect(audited()).toBe(`trinity-night-build.service\tfailed\t${last()[1]}`);
    expect(machine.observe("night-build", "timer", nightBuildPlan(nights).args)[0]).toMatch(
      /^hint: trinity-night-build failed \(.*\): build of [0-9a-f]{12} failed/,
    );
    settled(live);
    const began = machine.sh("cat /run/trinity-jobs/build/began");
    expect([start("build"), last()[0], start("live")]).toEqual([0, "nothing", 0]);
    expect(last()[1]).toContain("the newest, which failed before, is not tried again");
    expect(machine.sh("cat /run/trinity-jobs/build/began")).toBe(began);
    expect(machine.observe("night-build", "timer", nightBuildPlan(nights).args)).toEqual([]);
    settled(live);
    // As after a rollback: what is checked out is held back for a reason of its own.
    const checkedOut = machine.sh(`git -C ${root}/src -c safe.directory='*' rev-parse HEAD`);
    machine.sh(`printf '${checkedOut}\\t1\\tit was taken back by hand\\n' >>${STATE}/failed-commits`);
    expect([start("build"), last()[0]]).toEqual([0, "nothing"]);
    expect(last()[1]).toMatch(/^nothing to do: [0-9a-f]{12} is not tried again: it was taken back by hand \(/);
    machine.sh(`sed -i /^${checkedOut}/d ${STATE}/failed-commits`);
    settled(live);
  }, 300_000);

  it.each([
    [
      "the repository away",
      "mv /srv/git/core.git /srv/git/away",
      "mv /srv/git/away /srv/git/core.git",
      /cannot be fetched from this host$/,
    ],
    [
      "no room in the build tree",
      `mkdir /run/small && mount -t tmpfs -o size=200k,mode=755,uid=$(id -u trinity) tmpfs /run/small && cp -a ${root}/build/.toolchain /run/small && mount --bind /run/small ${root}/build`,
      `umount ${root}/build /run/small`,
      /^build of [0-9a-f]{12} failed/,
    ],
    [
      "no room for its records",
      `mkdir /run/full && cp -a ${STATE}/. /run/full && mount -t tmpfs -o size=4m,mode=0700 tmpfs ${STATE} && cp -a /run/full/. ${STATE} && { dd if=/dev/zero of=${STATE}/fill bs=4k 2>/dev/null; true; }`,
      `umount ${STATE}`,
      undefined,
    ],
  ])(
    "with %s changes nothing, and blames no commit",
    (_, breaks, mends, why) => {
      const known = failed();
      commit(`git rm -q src/common/Broken.cpp 2>/dev/null; ${code(String(breaks.length))}`);
      machine.sh(breaks);
      const code_ = start("build");
      const said = why && last()[1];
      machine.sh(mends);
      expect(code_).toBe(1);
      if (why) expect(said).toMatch(why);
      expect(failed()).toBe(known);
      settled(live);
    },
    300_000,
  );

  it("that is killed while it builds goes on at the next start; meanwhile nothing is planned", () => {
    const tip = commit(code("killed"));
    machine.sh("systemctl start --no-block trinity-night-build");
    until("systemctl is-active -q trinity-build");
    kill("build");
    expect(looks()).toEqual({
      drift: [],
      hints: [expect.stringMatching(/an update to .* is at work, or was cut off/)],
    });
    expect(start("live")).toBe(0);
    expect(at("run")).toBe(live);
    expect([start("build"), last()[0]]).toEqual([0, "built"]);
    expect(last()[1]).toContain(tip.slice(0, 12));
  }, 300_000);

  it("that is killed while it switches is ended by its job, or by the next one", () => {
    const waits = machine.sh(`sed -n 's/^release=//p' ${STATE}/update`);
    machine.sh("systemctl start --no-block trinity-night-live");
    phase("switching");
    kill("live");
    expect([start("build"), start("live")]).toEqual([0, 0]);
    live = waits;
    settled(live);
  }, 300_000);

  it("whose build is not done at the time of the switch leaves the switch to the next one", () => {
    const tip = commit(code("late"));
    machine.sh("systemctl start --no-block trinity-night-build");
    until("systemctl is-active -q trinity-build");
    expect([start("live"), last()]).toEqual([0, ["skipped", "no switch this night: the build was still running"]]);
    until("[[ $(systemctl show -P ActiveState trinity-night-build) == inactive ]]");
    until(`grep -qx phase=built ${STATE}/update`);
    expect(at("run")).toBe(live);
    expect(start("live")).toBe(0);
    live = at("run");
    expect(live).toContain(tip.slice(0, 12));
    settled(live);
  }, 300_000);

  it("that finds no room for a dump when it switches blames no commit, and the next one goes on", () => {
    const tip = commit(
      `echo 'ALTER TABLE characters COMMENT "seven";' >sql/updates/characters/2099_01_02_00_characters.sql`,
    );
    expect(start("build")).toBe(0);
    machine.sh(
      "mount -t tmpfs -o size=4k,mode=0700,uid=$(id -u trinity-backup) tmpfs /var/backups/trinity && echo >/var/backups/trinity/.fill",
    );
    expect([start("live"), last()]).toEqual([1, ["failed", expect.stringMatching(/^there is no backup: /)]]);
    machine.sh("umount /var/backups/trinity");
    expect(failed()).not.toContain(tip);
    settled(live);
    expect([start("build"), start("live"), last()[0]]).toEqual([0, 0, "live"]);
    live = at("run");
    expect(live).toContain(tip.slice(0, 12));
    settled(live);
  }, 300_000);

  it("whose release does not go live takes it back, and does not try it again", () => {
    const tip = commit("echo 'ALTER TABLE nosuch ADD x int;' >sql/updates/world/2099_02_01_00_world.sql");
    expect([start("build"), start("live")]).toEqual([0, 1]);
    expect(last()[0]).toBe("failed");
    until("systemctl is-active -q worldserver && systemctl is-active -q authserver");
    expect(failed()).toContain(tip);
    settled(live);
    expect([start("build"), last()[0]]).toEqual([0, "nothing"]);
  }, 300_000);

  it("after an upgrade of a library builds the same commit anew, and says so", () => {
    const library = "/usr/lib/*/libreadline.so";
    const was = machine.sh(`basename $(readlink ${library})`);
    machine.sh(
      `cd $(dirname ${library}) && cp -a $(readlink -f libreadline.so) libreadline.so.8.99 && ln -sfn libreadline.so.8.99 libreadline.so`,
    );
    expect(looks().drift).toEqual([`the newest release was built with readline ${was}, should be libreadline.so.8.99`]);
    expect([start("build"), last()[0]]).toEqual([0, "built"]);
    expect(last()[1]).toContain("is built anew (the newest release was built with readline");
    expect(start("live")).toBe(0);
    expect(at("run").slice(0, 12)).toBe(live.slice(0, 12));
    live = at("run");
    settled(live);
  }, 300_000);

  it("of a host that was asleep at the time of the switch is not made up for", () => {
    const ran = machine.exec(
      `mkdir -p /run/late && TRIGGER_UNIT=trinity-night-live.timer RUNTIME_DIRECTORY=/run/late /usr/local/libexec/trinity-stack/current/units/night-live.sh live schedule="*-*-* $(date -d '-5 hours' +%H:%M):00"`,
    );
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining("it is no longer the time to switch")]);
  });
});
