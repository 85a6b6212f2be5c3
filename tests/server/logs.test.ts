import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { logsPlan } from "../../components/host/logs";
import { userPlan } from "../../components/host/user";
import { load } from "../unit/settings/source";
import { onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

describe("rotate-logs.sh", () => {
  let folder: string;
  const rotate = (...args: string[]) => {
    const ran = spawnSync("bash", ["server/units/rotate-logs.sh", ...args], { encoding: "utf8" });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: "" });
  };
  const log = (name: string, text: string, daysAgo: number) => {
    writeFileSync(join(folder, name), text);
    const then = new Date(Date.now() - daysAgo * 86400_000);
    utimesSync(join(folder, name), then, then);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "logs-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("sets a log aside under the time of its last line, and leaves an empty or missing one", () => {
    log("Server.log", "the last words\n", 0);
    utimesSync(join(folder, "Server.log"), new Date("2026-05-01T03:00:00"), new Date("2026-05-01T03:00:00"));
    log("Auth.log", "", 0);
    rotate("aside", ...["Server.log", "Auth.log", "none.log"].map((name) => join(folder, name)));
    expect(readdirSync(folder).sort()).toEqual(["Auth.log", "Server.2026-05-01_030000.log"]);
  });

  it("compresses at night what was set aside and the logs that are only added to, not one that is to be kept whole", () => {
    log("Server.log", "running\n", 0);
    log("Server.2026-05-01_030000.log", "before\n", 1);
    log("GM.log", "a command\n", 0);
    symlinkSync("/etc/hostname", join(folder, "link.log"));
    rotate("nightly", folder, "30", "Auth.log", "Server.log");
    const names = readdirSync(folder).sort();
    expect(names).toEqual([
      expect.stringMatching(/^GM\.\d{4}-\d\d-\d\d_\d{6}\.log\.gz$/),
      "GM.log",
      "Server.2026-05-01_030000.log.gz",
      "Server.log",
      "link.log",
    ]);
    expect(gunzipSync(readFileSync(join(folder, names[0] as string))).toString()).toBe("a command\n");
    expect(readFileSync(join(folder, "GM.log"), "utf8")).toBe("");
    expect(readFileSync(join(folder, "Server.log"), "utf8")).toBe("running\n");
  });

  it("leaves in an emptied log the line by which a server is known to have lost MariaDB, once, and a log that is added to goes on", () => {
    const lost = "Unhandled MySQL errno 2002. Unexpected behaviour possible.";
    log("DBErrors.log", `a\n${lost}\nb\n${lost}\n`, 0);
    const writer = openSync(join(folder, "DBErrors.log"), "a");
    rotate("nightly", folder, "30");
    writeSync(writer, "after\n");
    closeSync(writer);
    expect(readFileSync(join(folder, "DBErrors.log"), "utf8")).toBe(`${lost}\nafter\n`);
    rotate("nightly", folder, "30");
    expect(readFileSync(join(folder, "DBErrors.log"), "utf8")).toBe(`${lost}\n`);
  });

  it("deletes old compressed logs, nothing else that is old", () => {
    log("Server.2026-04-01_030000.log", "old\n", 31);
    log("Server.2026-04-02_030000.log.gz", "old\n", 31);
    log("Server.2026-04-03_030000.log.gz", "young\n", 29);
    log("my-notes.log.gz", "theirs\n", 400);
    rotate("nightly", folder, "30", "Server.log");
    expect(readdirSync(folder).sort()).toEqual(["Server.2026-04-03_030000.log.gz", "my-notes.log.gz"]);
  });
});

lab.describe("the care for the logs", () => {
  const { args } = logsPlan(onLab(load({ "host.logs.schedule": "*-*-* 04:30:00", "host.logs.keepDays": "7" })));
  const units = "/etc/systemd/system/trinity-logs";
  const logs = "/var/lib/trinity/Projects/trinity-335/logs";
  let machine: Machine;
  const observe = () => machine.observe("logs", "timer", args);
  const apply = () => machine.apply("logs", "timer", args);

  beforeAll(() => {
    machine = onMachine("t-logs");
    expect(machine.apply("user", "user", userPlan(onLab(load({}))).args).code).toBe(0);
  }, 300_000);
  afterAll(() => machine?.stop());

  it("starts the timer, and does nothing the second time", () => {
    expect(observe()).toEqual([`${units}.service is missing`, `${units}.timer is missing`]);
    const { code, out, err } = apply();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/next: .* 04:30:00 /);
    expect(apply().out).toBe("as it should be\n");
  });

  it("compresses as the service user", () => {
    machine.sh(
      `runuser -u trinity -- sh -c 'echo old >${logs}/Auth.2026-05-01_030000.log'; systemctl start trinity-logs`,
    );
    expect(machine.sh(`stat -c %U ${logs}/Auth.2026-05-01_030000.log.gz`)).toBe("trinity");
  });

  it("names what was changed by hand, and puts it right", () => {
    machine.sh(`sed -i 's/04:30/05:30/' ${units}.timer; systemctl disable -q --now trinity-logs.timer`);
    expect(observe()).toEqual([
      `${units}.timer lacks: OnCalendar=*-*-* 04:30:00`,
      `${units}.timer has, and should not: OnCalendar=*-*-* 05:30:00`,
      "trinity-logs.timer does not start when the host boots",
      "trinity-logs.timer is not running",
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("names the key of a schedule that systemd refuses, and touches nothing", () => {
    const { code, err } = machine.apply("logs", "timer", { ...args, schedule: "*-*-* 25:00", timer: "[Timer]\n" });
    expect(code).toBe(1);
    expect(err).toContain('error: trinitycore:host.logs.schedule: systemd refuses "*-*-* 25:00"');
    expect(observe()).toEqual([]);
  });

  it("goes without a trace but the logs, after a night that failed too", () => {
    machine.sh(
      `d=/run/systemd/system/trinity-logs.service.d && mkdir -p $d && printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >$d/a.conf && systemctl daemon-reload
      ! systemctl start trinity-logs 2>/dev/null && systemctl is-failed -q trinity-logs && rm -r $d && systemctl daemon-reload`,
    );
    expect(machine.undo("logs").code).toBe(0);
    expect(
      machine.sh(
        `ls ${units}.* 2>/dev/null; systemctl list-timers --all | grep trinity; systemctl list-units --all --plain | grep trinity-logs; ls ${logs} | wc -l`,
      ),
    ).toBe("1");
  });
});
