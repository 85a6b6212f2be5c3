import { applied, buildArgs, root, schemaArgs, withDatabases } from "./built";
import { lab, type Machine } from "./on-machine";

const datadir = "/var/lib/mysql";

lab.describe("building and filling databases on a server in trouble", () => {
  let machine: Machine;
  let options = 0;
  /** Something that was not built yet. */
  const another = () => ({ ...buildArgs, options: ["TOOLS=0", `FAULT=${++options}`] });
  const build = (args = another()) => machine.apply("build", "build", args);
  const schema = (more = {}) => machine.apply("schema", "schema", { ...schemaArgs, ...more });
  const sql = (statements: string) => machine.sh("mariadb -N -B", { stdin: statements });
  const candidate = () => machine.sh(`readlink ${root}/candidate`);

  beforeAll(() => {
    machine = withDatabases("t-faults");
  }, 600_000);
  afterAll(() => machine?.stop());

  /** The folder, with what is in it, on a file system of its own with so many KB of room. */
  const small = (folder: string, kb: number) =>
    machine.sh(`mkdir -p ${folder} /run/was && cp -a ${folder}/. /run/was/ && mount -t tmpfs -o size=2g,mode=0755 tmpfs ${folder} &&
      chown --reference=/run/was ${folder} && cp -a /run/was/. ${folder}/ && rm -rf /run/was
      mount -o remount,size=$(($(du -sk ${folder} | cut -f 1) + ${kb}))k ${folder}`);
  const grow = (folder: string) => machine.sh(`mount -o remount,size=2g ${folder}`);

  describe("whose clock", () => {
    const dated = (year: number, ...places: string[]) =>
      machine.sh(`find ${places.join(" ")} -exec touch -h -d ${year}-01-01 {} +`);

    it("was years ahead when the source came and was built: it builds again once the clock is right", () => {
      dated(2035, `${root}/src`, `${root}/build`);
      const { code, out, err } = build();
      expect([code, err]).toEqual([0, ""]);
      expect(out).toMatch(/Removing the old build tree: the clock was ahead when it was made/);
      expect(machine.sh(`find ${root}/src ${root}/build -path '*/.git' -prune -o -newermt '1 hour' -print`)).toBe("");
    }, 180_000);

    it("was ahead when the objects were made: what has changed since then is built all the same", () => {
      const args = another();
      expect(build(args)).toMatchObject({ code: 0 });
      dated(2035, `${root}/build`);
      const source = machine.sh(`find ${root}/src/src/server/worldserver -name Main.cpp`);
      machine.sh(`echo '#error changed' >>${source}`);
      expect(build(another())).toMatchObject({ code: 1, err: expect.stringContaining("#error changed") });
      machine.sh(`cd ${root}/src && runuser -u trinity -- git checkout -q .`);
      expect(build()).toMatchObject({ code: 0, err: "" });
    }, 180_000);

    it("is years behind the system's own files: it builds", () => {
      const module = machine.sh("ls /usr/share/cmake-*/Modules/CMakeCXXInformation.cmake");
      dated(2035, module);
      expect(build()).toMatchObject({ code: 0, err: "" });
      dated(2025, module);
    }, 180_000);
  });

  it.each([
    ["build", 700],
    ["releases", 1500],
  ])(
    "whose disk is full under %s in the middle of a build: says so, and goes on when there is room",
    (folder, kb) => {
      const [before, args] = [candidate(), another()];
      if (folder === "build")
        machine.sh(`find ${root}/build -mindepth 1 -maxdepth 1 ! -name .toolchain -exec rm -rf {} +`);
      small(`${root}/${folder}`, kb);
      const { code, err } = build(args);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/^error: build of \w+ failed(.*\n)*.*No space left on device/),
      ]);
      expect(candidate()).toBe(before);
      grow(`${root}/${folder}`);
      expect(build(args)).toMatchObject({ code: 0, err: "" });
      expect(machine.observe("build", "build", args)).toEqual([]);
      expect(machine.sh(`find ${root}/releases -mindepth 1 -maxdepth 1 -name '.*'`)).toBe("");
      if (folder === "build") machine.sh(`umount -l ${root}/build`);
    },
    180_000,
  );

  it("whose databases' disk has no room: it is said before anything begins, and what fills up in the middle is done anew", () => {
    const empty =
      "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema IN ('auth', 'characters', 'world')";
    machine.sh("systemctl stop mariadb");
    small(datadir, 50_000);
    // MariaDB takes some room when it starts.
    machine.sh(
      `systemctl start mariadb; dd if=/dev/zero of=${datadir}/.fill bs=1k 2>/dev/null; truncate -s -300k ${datadir}/.fill`,
    );
    const refused = schema();
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(
        /^error: \/var\/lib\/mysql has \d MB free; updating the databases needs 400 MB\n {2}make room/,
      ),
    ]);
    expect(sql(empty)).toBe("0");
    const { code, err } = schema({ min_disk_mb: 0 });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/databases could not be updated for(.*\n)*.*the disk is full: df -h \/var\/lib\/mysql/),
    ]);
    machine.sh(`rm ${datadir}/.fill`);
    grow(datadir);
    expect(applied(machine, "schema", schemaArgs)).toMatch(
      /emptying the .* database .*, whose first import was cut off/,
    );
    expect(sql("SELECT COUNT(*) FROM world.creature_template")).toBe("600");
    expect(machine.observe("schema", "schema", schemaArgs)).toEqual([]);
  }, 120_000);

  it("whose trial of an update is killed: that is the first line", () => {
    machine.sh(`rm -rf ${root}/releases/killed && cp -a ${root}/$(readlink ${root}/candidate) ${root}/releases/killed && ln -sfn releases/killed ${root}/candidate
      echo 'DO SLEEP(60);' >${root}/releases/killed/sql/updates/world/2026_08_09_00_world.sql
      systemd-run -q --collect --unit=killer bash -c 'until mariadb -N -e "SHOW PROCESSLIST" | grep -q "SLEEP(60)"; do sleep 0.1; done; systemctl kill -s KILL trinity-trial'`);
    const { code, err } = schema();
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^error: the databases could not be updated for releases\/killed \(a trial on copies of them\): trinity-trial\.service was ended from outside \(signal\)\n/,
      ),
    ]);
  }, 120_000);

  it("whose build is killed: that is said", () => {
    machine.sh(
      "systemd-run -q --collect --unit=killer bash -c 'until systemctl is-active -q trinity-build; do sleep 0.05; done; systemctl kill -s KILL trinity-build'",
    );
    const { code, err } = build();
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^error: build of \w+ failed after .*\n {2}trinity-build\.service was ended from outside \(signal\)\n {2}\S/,
      ),
    ]);
  }, 60_000);

  it("whose systemd does not answer: that is the first line", () => {
    machine.sh(`for each in systemctl systemd-run; do
      printf '#!/bin/sh\necho "Failed to connect to bus: No such file or directory" >&2; exit 1\n' >/usr/local/sbin/$each; chmod 755 /usr/local/sbin/$each; done`);
    const { code, err } = schema();
    machine.sh("rm /usr/local/sbin/systemctl /usr/local/sbin/systemd-run");
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^error: releases\/killed cannot be tried, as systemd does not answer: Failed to connect to bus: No such file or directory, so it cannot go live; nothing was changed\n/,
      ),
    ]);
  });
});
