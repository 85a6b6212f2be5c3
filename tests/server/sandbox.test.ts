import { applied, buildArgs, built, root, schemaArgs, sourceArgs, tdbArgs, tdbName } from "./built";
import { lab, type Machine } from "./on-machine";

const socket = "/run/mysqld/mysqld.sock";
const git = `cd ${root}/src && runuser -u trinity -- git`;

/**
 * What code from a commit or a download tries as the service user; each is a line of shell that succeeds where it is
 * not kept from it.
 */
const attacks = {
  "write to /etc": "touch /etc/attacked",
  "write another realm's folder": "touch /srv/other-realm/attacked",
  "write the game data": `touch ${root}/data/attacked`,
  "write the servers' logs": `touch ${root}/logs/attacked`,
  "write a server's own folder": `touch ${root}/work/authserver/attacked`,
  "write the live release": `touch ${root}/run/bin/attacked || echo x >>${root}/run/bin/worldserver`,
  "move the live release": `ln -sfn /srv ${root}/run`,
  "write what git runs": `echo x >>${root}/src/.git/attacked`,
  "write the build tree": `touch ${root}/build/attacked`,
  "read the servers' passwords": "cat /etc/trinity-stack/worldserver.env",
  "log in to MariaDB": `mariadb --no-defaults --protocol=socket --socket=${socket} -e 'SELECT 1'`,
  "reach the network": "exec 3<>/dev/tcp/127.0.0.1/8099",
  "end a server": "kill -CONT $(cat /srv/server.pid)",
  "read a server's memory": "cat /proc/$(cat /srv/server.pid)/environ",
  "trace a server":
    "python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).ptrace(16, int(open(\"/srv/server.pid\").read()), 0, 0) != 0)'",
  "make a world of its own": "unshare --user true",
  "ask systemd": "systemctl show-environment",
} as const;
type Attack = keyof typeof attacks;

/** What may be done from inside each unit, for it is its work. */
const may: Readonly<Record<string, readonly Attack[]>> = {
  "trinity-fetch": ["write what git runs", "reach the network"],
  "trinity-build": ["write the build tree"],
  "trinity-tdb": ["reach the network"],
  "trinity-schema": ["log in to MariaDB"],
};
const script = `#!/bin/bash
exec 2>/dev/null
{
${Object.entries(attacks)
  .map(([name, line]) => `( ${line} ) >/dev/null && echo "${name}"`)
  .join("\n")}
echo end
} >/tmp/attacked
for place in ${root}/work/worldserver ${root}/src/.git ${root}/build; do cp /tmp/attacked $place/result && break; done
rm -f /tmp/attacked
`;

lab.describe("what a commit or a download brings", () => {
  let machine: Machine;
  const done = (place: string) => machine.sh(`cat ${place}/result; rm ${place}/result`).split("\n");
  const allowed = (unit: string) => [
    ...Object.keys(attacks).filter((name) => may[unit]?.includes(name as Attack)),
    "end",
  ];

  beforeAll(() => {
    machine = built("t-sandbox");
    machine.sh(
      `systemctl start mariadb
      for d in auth characters world; do mariadb -e "CREATE DATABASE $d COLLATE utf8mb4_unicode_ci"; done
      mariadb -e "CREATE USER trinity@localhost IDENTIFIED VIA unix_socket; GRANT ALL ON *.* TO trinity@localhost"
      ln -sfn "$(readlink ${root}/candidate)" ${root}/run
      install -d -m 0777 /srv/other-realm; echo SECRET >/etc/trinity-stack/worldserver.env; chmod 600 /etc/trinity-stack/worldserver.env
      systemd-run --quiet --unit=server --uid=trinity sleep infinity; systemctl show -P MainPID server >/srv/server.pid
      systemd-run --quiet --unit=listener socat TCP-LISTEN:8099,bind=127.0.0.1,fork,reuseaddr EXEC:/bin/true
      until ss -Hltn | grep -q :8099; do sleep 0.1; done
      cat >/srv/attack; chmod 755 /srv/attack`,
      { stdin: script },
    );
  }, 600_000);
  afterAll(() => machine?.stop());
  afterEach(() => {
    machine.sh(
      `find /etc /srv ${root} -name attacked -delete; systemctl is-active -q server; readlink ${root}/run | grep -q releases/`,
    );
  });

  it("could do most of it without a sandbox", () => {
    machine.sh("runuser -u trinity -- bash /srv/attack");
    const kept: Attack[] = [
      ...["write to /etc", "write the live release", "move the live release", "read the servers' passwords"],
      // By the kernel's own settings, here or there.
      ...["trace a server", "make a world of its own"],
    ] as Attack[];
    const others = Object.keys(attacks).filter((name) => !kept.includes(name as Attack));
    expect(done(`${root}/work/worldserver`).filter((name) => !kept.includes(name as Attack))).toEqual([
      ...others,
      "end",
    ]);
  });

  it("does no harm from inside the fetch", () => {
    machine.sh(`${git} config core.fsmonitor /srv/attack && echo 'int x;' >>src/common/Log.cpp`);
    const { code, err } = machine.apply("source", "source", sourceArgs);
    machine.sh(`${git} config --unset core.fsmonitor`);
    expect([code, err]).toEqual([0, ""]);
    expect(done(`${root}/src/.git`)).toEqual(allowed("trinity-fetch"));
  }, 120_000);

  it("does no harm from inside the build, by its scripts or its programs", () => {
    machine.sh(
      `export HOME=/root; git config --global --add safe.directory '*'; cd /srv/git/core && echo 'execute_process(COMMAND /srv/attack)' >>CMakeLists.txt &&
      git -c user.name=u -c user.email=u@example.org commit -q -a -m attack && git push -q /srv/git/core.git HEAD:3.3.5`,
    );
    const commit = machine.sh("git --git-dir /srv/git/core.git rev-parse 3.3.5");
    applied(machine, "source", { ...sourceArgs, commit });
    applied(machine, "build", { ...buildArgs, options: ["TOOLS=0"] });
    expect(done(`${root}/build`)).toEqual(allowed("trinity-build"));
  }, 240_000);

  it("does no harm from inside the import", () => {
    machine.sh(
      `rm -f ${root}/work/worldserver/*.sql; printf '#!/bin/sh\\n/srv/attack\\nexec /usr/bin/7z "$@"\\n' >/usr/local/bin/7zz; chmod 755 /usr/local/bin/7zz`,
    );
    applied(machine, "tdb", { ...tdbArgs, source: `/srv/tdb/${tdbName}.7z` });
    machine.sh("rm /usr/local/bin/7zz");
    expect(done(`${root}/work/worldserver`)).toEqual(allowed("trinity-tdb"));
  }, 120_000);

  it("does no harm from inside a migration, by its SQL", () => {
    machine.sh(
      `cd ${root}/releases/$(basename $(readlink ${root}/candidate)) && printf '%s\\n' '\\! /srv/attack' 'SELECT 1;' >sql/updates/world/2026_08_01_00_world.sql`,
    );
    applied(machine, "schema", schemaArgs);
    expect(done(`${root}/work/worldserver`)).toEqual(allowed("trinity-schema"));
  }, 120_000);
});
