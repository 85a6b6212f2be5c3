import { readFileSync } from "node:fs";
import { firewallPlan } from "../../components/host/firewall";
import { logsPlan } from "../../components/host/logs";
import { userPlan } from "../../components/host/user";
import { serverUnitPlan } from "../../components/servers/unit";
import { secretLines } from "../../steps/delivery";
import type { Plan } from "../../steps/plan";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine, stepCommand } from "./on-machine";
import { settings } from "./stand-in";

const access = {
  ...{ socket: "/run/mysqld/mysqld.sock", service: "trinity", startEmpty: false },
  ...{ "auth.database": "auth", "characters.database": "characters", "world.database": "world" },
  ...{ "auth.user": "authserver", "characters.user": "characters", "world.user": "worldserver" },
};
const root = "/var/lib/trinity/Projects/trinity-335";
const config = {
  ...{ server: "worldserver", root, secretsFolder: "/etc/trinity-stack", lines: ["[worldserver]", "RealmID = 1"] },
  environment: ["TC_LOGIN_DATABASE_INFO=.;/run/mysqld/mysqld.sock;auth;{auth};auth"],
};
const steps: Record<string, { args: Plan["args"]; secrets?: Record<string, string> }> = {
  firewall: { args: firewallPlan(onLab(settings), facts()).args },
  user: { args: userPlan(onLab(settings)).args },
  timer: { args: logsPlan(onLab(settings)).args },
  unit: { args: serverUnitPlan(onLab(settings), facts(), "authserver").args },
  config: { args: config, secrets: { auth: "a" } },
  access: { args: access, secrets: { auth: "a", characters: "b", world: "c" } },
};
/** All that these could make, but for databases and the home, which stay. */
const LOOK = `getent passwd trinity; getent group trinity; ls -d /etc/trinity-stack
  firewall-cmd --list-all; firewall-cmd --permanent --list-all
  ls -R /etc/systemd/system /var/lib/trinity-stack/passwords
  mariadb -N -B -e "SELECT user FROM mysql.global_priv ORDER BY user"`;

lab.describe("a first run that is killed in the middle", () => {
  let machine: Machine;
  beforeAll(() => {
    machine = onMachine("t-cut-off", "baked");
    machine.sh("cat >/etc/hold.sh", { stdin: readFileSync("tests/e2e/hold.sh") });
    machine.sh("install -d -m 0700 /var/lib/trinity-stack /var/lib/trinity-stack/passwords; systemctl start mariadb");
  }, 300_000);
  afterAll(() => machine?.stop());

  const look = () => machine.exec(LOOK).out;
  /** Kills a run before this command of its work, 0 at its end; what it stopped at. */
  const kill = (kind: string, number: number) => {
    const { args, secrets = {} } = steps[kind] as (typeof steps)[string];
    machine.sh("cat >/run/secrets", { stdin: secretLines(secrets) });
    machine.sh("cat >/run/go.sh", {
      stdin: `exec bash ${stepCommand(kind, kind, args)} </run/secrets >/run/said 2>&1`,
    });
    return machine.sh(`rm -rf /run/hold; mkdir /run/hold; echo ${number} >/run/hold/${kind}
      systemd-run -q --collect --unit=cut -E BASH_ENV=/etc/hold.sh bash /run/go.sh
      timeout 20 bash -c 'until [ -s /run/hold/${kind}.at ]; do sleep 0.05; done' || { cat /run/said; exit 1; }
      systemctl kill -s KILL cut; until ! systemctl is-active -q cut; do sleep 0.05; done; cat /run/hold/${kind}.at`);
  };

  it.each(
    ["firewall", "user", "unit", "timer", "access"].flatMap((kind) => [0, 12].map((number) => [kind, number] as const)),
  )("the step %s, at command %i: what it made goes with its receipt, and a look calls it begun", (kind, number) => {
    const before = look();
    kill(kind, number);
    if (number === 0) expect(look()).not.toBe(before);
    expect(machine.sh(`ls /var/lib/trinity-stack/receipts/${kind}`)).toBe("args\nkind\nmanifest\nowner\nundo");
    expect(machine.undo(kind)).toMatchObject({ code: 0, err: "" });
    expect(look()).toBe(before);
    expect(machine.exec(`ls /var/lib/trinity-stack/receipts/${kind}`).code).not.toBe(0);
  });

  it("is no reason to take a database that is not there yet for a lost one", () => {
    kill("access", 12);
    machine.sh("mariadb -e 'DROP DATABASE IF EXISTS auth'");
    const { args, secrets } = steps.access as (typeof steps)[string];
    expect(machine.apply("access", "access", args, secrets)).toMatchObject({ code: 0, err: "" });
    machine.sh("mariadb -e 'DROP DATABASE auth'");
    expect(machine.apply("access", "access", args, secrets)).toMatchObject({
      code: 1,
      err: expect.stringContaining("the database auth is gone"),
    });
  });

  it("leaves nothing in the account's way: what was begun goes before the account", () => {
    const before = look();
    const { args } = steps.user as (typeof steps)[string];
    expect(machine.apply("user", "user", args)).toMatchObject({ code: 0 });
    kill("config", 0);
    expect(machine.sh("ls /etc/trinity-stack")).toBe("worldserver.env");
    const { code, out } = machine.undo("user");
    expect([code, out]).toEqual([0, expect.stringContaining("removing what is left of config")]);
    expect(look()).toBe(before);
  });

  it.each([
    ["that the engine takes away at the same time is no failure", 'rm -r "$(dirname "$0")"; exit 1', 0],
    ["that cannot be taken away is one", "exit 1", 1],
  ])("a step that was begun and %s", (_, undo, code) => {
    const { args } = steps.user as (typeof steps)[string];
    expect(machine.apply("user", "user", args)).toMatchObject({ code: 0 });
    const receipt = "/var/lib/trinity-stack/receipts/other";
    machine.sh(`mkdir ${receipt}; echo T >${receipt}/owner; cat >${receipt}/undo`, { stdin: undo });
    expect(machine.undo("user").code).toBe(code);
    machine.sh(`rm -rf ${receipt}`);
  });

  it("goes as a whole: at no time does a look find a receipt without its end", () => {
    const { args } = steps.user as (typeof steps)[string];
    expect(machine.apply("user", "user", args)).toMatchObject({ code: 0 });
    machine.sh("cat >/usr/local/sbin/rm && chmod 755 /usr/local/sbin/rm", {
      stdin: '#!/bin/sh\nfor word; do [ ! -e "$word" ] || echo "$word" >>/run/removed; done\nexec /usr/bin/rm "$@"\n',
    });
    expect(machine.undo("user").code).toBe(0);
    expect(machine.sh("rm /usr/local/sbin/rm; grep /receipts/ /run/removed")).toBe(
      "/var/lib/trinity-stack/receipts/.user.gone",
    );
  });
});
