/** What is kept of alerts, and the record of who did what: functions that need no host, but root. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lab } from "./on-machine";

lab.describe("without a host", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "alerts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** With nobody to tell: neither the journal nor systemd is this test's to write to. */
  function shell(script: string, env: Record<string, string> = {}) {
    const setup = `set -eu; for f in server/run/places.sh server/lib/{core,alerts,audit}.sh; do . "$f"; done
      RUNTIME_DIR=$TRINITY_STATE_DIR/run ALERTS_IN_MEMORY=$TRINITY_STATE_DIR/run/alerts
      logger() { printf '%s\\n' "\${*: -1}" >>"$TRINITY_STATE_DIR/journal"; }
      timeout() { printf '%s\\n' "$*" >>"$TRINITY_STATE_DIR/asked"; }
      rm -f "$TRINITY_STATE_DIR"/{journal,asked}`;
    const ran = spawnSync("bash", ["--norc", "-c", `${setup}\n${script}`], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, TRINITY_STATE_DIR: folder, TRINITY_JOB_LOGS: join(folder, "logs"), ...env },
    });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: "" });
    return ran.stdout;
  }
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const waiting = (where = "alerts/waiting") => readdirSync(join(folder, where));
  const hook = () => {
    shell('mkdir -p "$ALERTS"');
    writeFileSync(join(folder, "alerts/hook"), "");
  };

  describe("an alert", () => {
    it("is in the journal and in the record alone where there is no hook", () => {
      shell("alert backup-failed 'the disk is full' 'df says so'");
      expect(read("journal")).toBe("backup-failed: the disk is full\n");
      expect(read("alerts/record")).toMatch(/^\d{10}\tbegan\tbackup-failed\t\tthe disk is full\n$/);
      expect(readdirSync(folder)).not.toContain("asked");
      expect(readdirSync(join(folder, "alerts"))).toEqual(["record"]);
    });

    it("waits for the hook as a file of root's, with its details", () => {
      hook();
      shell("ALERT_OF=worldserver alert crash-loop $'it\\nstays down' 'line 1' 'line 2'");
      const [file = ""] = waiting();
      expect(read(`alerts/waiting/${file}`)).toMatch(
        /^\d{10}\nbegan\ncrash-loop\nworldserver\nit\?stays down\nline 1\nline 2\n$/,
      );
      expect(statSync(join(folder, "alerts/waiting", file)).mode & 0o777).toBe(0o600);
      expect(read("asked")).toMatch(/^5 systemctl start .*--no-block trinity-alerts\.service$/m);
    });

    it.each([
      ["the disk takes nothing", "ALERTS=/proc/none"],
      ["nothing takes anything", "ALERTS=/proc/none ALERTS_IN_MEMORY=/proc/none"],
      ["there is no journal", "logger() { return 1; }"],
      ["systemd does not answer", "timeout() { return 124; }"],
    ])("never fails, also where %s", (_, fault) => {
      hook();
      expect(shell(`${fault}\nalert disk-short 'no room'; echo on`)).toBe("on\n");
    });

    it("waits in memory where the disk takes nothing", () => {
      shell(
        'mkdir -p "$ALERTS/hook.d"; ALERTS=$ALERTS/hook.d; : >"$ALERTS/hook"; : >"$ALERTS/waiting"; alert disk-short full',
      );
      expect(waiting("run/alerts/waiting")).toHaveLength(1);
    });
  });

  it("tells of a condition when it begins and when it ends, and not between", () => {
    const twice = (line: string) => shell(`${line}; ${line}`);
    twice("condition_is_over disk-short / 'room again'");
    twice("condition_holds disk-short '' '1 MB free'");
    twice("condition_holds database-away '' 'no answer'");
    twice("condition_is_over disk-short '' 'room again'");
    const told = read("alerts/record")
      .trim()
      .split("\n")
      .map((line) => line.replace(/^\d+\t/, ""));
    expect(told).toEqual([
      "began\tdisk-short\t\t1 MB free",
      "began\tdatabase-away\t\tno answer",
      "over\tdisk-short\t\troom again",
    ]);
  });

  describe("an action", () => {
    const lines = () => read("logs/audit.log").trim().split("\n");

    it("has a line that says who, for which stack, what, and how it ended", () => {
      writeFileSync(join(folder, "owner"), "realm/prod");
      shell("audit 'restart worldserver' done $'in 60 s\\tat once'", {
        SUDO_USER: "ada",
        SSH_CONNECTION: "198.51.100.7 4711 10.0.0.1 22",
      });
      expect(lines()).toEqual([
        expect.stringMatching(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\tada from 198\.51\.100\.7\trealm\/prod\trestart worldserver\tdone\tin 60 s\?at once$/,
        ),
      ]);
      expect(statSync(join(folder, "logs/audit.log")).mode & 0o777).toBe(0o600);
    });

    it("keeps four older files, and loses no line of the present one", () => {
      shell("for i in {1..60}; do audit step done $i; done", { AUDIT_BYTES: "300" });
      expect(readdirSync(join(folder, "logs")).sort()).toEqual(
        ["audit.log", "audit.log.1", "audit.log.2", "audit.log.3", "audit.log.4", "audit.log.lock"].sort(),
      );
      expect(lines().at(-1)).toMatch(/\t60$/);
      expect(read("logs/audit.log.1").trim().split("\n").at(-1)).toMatch(new RegExp(`\t${60 - lines().length}$`));
    });

    it("goes on where its line cannot be written", () => {
      expect(shell("AUDIT_LOG=/proc/none/audit.log; audit step done; echo on")).toBe("on\n");
    });
  });
});
