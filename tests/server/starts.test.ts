import { serverServicePlan } from "../../components/servers/service";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";
import { furnish, settings } from "./stand-in";

lab.describe("the first line of a start that failed is the cause", () => {
  const auth = serverServicePlan(onLab(settings), facts(), "authserver").args;
  let machine: Machine;
  const apply = () => machine.apply("authserver", "service", auth);

  beforeAll(() => {
    machine = onMachine("t-starts");
    furnish(machine);
  }, 300_000);
  afterAll(() => machine?.stop());

  const dropIn = "/etc/systemd/system/authserver.service.d";
  const withDropIn = (...lines: string[]) =>
    machine.sh(
      `systemctl stop authserver; systemctl reset-failed authserver 2>/dev/null; mkdir -p ${dropIn}; printf '%s\\n' '[Service]' ${lines.map((line) => `'${line}'`).join(" ")} >${dropIn}/a.conf; systemctl daemon-reload`,
    );
  it.each([
    [
      "a namespace that is refused",
      ["BindReadOnlyPaths=/nonexistent"],
      "systemd could not run started.sh, status 226/NAMESPACE: Failed to set up mount namespacing: .*No such file or directory",
    ],
    [
      "a program that is gone",
      ["ExecStart=", "ExecStart=/nonexistent"],
      "systemd could not run nonexistent, status 203/EXEC: .*No such file.*",
    ],
    ["no such user", ["User=nobodyatall"], "systemd could not run started.sh, status 217/USER: .*No such process"],
    [
      "no such folder",
      ["WorkingDirectory=/nonexistent"],
      "systemd could not run started.sh, status 200/CHDIR: .*No such file.*",
    ],
    ["what is run before it", ["ExecStartPre=/bin/false"], "false, which is run before it, ended with status 1"],
    ["what is run after it", ["ExecStartPost=/bin/false"], "false, which is run after it, ended with status 1"],
    ["an end with 0", ["ExecStart=", "ExecStart=/bin/true"], "it ended by itself before it was ready, with status 0"],
    // No server may send a signal, not even to itself.
    ["a crash", ["ExecStart=", 'ExecStart=/usr/bin/python3 -c "import ctypes; ctypes.string_at(0)"'], "signal SEGV"],
    [
      "a library that is gone",
      [
        "ExecStart=",
        'ExecStart=/bin/sh -c "echo authserver: error while loading shared libraries: libx.so: cannot open shared object file >&2; exit 127"',
      ],
      "status 127: authserver: error while loading shared libraries: libx.so: cannot open shared object file",
    ],
    [
      "one that never is ready",
      ["ExecStart=", "ExecStart=/bin/sleep 60", "TimeoutStartSec=1"],
      "it was not ready within 1s",
    ],
  ])("says in the first line why a start failed: %s", (_, lines, cause) => {
    withDropIn(...lines);
    const { code, err } = apply();
    expect(code).toBe(1);
    expect(err.split("\n")[0]).toMatch(new RegExp(`^error: authserver did not start: ${cause}$`));
    if (lines[0]?.startsWith("BindReadOnlyPaths"))
      expect(machine.observe("authserver", "service", auth)).toContain(
        "authserver keeps failing (status 226/NAMESPACE of started.sh), systemd tries it again",
      );
    machine.sh(`systemctl stop authserver; rm -r ${dropIn}; systemctl daemon-reload`);
  });

  it("says in the first line that MariaDB does not run", () => {
    machine.sh(
      "systemctl stop mariadb; printf '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' >/etc/systemd/system/mariadb.service; systemctl daemon-reload",
    );
    expect(apply().err).toMatch(
      /^error: authserver did not start: MariaDB does not run \(mariadb.service is (failed|inactive)\): systemctl status mariadb.service says why\n/,
    );
  });
});
