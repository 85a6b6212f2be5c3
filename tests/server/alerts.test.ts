/** Alerts, from what makes them to a real HTTP receiver. */
import { alertsPlan, watchPlan } from "../../components/alerts/plans";
import { load } from "../unit/settings/source";
import { BackupMachine } from "./backup-machine";
import { facts, onLab } from "./facts-of";
import { lab } from "./on-machine";
import { Receiver, withCurl } from "./receiver";

/** With characters that a config of curl's, JSON and the shell take for something else. */
const secretPart = 's3cret"\\x&y';
const url = `http://127.0.0.1:8099/hook/${secretPart}`;

lab.describe("alerts", () => {
  let host: BackupMachine;
  let receiver: Receiver;
  const sh = (script: string) => host.machine.sh(script);
  const plan = alertsPlan(onLab(load({})));
  const watched = (values: Record<string, string> = {}) => watchPlan(onLab(load(values)), facts());
  const applied = (secrets: Record<string, string>) => {
    const { code, out, err } = host.machine.apply("alerts", "alerts", plan.args, secrets);
    if (code !== 0) throw new Error(out + err);
    return out;
  };
  const observed = (secrets: Record<string, string> = { webhook: url }) =>
    host.machine.observe("alerts", "alerts", plan.args, secrets);
  const scripts = "/usr/local/libexec/trinity-stack/current";
  const shell = (line: string) => sh(`. ${scripts}/run/libraries.sh; ${line}`);
  const waiting = () => Number(sh("ls /var/lib/trinity-stack/alerts/waiting 2>/dev/null | wc -l"));
  /** Sends what waits, and says why not where it cannot. */
  const send = () => sh("systemctl start trinity-alerts 2>/dev/null || cat /var/lib/trinity-stack/alerts/failed");
  /** As if the last alerts had been sent so long ago. */
  const aged = (seconds: number) =>
    sh(`cd /var/lib/trinity-stack/alerts; for f in sent/* ; do echo $(($(cat "$f") - ${seconds})) >"$f"; done`);
  const fresh = () => sh("cd /var/lib/trinity-stack/alerts; rm -rf sent waiting holds failed /run/receiver/got");

  beforeAll(() => {
    host = new BackupMachine("t-alerts");
    withCurl(host.machine);
    receiver = new Receiver(host.machine);
    // Nobody waits for 20 s here.
    sh(`mkdir -p /etc/systemd/system/trinity-alerts.service.d
      printf '[Service]\\nEnvironment=HOOK_SECONDS=5\\n' >/etc/systemd/system/trinity-alerts.service.d/test.conf`);
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);

  it("are in the record alone without a hook, and the step has nothing to say then", () => {
    expect(applied({})).toContain("outcome: in the journal alone");
    shell("alert backup-failed nobody");
    expect([waiting(), observed({})]).toEqual([0, []]);
  });

  it("arrive as JSON, with nothing of the URL where others could read it", () => {
    expect(observed()).toEqual(["/var/lib/trinity-stack/alerts/hook is missing"]);
    expect(applied({ webhook: url })).toContain("outcome: to the webhook");
    expect(observed()).toEqual([]);
    receiver.mode("slow");
    sh(
      `(for i in {1..40}; do ps axww -o args=; cat /proc/[0-9]*/environ | tr '\\0' '\\n'; sleep 0.1; done) >/run/seen 2>/dev/null &`,
    );
    shell(`ALERT_OF=worldserver alert crash-loop $'it says "no"\\\\ \\u00e9\\e' 'line "1"' $'tab\\there'`);
    send();
    const [message, ...more] = receiver.got();
    expect([message, more]).toEqual([
      {
        path: `/hook/${secretPart}`,
        type: "application/json",
        body: {
          ...{ event: "crash-loop", state: "began", about: "worldserver", count: 1 },
          sentence: 'it says "no"\\ \u00e9?',
          details: ['line "1"', "tab?here"],
          realm: "Trinity",
          host: sh("uname -n"),
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
      },
      [],
    ]);
    expect(sh("wc -l </run/seen")).not.toBe("0");
    expect(sh(`grep -c s3cret /run/seen || true; journalctl -q | grep -c s3cret || true`)).toBe("0\n0");
    expect(sh("stat -c '%a %U' /var/lib/trinity-stack/alerts/hook")).toBe("600 root");
    receiver.mode("well");
  });

  it.each<[what: string, begin: () => void, cause: RegExp]>([
    ["is down", () => receiver.down(), /was not reached \(curl 7\)/],
    ["answers 500", () => receiver.mode("500"), /answered with HTTP status 500/],
    ["leads elsewhere", () => receiver.mode("302"), /answered with HTTP status 302/],
    ["does not answer", () => receiver.mode("hangs"), /was not reached \(curl 28\)/],
  ])("wait while the receiver %s, are sent later, and the step says so meanwhile", (_, begin, cause) => {
    fresh();
    begin();
    const began = Date.now();
    shell("alert build-failed 'it does not compile'");
    // Whoever alerts is not kept.
    expect(Date.now() - began).toBeLessThan(8000);
    expect(send()).toMatch(cause);
    expect(waiting()).toBe(1);
    expect(observed()).toEqual([
      expect.stringMatching(new RegExp(`^hint: alerts could not be sent: .*${cause.source}`)),
    ]);
    if (host.machine.exec("systemctl is-active -q receiver").code !== 0) receiver.up();
    receiver.mode("well");
    expect(send()).toBe("");
    expect([waiting(), observed(), receiver.bodies().map(({ sentence }) => sentence)]).toEqual([
      0,
      [],
      ["it does not compile"],
    ]);
  });

  it("of a storm are one an hour, with a count; others and the end are not held back", () => {
    fresh();
    shell('for i in {1..9}; do ALERT_OF=a alert unit-failed "try $i"; done');
    send();
    const first = receiver.bodies();
    expect(first.reduce((sum, { count }) => sum + count, 0) + waiting()).toBe(9);
    shell("ALERT_OF=b alert unit-failed other; ALERT_OF=a alert_over unit-failed again");
    send();
    expect(receiver.bodies().map(({ state, about }) => [state, about])).toEqual([
      ["began", "b"],
      ["over", "a"],
    ]);
    aged(3700);
    const held = waiting();
    send();
    expect([receiver.bodies(), waiting()]).toEqual([[expect.objectContaining({ sentence: "try 9", count: held })], 0]);
  });

  it("are given up after a day", () => {
    fresh();
    receiver.mode("500");
    shell("alert drill-failed old");
    expect(send()).not.toBe("");
    sh(`f=$(ls -d /var/lib/trinity-stack/alerts/waiting/*); sed -i "1s/.*/$(($(date +%s) - 90000))/" $f`);
    receiver.mode("well");
    send();
    expect([waiting(), receiver.bodies()]).toEqual([0, []]);
    expect(sh("journalctl --sync; journalctl -q -o cat -u trinity-alerts -n 12")).toContain(
      "given up after a day: drill-failed: old",
    );
  });

  it("go to a command too, which is nobody on this host", () => {
    fresh();
    const command =
      `curl -s --data-binary @- -H "Content-Type: $TRINITY_EVENT $(id -u | wc -c) $(cat /var/lib/trinity-stack/owner 2>&1 | wc -l)" ` +
      'http://127.0.0.1:8099/command; touch "/var/tmp/$(id -un)" 2>/dev/null';
    expect(applied({ command })).toContain("outcome: to the command");
    shell("alert restored 'back again'");
    send();
    expect(receiver.got()).toEqual([
      { path: "/command", type: "restored 6 1", body: expect.objectContaining({ sentence: "back again" }) },
    ]);
    expect(sh("ls /var/tmp | grep -v systemd || true")).toBe("");
    sh("printf 'exit 3' | base64 >/run/no; sed -i \"3s/.*/$(cat /run/no)/\" /var/lib/trinity-stack/alerts/hook");
    shell("alert restored 'once more'");
    sh("rm -rf /var/lib/trinity-stack/alerts/sent");
    expect(send()).toMatch(/the command of trinitycore:alerts\.command ended with 3/);
    applied({ webhook: url });
  });

  it("tell of a unit that failed, why, and its last lines", () => {
    fresh();
    sh("chmod 000 /var/backups/trinity; chown root /var/backups/trinity");
    expect(host.run("backup").ok).toBe(false);
    sh("for i in {1..50}; do [[ -s /run/receiver/got ]] && exit; sleep 0.2; done; exit 1");
    expect(receiver.bodies()).toEqual([
      expect.objectContaining({
        event: "backup-failed",
        about: "trinity-backup",
        sentence: expect.stringMatching(/^trinity-backup failed: \/var\/backups\/trinity is missing, or not/),
        details: expect.arrayContaining(["journalctl -u trinity-backup has the rest"]),
      }),
    ]);
    host.apply(host.plans.user);
  });

  describe("of what is looked at every ten minutes", () => {
    const look = (values: Record<string, string> = {}) => {
      const { args } = watched(values);
      const { code, out, err } = host.machine.apply("watch", "timer", args);
      if (code !== 0) throw new Error(out + err);
      sh("systemctl start trinity-watch");
      return sh("cut -f 2- /var/lib/trinity-stack/alerts/record; : >/var/lib/trinity-stack/alerts/record");
    };
    const few = { "alerts.disk": "1", "alerts.memory": "1" };
    beforeAll(() => {
      fresh();
      look(few);
    });

    it("tell nothing where all is well", () => expect(look(few)).toBe(""));

    it.each<[what: string, begin: () => string, end: () => string, began: RegExp, over: RegExp]>([
      [
        "a short disk",
        () => look({ ...few, "alerts.disk": "9999999" }),
        () => look(few),
        /^began\tdisk-short\t\/\t\d+ MB are free on \/$/m,
        /^over\tdisk-short\t\/\t\d+ MB are free on \/ again$/m,
      ],
      [
        "short memory",
        () => look({ ...few, "alerts.memory": "9999999" }),
        () => look(few),
        /^began\tmemory-short\t\t\d+ MB of memory are free, swap included$/,
        /^over\tmemory-short\t\t/,
      ],
      [
        "a MariaDB that is away",
        () => {
          sh("systemctl stop mariadb");
          return look(few);
        },
        () => {
          sh("systemctl start mariadb");
          return look(few);
        },
        /^began\tdatabase-away\t\tMariaDB does not answer: ERROR 2002/,
        /^over\tdatabase-away\t\tMariaDB answers again$/,
      ],
      [
        "a MariaDB that crashed and is back",
        () => {
          const pid = sh("systemctl show -P MainPID mariadb");
          sh(`kill -SEGV ${pid}; for i in {1..150}; do sleep 0.2; [[ $(systemctl show -P MainPID mariadb) != @(0|${pid}) ]] &&
            systemctl is-active -q mariadb && exit; done; exit 1`);
          return look(few);
        },
        () => look(few),
        /^began\tdatabase-away\tmariadb\.service\tMariaDB ended by itself and was started again at /,
        /^$/,
      ],
      [
        "an overdue backup",
        () => {
          host.make();
          sh(`f=/var/lib/trinity-backup/last; then=$(($(date +%s) - 2 * 86400))
            sed -i "s/^\\(at\\|well\\)\\t.*/\\1\\t$then/" $f`);
          return look(few);
        },
        () => {
          host.make();
          return look(few);
        },
        /^began\tbackup-overdue\tbackup\ttrinity-backup is overdue: it should have run at /,
        /^over\tbackup-overdue\tbackup\tthe backup has run again$/,
      ],
    ])("tell of %s once when it begins, and once when it ends", (_, begin, end, began, over) => {
      expect(begin()).toMatch(began);
      expect(look(few)).toMatch(_.includes("short") ? over : /^$/);
      expect(end()).toMatch(_.includes("short") ? /^$/ : over);
      expect(look(few)).toBe("");
    });

    it("have those sent that wait", () => {
      fresh();
      receiver.mode("500");
      shell("alert rolled-back 'the old one runs'");
      send();
      receiver.mode("well");
      look(few);
      sh("for i in {1..50}; do [[ -s /run/receiver/got ]] && exit; sleep 0.2; done; exit 1");
      expect(receiver.bodies().map(({ event }) => event)).toEqual(["rolled-back"]);
    });
  });

  it("leave nothing behind when the step is destroyed", () => {
    for (const step of ["watch", "alerts"]) expect(host.machine.undo(step).code).toBe(0);
    expect(sh("ls /etc/systemd/system | grep -E 'alert|crash|watch' | grep -v '\\.d$' || true")).toBe("");
    expect(sh("ls -A /var/lib/trinity-stack")).not.toContain("alerts");
  });
});
