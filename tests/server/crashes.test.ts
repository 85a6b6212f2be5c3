/** A server that ends by itself: what is kept of it, what the operator is told, and when it stays down. */
import { alertsPlan, watchPlan } from "../../components/alerts/plans";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";
import { configure, furnish, root, settings } from "./stand-in";

const state = "/var/lib/trinity-stack";

lab.describe("a server that ends by itself", () => {
  let machine: Machine;
  const sh = (script: string) => machine.sh(script);
  const put = (step: string, kind: string, args: Parameters<Machine["apply"]>[2]) => {
    const { code, out, err } = machine.apply(step, kind, args);
    if (code !== 0) throw new Error(out + err);
  };
  const until = (what: string, seconds = 60) =>
    sh(
      `for i in {1..${seconds * 5}}; do ${what} && exit; sleep 0.2; done; systemctl status worldserver trinity-crash@worldserver; exit 1`,
    );
  /** What was told since the last time it was asked: `STATE EVENT ABOUT SENTENCE`. */
  const told = () => sh(`cut -f 2- ${state}/alerts/record; : >${state}/alerts/record`).split("\n").filter(Boolean);
  /** The details of the alerts that wait to be sent. */
  const details = () => sh(`tail -qn +6 ${state}/alerts/waiting/* && rm ${state}/alerts/waiting/*`);
  const restarts = () => sh("systemctl show -P NRestarts worldserver");
  const end = (signal: string) => {
    const [pid, before] = [sh("systemctl show -P MainPID worldserver"), Number(restarts())];
    sh(`kill -${signal} ${pid}`);
    return before + 1;
  };
  const ended = () => until(`[[ -s ${state}/alerts/record ]]`);
  const kept = () => sh("ls /var/log/trinity-stack/crashes/worldserver").split("\n");

  beforeAll(() => {
    machine = onMachine("t-crashes", "baked");
    furnish(machine);
    put("alerts", "alerts", alertsPlan(onLab(settings)).args);
    // Nothing is sent, so that what would be can be read.
    sh(`mkdir -p ${state}/receipts/mariadb && cd ${state}/receipts/mariadb && printf mariadb >kind && echo x >token &&
      printf 'socket=/run/mysqld/mysqld.sock\\0unit=mariadb.service\\0' >args
      printf 'command\\nTrinity\\ndHJ1ZQ==\\n' >${state}/alerts/hook; rm /etc/systemd/system/trinity-alerts.service
      mkdir -p /etc/systemd/system/worldserver.service.d ${root}/data/{dbc,maps,vmaps} && touch ${root}/data/{dbc,maps,vmaps}/x
      printf '[Service]\\nRestartSec=1\\n' >/etc/systemd/system/worldserver.service.d/test.conf
      systemctl daemon-reload; systemctl start worldserver`);
  }, 300_000);
  afterAll(() => machine?.stop());

  it("is started again, and the operator is told how it ended, with its last words, its core dump and a backtrace", () => {
    end("SEGV");
    ended();
    expect(told()).toEqual([
      expect.stringMatching(
        /^began\tunit-failed\tworldserver\tworldserver ended by itself \(signal SEGV\), and runs again after \d+ s$/,
      ),
    ]);
    const [folder = ""] = kept();
    const words = details();
    expect(words).toContain(`kept in /var/log/trinity-stack/crashes/worldserver/${folder}`);
    expect(words).toContain("the end of its log:\nstarting well");
    expect(words).toMatch(new RegExp(`^core dump: ${root}/work/worldserver/core`, "m"));
    expect(words).toMatch(/^ *#0 /m);
    expect(sh(`cd /var/log/trinity-stack/crashes; stat -c %a . worldserver/${folder}; ls worldserver/${folder}`)).toBe(
      "700\n700\nServer.log\nbacktrace\njournal",
    );
  });

  it("has its ten last crashes kept", () => {
    sh("cd /var/log/trinity-stack/crashes/worldserver; mkdir 2020-01-01T0000{10..30}Z");
    end("KILL");
    ended();
    expect(told()).toEqual([expect.stringMatching(/ended by itself \(signal KILL\), and runs again/)]);
    expect(kept()).toHaveLength(10);
    expect(kept()[0]).toBe("2020-01-01T000023Z");
  });

  it("is not told of where a game master restarted it (`server restart`)", () => {
    sh(`sed -i 's/sys.exit(0)/sys.exit(2)/' ${root}/run/bin/worldserver; systemctl restart worldserver`);
    const wanted = end("TERM");
    until(`[[ $(systemctl show -P NRestarts worldserver) == ${wanted} ]] && systemctl is-active -q worldserver`);
    expect([told(), kept().length]).toEqual([[], 10]);
    sh(`sed -i 's/sys.exit(2)/sys.exit(0)/' ${root}/run/bin/worldserver; systemctl restart worldserver`);
  });

  it("waits for MariaDB before it is started again, which is told from a crash", () => {
    const mariadb = sh("systemctl show -P MainPID mariadb");
    sh(`kill -STOP ${mariadb}`);
    const wanted = end("SEGV");
    ended();
    expect(told()).toEqual([expect.stringMatching(/^began\tdatabase-away\t\tMariaDB does not answer: ERROR 20/)]);
    sh("sleep 8");
    // No try was spent meanwhile.
    expect(sh("systemctl show -P NRestarts -P SubState worldserver")).toBe(`${wanted}\nstart-pre`);
    sh(`kill -CONT ${mariadb}`);
    until(`grep -q worldserver ${state}/alerts/record`);
    expect(told()).toEqual([
      "over\tdatabase-away\t\tMariaDB answers again",
      "began\tdatabase-away\tworldserver\tworldserver ended (signal SEGV) while MariaDB was away, and runs again",
    ]);
  });

  it("stays down after too many tries, with the reason, until it is mended", () => {
    configure(machine, "worldserver", "fail");
    sh(`systemctl stop worldserver; rm -f ${state}/alerts/waiting/*; systemctl start worldserver; true`);
    until(`grep -q crash-loop ${state}/alerts/record`, 120);
    expect(told()).toEqual([
      "began\tcrash-loop\tworldserver\tworldserver stays down: it ended too often (4 times within 30min), last with status 1; " +
        "once that is mended: npm run realm -- start",
    ]);
    expect(details()).toContain("DatabasePool Login NOT opened. Access denied");
    expect(sh("systemctl is-active worldserver || true")).toBe("failed");
    const watch = () => {
      put("watch", "timer", watchPlan(onLab(settings), facts()).args);
      sh("systemctl start trinity-watch");
      return told().filter((line) => line.includes("worldserver"));
    };
    expect(watch()).toEqual([]);
    configure(machine, "worldserver", "well");
    sh("systemctl reset-failed worldserver; systemctl start worldserver");
    expect(watch()).toEqual(["over\tcrash-loop\tworldserver\tworldserver runs again"]);
  });
});
