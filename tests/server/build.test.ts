import { applied, buildArgs as args, built, root } from "./built";
import { lab, type Machine, run, stepCommand } from "./on-machine";

const library = (script: string, stdin: string) =>
  run("bash", ["-c", `. server/lib/core.sh; . server/kinds/build/log.sh; ${script}`], stdin);

describe("the build's log", () => {
  it.each([
    ["Building CXX object src/server/game/CMakeFiles/game.dir/Entities/Item/Item.cpp.o", "Building game/Entities"],
    ["Building CXX object src/common/CMakeFiles/common.dir/Banner.cpp.o", "Building common"],
    ["Linking CXX executable bin/RelWithDebInfo/bin/worldserver", "Linking worldserver"],
    ["Generating revision_data.h", "Building"],
  ])("tells %s as %s", (line, text) => {
    expect(library('build_activity "$1"'.replace("$1", line), "").out).toBe(text);
  });

  it.each([
    [0, "[....................] 0%"],
    [52, "[##########..........] 52%"],
    [100, "[####################] 100%"],
  ])("draws %i percent", (percent, text) => {
    expect(library(`progress_bar ${percent}`, "").out).toBe(text);
  });

  it.each([
    [600, 500, 1000, "  10 min left"],
    [60, 900, 1000, "  about a minute left"],
    [100, 900, 1000, "  about a minute left"],
    [5, 500, 1000, ""],
  ])("after %i s and %i of %i steps says how long it will take", (seconds, done, total, text) => {
    expect(library(`time_left ${seconds} ${done} ${total}`, "").out).toBe(text);
  });

  it("picks the compiler's errors out of it, and else its end", () => {
    const noise = Array.from({ length: 30 }, (_, i) => `[${i}/99] Building CXX object x.dir/y${i}.cpp.o`);
    const error = "src/server/game/Entities/Item/Item.cpp:1154:31: error: 'find_if' is not a member of 'std::ranges'";
    expect(library("build_errors", [...noise, error, ...noise].join("\n")).out).toBe(`${error}\n`);
    expect(library("build_errors", noise.join("\n")).out.split("\n")).toHaveLength(13);
  });
});

lab.describe("the build step", () => {
  let machine: Machine;
  let release: string;
  const look = (more = {}) => machine.observe("build", "build", { ...args, ...more });
  const apply = (more = {}) => machine.apply("build", "build", { ...args, ...more });
  const at = (link: string) => machine.sh(`basename $(readlink ${root}/${link})`);

  beforeAll(() => {
    machine = built("t-build");
    release = at("candidate");
    machine.sh(`ln -sfn releases/${release} ${root}/run`);
  }, 600_000);
  afterAll(() => machine?.stop());

  it("made a whole release that is root's, with its own SQL and its symbols split off", () => {
    expect(release).toMatch(/^[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect(
      machine.sh(
        `cd ${root}/releases/${release} && ls && ls bin && find . ! -user root && find . -perm /022 ! -type l`,
      ),
    ).toBe(
      "bin\ndebug\netc\nrelease.info\nsql\nauthserver\nmapextractor\nmmaps_generator\nvmap4assembler\nvmap4extractor\nworldserver",
    );
    expect(
      machine.sh(
        `cd ${root}/releases/${release} && bin/worldserver --version; ls sql/updates; strings -a bin/worldserver | grep -c '${root}/run/etc'`,
      ),
    ).toMatch(new RegExp(`rev\\. ${release.slice(0, 12)} .*\nauth\ncharacters\nworld\n[1-9]`));
    expect(apply().out).toContain("as it should be");
  });

  it("sees a changed program and a library that is gone", () => {
    const program = `${root}/releases/${release}/bin/worldserver`;
    machine.sh(`cp -a ${program} /root/kept && echo >>${program}`);
    expect(look()).toEqual([`releases/${release}/bin/worldserver is not what was built`]);
    machine.sh(`rm ${program}`);
    expect(look()).toEqual([`releases/${release}/bin/worldserver is missing`]);
    machine.sh(`mv /root/kept ${program}`);
    const boost = machine.sh("basename /usr/lib/*/libboost_regex.so.1*");
    machine.sh(`mv /usr/lib/*/${boost} /root/`);
    try {
      expect(look()).toEqual(
        machine
          .sh(`ls ${root}/releases/${release}/bin`)
          .split("\n")
          .map((each) => `releases/${release}/bin/${each} lacks the library ${boost}`),
      );
    } finally {
      machine.sh(`mv /root/${boost} "$(dirname "$(readlink -f /usr/lib/*/libboost_locale.so)")"/`);
    }
    expect(look()).toEqual([]);
  });

  it("builds beside the live release when an option changes, and only moves the link back", () => {
    const options = ["TOOLS=0", "WITHOUT_METRICS=1"];
    expect(look({ options })).toEqual([
      "the newest release was built without -DTOOLS=0",
      "the newest release was built without -DWITHOUT_METRICS=1",
    ]);
    const { code, out } = apply({ options });
    expect([code, out]).toEqual([0, expect.stringMatching(/^Configuring\n(.*\n)*built [0-9a-f-]+ in \d+ s$/m)]);
    expect(at("candidate")).not.toBe(release);
    expect(at("run")).toBe(release);
    expect(look()).toEqual([
      `candidate points to releases/${machine.sh(`readlink ${root}/candidate`).slice(9)}, should point to releases/${release}`,
    ]);
    expect(apply().out).toContain(`releases/${release} is built already`);
    expect(at("candidate")).toBe(release);
  }, 120_000);

  it("takes no SQL into a release that the checkout does not know", () => {
    machine.sh(`runuser -u trinity -- sh -c 'echo theirs >${root}/src/sql/custom/world/theirs.sql'`);
    applied(machine, "build", { ...args, options: ["TOOLS=0", "WITHOUT_METRICS=0"] });
    const sql = `${root}/candidate/sql`;
    expect(machine.sh(`ls -A ${sql} ${sql}/custom/world; rm ${root}/src/sql/custom/world/theirs.sql`)).toMatch(
      /base\ncustom\nold\nupdates\n\n.*world:\n\.gitignore$/,
    );
    applied(machine, "build", args);
  }, 180_000);

  it("leaves everything as it is when the compiler gives up, and shows why", () => {
    const { code, err } = apply({ options: ["STANDIN_FAIL_BUILD=1"] });
    expect(code).toBe(1);
    expect(err).toMatch(
      new RegExp(
        `^error: build of ${release.slice(0, 12)} failed after \\d+ s; release ${release.slice(0, 12)} is still live\n`,
      ),
    );
    expect(err).toMatch(/\.cpp:\d+:\d+: (fatal )?error: /);
    expect(err).toContain("whole log on the host: /var/log/trinity-stack/build.log");
    expect([at("candidate"), at("run")]).toEqual([release, release]);
    expect(look()).toEqual([]);
  }, 120_000);

  it("joins a running build after its follower was killed", () => {
    const options = ["TOOLS=0", "STANDIN_SLOW_BUILD=1"];
    machine.sh(`systemd-run --quiet --unit=follower bash ${stepCommand("build", "build", { ...args, options })}
      until systemctl is-active --quiet trinity-build; do sleep 0.2; done`);
    const builds = "journalctl -u trinity-build -o cat | grep -c '^Started '";
    const began = machine
      .sh(
        "systemctl show -P InvocationID trinity-build; systemctl kill -s KILL follower; cat /run/trinity-jobs/build/key; echo; " +
          builds,
      )
      .split("\n");
    const { code, out } = apply({ options });
    expect([code, out]).toEqual([0, expect.stringContaining(`joining the build of ${began[1]} that is running`)]);
    expect(out).toMatch(/^\[#{20}\] 100% {2}Linking worldserver$/m);
    expect(at("candidate")).toBe(began[1]);
    // The one that ran before is the one that is there.
    expect(machine.sh(builds)).toBe(began[2]);
    applied(machine, "build", args);
  }, 180_000);

  it("builds with half the jobs when memory ran out", () => {
    // Stands for the kernel's killer: the compiler's driver says this when its child is killed.
    machine.sh(`cat >/usr/local/bin/ccache <<'WRAP'
#!/bin/sh
case $* in *" -c "*Main.cpp*) if rm ${root}/build/short 2>/dev/null; then echo 'g++: fatal error: Killed signal terminated program cc1plus' >&2; exit 1; fi ;; esac
exec /usr/bin/ccache "$@"
WRAP
      chmod 755 /usr/local/bin/ccache; runuser -u trinity -- touch ${root}/build/short`);
    const { code, out } = apply({ options: ["TOOLS=0", "USE_LD_GOLD=0"], jobs: 2 });
    machine.sh("rm /usr/local/bin/ccache");
    expect([code, out]).toEqual([0, expect.stringContaining("Memory ran out: once more with 1 at a time")]);
    applied(machine, "build", args);
  }, 180_000);

  it("tells in the preview what the server cannot bring to its end, and does not begin it", () => {
    const options = ["WITH_COREDEBUG=1"];
    const refused = (more: object) => {
      const told = look({ options, ...more }).find((line) => /^(refused|hint): /.test(line)) ?? "";
      const { code, err } = apply({ options, ...more });
      // What is free changes from one look to the next.
      const still = (text = "") =>
        text.replace(/\d+ MB (free|are free|of memory and swap are)/, "N MB $1").replace(/(build\.jobs) \d+$/, "$1 N");
      expect([code, still(err.split("\n")[0])]).toEqual([
        1,
        still(told.replace(/^(refused|hint: the build will not begin): /, "error: ")),
      ]);
      return told;
    };
    machine.sh(`mv ${root}/build ${root}/build.kept`);
    expect(refused({ min_disk_mb: 99_000_000 })).toMatch(
      /^hint: the build will not begin: \/ has \d+ MB free, and a build needs 99000000 MB there \(source, build tree and release 99000000\): make room/,
    );
    machine.sh(`mv ${root}/build.kept ${root}/build`);
    machine.sh(`mv ${root}/candidate ${root}/candidate.kept`);
    const beside = { min_disk_mb: 4000, cache_mb: 1, database_mb: 98_000_000, data_mb: 2 };
    expect(refused(beside)).toMatch(
      /^refused: .* needs 9800\d+ MB there \(source, build tree and release 1000, .*game data 2, databases 98000000\)/,
    );
    machine.sh(`mv ${root}/candidate.kept ${root}/candidate`);
    expect(refused({ min_memory_mb: 99_000_000 })).toMatch(
      /this host has \d+ MB of memory and \d+ MB of swap; a build needs 99000000 MB of both together; more swap/,
    );
    expect(refused({ job_memory_mb: 999_999 })).toMatch(
      /\d+ MB are free beside what runs on this host; a build needs 999999 MB/,
    );
    const toldOfJobs = refused({ jobs: 9999 });
    expect(toldOfJobs).toMatch(
      /9999 jobs need about .* beside what runs.*pulumi config set --path trinitycore:core\.build\.jobs \d+$/,
    );
    const [, free = "", fewer] = /; (\d+) MB of .* (\d+)$/.exec(toldOfJobs) ?? [];
    expect(fewer).toBe(`${Math.floor(Number(free) / 700)}`);
    expect(machine.sh("systemctl is-active trinity-build || true")).toBe("inactive");
    // What is built already needs no room.
    expect(look({ min_disk_mb: 99_000_000, min_memory_mb: 99_000_000 })).toEqual([]);
  }, 60_000);

  it.each([
    [8000, "5 7200M"],
    [3100, "4 2790M"],
    [600, "1 700M"],
  ])("takes as many jobs as find room in the %i MB that are free beside what runs", (free, said) => {
    const words = `ARG=([jobs]=0 [job_memory_mb]=700); meminfo() { echo ${free}; }; nproc() { echo 5; }; echo "$(jobs_here) $(memory_high)"`;
    expect(
      run("bash", ["-c", `. server/lib/core.sh; . server/kinds/build/room.sh; . server/kinds/build.sh; ${words}`]).out,
    ).toBe(`${said}\n`);
  });
});
