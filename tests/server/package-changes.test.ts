import { packagesPlan } from "../../components/host/packages";
import type { Plan } from "../../steps/plan";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

lab.describe("packages beside those of others", () => {
  const plan = packagesPlan(onLab(load({})), facts()).args;
  const wanted = (...packages: string[]): Plan["args"] => ({ ...plan, packages });
  let machine: Machine;
  // Each asks apt several times, which takes a while where others are at work.
  jest.setTimeout(120_000);
  const observe = (...packages: string[]) => machine.observe("packages", "packages", wanted(...packages));
  const apply = (...packages: string[]) => machine.apply("packages", "packages", wanted(...packages));
  /** A package of somebody else's: it holds nothing, its fields are what matters. */
  const theirs = (name: string, version: string, fields = "") => `theirs '${name}' '${version}' '${fields}'; `;
  const make = (script: string) =>
    machine.sh(`theirs() { d=$(mktemp -d) && mkdir $d/DEBIAN && printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n%b' "$1" "$2" "$3" >$d/DEBIAN/control &&
      dpkg-deb -b $d /run/$1.deb >/dev/null && dpkg -i /run/$1.deb >/dev/null; }
      ${script}`);
  const kept = `dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' `;

  beforeAll(() => {
    machine = onMachine("t-changes");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("says on a server without lists that it cannot tell yet, and looks again before it installs", () => {
    make(theirs("xxd-rival", "1", "Conflicts: xxd\\n"));
    expect(observe("xxd")).toEqual([
      "the package xxd is not installed",
      "foretold: what apt would change of the packages that are there cannot be told yet, as it has no package lists here; it is looked at before anything is installed, and nothing is removed",
    ]);
    expect(apply("xxd").err).toBe(
      "error: apt would remove xxd-rival, which cannot be beside what the realm needs; if nothing needs them, remove them by hand: apt-get remove xxd-rival\n  nothing was installed\n",
    );
    expect(machine.sh(`${kept} xxd-rival`)).toBe("xxd-rival 1 installed");
  });

  it("refuses to remove what is in the way, and what needs it, in words", () => {
    make(
      theirs("libmysqlclient-dev", "8.0.36", "Conflicts: libmariadb-dev-compat\\n") +
        theirs("reporting", "1.0", "Depends: libmysqlclient-dev\\n"),
    );
    const sentence =
      "apt would remove libmysqlclient-dev, reporting and xxd-rival, which cannot be beside what the realm needs; if nothing needs them, remove them by hand: apt-get remove libmysqlclient-dev reporting xxd-rival";
    expect(observe("libmariadb-dev-compat", "xxd")).toContain(`refused: ${sentence}`);
    expect(apply("libmariadb-dev-compat", "xxd").err).toBe(`error: ${sentence}\n  nothing was changed\n`);
    machine.sh("dpkg -r reporting libmysqlclient-dev xxd-rival");
  });

  it.each([
    ["mysql-community-server", ""],
    ["percona-server-server", "Provides: virtual-mysql-server\\nConflicts: virtual-mysql-server\\n"],
    ["some-sql-server", "Provides: mysql-server, virtual-mysql-server (= 8)\\nConflicts: virtual-mysql-server\\n"],
  ])("does not put MariaDB beside %s", (name, fields) => {
    make(theirs(name, "8", fields));
    const sentence = `${name} is installed: MariaDB cannot be beside another SQL server; move its databases away and remove it, or use another server`;
    expect(observe("mariadb-server").filter((line) => line.startsWith("refused: "))).toEqual([`refused: ${sentence}`]);
    expect(apply("mariadb-server").err).toBe(`error: ${sentence}\n  nothing was changed\n`);
    machine.sh(`dpkg -r ${name}`);
  });

  it("lets what is held be", () => {
    machine.sh("apt-mark hold socat");
    expect(observe("socat")).toContain(
      "refused: socat would have to be installed or changed, but is held on this host; let go of it there: apt-mark unhold socat",
    );
    machine.sh("apt-mark unhold socat");
    make(`${theirs("libmariadb3", "1:10.11.1")} apt-mark hold libmariadb3`);
    expect(observe("libmariadb-dev-compat").find((line) => line.startsWith("refused: "))).toMatch(
      /^refused: what the realm needs does not fit libmariadb3, held on this host \(libmariadb-dev : Depends: libmariadb3 \(= .*\); let go of it there: apt-mark unhold libmariadb3$/,
    );
    machine.sh("apt-mark unhold libmariadb3; dpkg -r libmariadb3");
  });

  it("puts in no older version because a pin says so", () => {
    make(
      `${theirs("libmariadb3", "9:1")} printf 'Package: libmariadb3\nPin: release o=Debian*\nPin-Priority: 1001\n' >/etc/apt/preferences.d/theirs`,
    );
    expect(observe("libmariadb-dev-compat").find((line) => line.startsWith("refused: "))).toMatch(
      /^refused: apt would put an older version of libmariadb3 in the place of the present one, .*: apt-cache policy libmariadb3$/,
    );
    machine.sh("rm /etc/apt/preferences.d/theirs");
    expect(observe("libmariadb-dev-compat").find((line) => line.startsWith("refused: "))).toMatch(
      /^refused: apt cannot install what the realm needs beside what is there: libmariadb-dev : Depends: libmariadb3 .*: apt-cache policy libmariadb3$/,
    );
    machine.sh("dpkg -r libmariadb3");
  });

  it("says what gets a newer version, and which services that may restart", () => {
    make(`${theirs("zstd-daemon", "1")} ${theirs("libmariadb3", "1:1")}
      d=$(mktemp -d) && mkdir -p $d/DEBIAN $d/lib/systemd/system && printf 'Package: mariadb-common\nVersion: 1:1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n' >$d/DEBIAN/control
      printf '[Service]\nExecStart=/bin/sleep infinity\n' >$d/lib/systemd/system/theirs.service
      dpkg-deb -b $d /run/x.deb >/dev/null && dpkg -i /run/x.deb >/dev/null && systemctl daemon-reload && systemctl start theirs`);
    expect(observe("libmariadb-dev-compat").filter((line) => !line.startsWith("the package"))).toEqual([
      expect.stringMatching(
        /^foretold: installing packages brings newer versions of libmariadb3,.* mariadb-common.*, which the new ones need; that may restart theirs\.service$/,
      ),
    ]);
    machine.sh("systemctl stop theirs; dpkg -r mariadb-common libmariadb3 zstd-daemon");
  });

  it("takes what is there for what it would install, where that does the same", () => {
    make(theirs("apport-core-dump-handler", "2", "Provides: core-dump-handler\\nConflicts: core-dump-handler\\n"));
    const either = ["socat|no-such", "systemd-coredump|core-dump-handler"];
    expect(observe(...either)).toEqual([
      "the package socat is not installed",
      "foretold: apport-core-dump-handler stays, and does the work of systemd-coredump, which is not installed beside it",
    ]);
    expect(apply(...either).code).toBe(0);
    expect(machine.sh(`${kept} socat apport-core-dump-handler | cut -d ' ' -f 1,3`)).toBe(
      "apport-core-dump-handler installed\nsocat installed",
    );
    machine.sh("dpkg -r apport-core-dump-handler");
    expect(observe(...either)).toContain("the package systemd-coredump is not installed");
  });
});
