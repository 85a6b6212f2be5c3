import { readFileSync } from "node:fs";
import { join } from "node:path";
import { releasePlan } from "../../components/core/release";
import { accessPlan } from "../../components/databases/access";
import { schemaPlan } from "../../components/databases/schema";
import { serverConfigPlan } from "../../components/servers/config";
import { serverServicePlan } from "../../components/servers/service";
import { serverUnitPlan } from "../../components/servers/unit";
import type { Plan } from "../../steps/plan";
import { built, root } from "./built";
import { facts, onLab } from "./facts-of";
import { lab, type Machine } from "./on-machine";
import { settings } from "./stand-in";

const socket = "/run/mysqld/mysqld.sock";
const servers = ["authserver", "worldserver"] as const;
type Server = (typeof servers)[number];
const auth = settings.login.database;
const { characters, world } = settings.realm.databases;
/** Whose logins stand in a server's environment. */
const logins = { authserver: [auth], worldserver: [auth, characters, world] };

/** What code that runs inside a server tries; each is a line of shell that succeeds where it is not kept from it. */
const attacks: Readonly<Record<string, string>> = {
  "read a database that is not the login's": `others 'SELECT COUNT(*) FROM \`%s\`.updates'`,
  "write a database that is not the login's": `others "INSERT INTO \\\`%s\\\`.updates (name) VALUES ('attack')"`,
  "make a table": "any 'CREATE TABLE attack (i INT)'",
  "change a table": "any 'ALTER TABLE updates ADD attack INT'",
  "take a table away": "outside_characters 'DROP TABLE updates_include'",
  "empty a table": "outside_characters 'TRUNCATE updates'",
  "make a view": "any 'CREATE VIEW viewed AS SELECT 1'",
  "make a trigger": "any 'CREATE TRIGGER attack BEFORE INSERT ON updates FOR EACH ROW SET @a = 1'",
  "make a procedure": "any 'CREATE PROCEDURE attack() SELECT 1'",
  "make a database": "any 'CREATE DATABASE attack'",
  "read MariaDB's accounts": "any 'SELECT User FROM mysql.user' || any 'SELECT Priv FROM mysql.global_priv'",
  "write MariaDB's accounts": "any \"UPDATE mysql.global_priv SET Priv = Priv WHERE User = 'root'\"",
  "make an account": "any \"CREATE USER attack@'%' IDENTIFIED BY 'x'\"",
  "give rights away": 'any "GRANT SELECT ON updates TO root@localhost"',
  "write a file as MariaDB": "any \"SELECT 1 INTO OUTFILE '/var/lib/mysql/attack.txt'\"",
  "read a file as MariaDB": `for each in auth characters world; do login $each "SELECT LOAD_FILE('/etc/hostname') IS NOT NULL"; done | grep 1`,
  "bring MariaDB a file of its machine": "any \"LOAD DATA INFILE '/etc/hostname' INTO TABLE updates (name)\"",
  "set MariaDB's variables": "any 'SET GLOBAL max_connections = @@max_connections'",
  "log in as the system's own user": `client --user="$(id -un)" -e 'SELECT 1'`,
  "log in as root": "client --user=root -e 'SELECT 1'",
  "write the releases": `touch ${root}/releases/attack || touch ${root}/run/bin/attack`,
  "move the live release": `ln -sfn "$(readlink ${root}/run)" ${root}/run`,
  "write what is run": `: >>${root}/run/bin/$me`,
  "write the settings": `touch ${root}/etc/$me.conf.d/attack.conf || : >>${root}/etc/$me.conf.d/stack.conf`,
  "write the other's settings": `touch ${root}/etc/$other.conf.d/attack.conf`,
  "write its own folder's neighbours": `touch ${root}/work/attack || touch ${root}/attack`,
  "write the other's own folder": `touch ${root}/work/$other/attack`,
  "write the game data": `touch ${root}/data/attack`,
  "write the source": `touch ${root}/src/attack`,
  "write the build tree": `touch ${root}/build/attack`,
  "write to /etc": "touch /etc/attack",
  "write the stack's scripts": "touch /usr/local/libexec/trinity-stack/current/attack",
  "read its own passwords' file": "cat /etc/trinity-stack/$me.env",
  "read the other's passwords": "cat /etc/trinity-stack/$other.env",
  "read the stack's state": "ls /var/lib/trinity-stack || cat /var/lib/trinity-stack/passwords/world",
  "read what a job is given": "ls /run/trinity-jobs",
  "read how the other was started": "cat /run/trinity-stack/$other.started",
  "read /home or /root": "ls /root/.bashrc || ls /home/somebody",
  "see the other": "ls /proc/$pid/fd",
  "read the other's environment": "cat /proc/$pid/environ",
  "read the other's memory": ": </proc/$pid/mem",
  "trace the other": 'python3 -c "import ctypes, sys; sys.exit(ctypes.CDLL(None).ptrace(16, $pid, 0, 0) != 0)"',
  "end the other": "kill -CONT $pid",
  "end whatever it may": "python3 -c 'import os, signal; os.kill(-1, signal.SIGCONT)'",
  "end the other by another call": `python3 -c "import os, signal; signal.pidfd_send_signal(os.pidfd_open($pid), signal.SIGCONT)"`,
  "make a world of its own": "unshare --mount true || unshare --user true",
  "become root": "setpriv --reuid=0 true",
  "make a program that is run as its owner": `cp /bin/true ${root}/work/$me/attack && chmod u+s ${root}/work/$me/attack`,
  "start a unit": "systemd-run --quiet true",
  "make code while it runs":
    "python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)'",
};

const statements = `SELECT * FROM updates; INSERT INTO updates (name) VALUES ('needed'); UPDATE updates SET speed = 1 WHERE name = 'needed'; DELETE FROM updates WHERE name = 'needed'`;

/** What a server needs, tried in the same way: it passes. */
const needs: Readonly<Record<Server, Readonly<Record<string, string>>>> = {
  authserver: {
    "its database": `login auth "BEGIN; ${statements}; ROLLBACK"`,
    "its folder": `touch ${root}/work/$me/needed`,
    "the logs": `touch ${root}/logs/needed`,
    "its settings": `cat ${root}/etc/$me.conf.d/stack.conf`,
    "the network": "exec 3<>/dev/tcp/127.0.0.1/8085",
  },
  worldserver: {
    "all three databases": `for each in auth characters world; do login $each "BEGIN; ${statements}; ROLLBACK" || exit; done`,
    "emptying a table of the characters'": "login characters 'TRUNCATE guild_member_withdraw'",
    "its folder": `touch ${root}/work/$me/needed`,
    "the logs": `touch ${root}/logs/needed`,
    "the game data": `cat ${root}/data/dbc/Map.dbc`,
    "the network": "exec 3<>/dev/tcp/127.0.0.1/3724",
  },
};

/**
 * In the place of the server's program: it tries them all, as that and with what that is given, and then is the server.
 */
const script = (me: Server, tries: Readonly<Record<string, string>>, result: string) => `#!/bin/bash
me=${me} other=${servers.find((server) => server !== me)} pid=$(cat /srv/other.pid)
client() { mariadb --no-defaults --protocol=socket --socket=${socket} -N -B "$@"; }
# login ROLE SQL: on its database, as its account.
login() {
  local key info
  case $1 in auth) key=LOGIN ;; characters) key=CHARACTER ;; world) key=WORLD ;; esac
  key=TC_\${key}_DATABASE_INFO info=\${!key}
  [ -n "$info" ] || return 1
  IFS=';' read -r _ _ user password database <<<"$info"
  MYSQL_PWD=$password client --user="$user" "$database" -e "$2"
}
any() { local role; for role in auth characters world; do login $role "$1" && return; done; return 1; }
outside_characters() { login auth "$1" || login world "$1"; }
# others FORMAT: as each account, on each database that is not its own.
others() {
  local role of statement
  for role in auth characters world; do
    for of in auth:${auth.name} characters:${characters.name} world:${world.name}; do
      printf -v statement "$1" "\${of#*:}"
      [ $role = \${of%:*} ] || ! login $role "$statement" || return 0
    done
  done
  return 1
}
{
${Object.entries(tries)
  .map(([name, line]) => `( ${line} ) >/dev/null 2>>/tmp/said && echo ${JSON.stringify(name)}`)
  .join("\n")}
echo end
} >${result}
`;

lab.describe("code that runs inside a server", () => {
  let machine: Machine;
  const applied = ({ step, kind = step, args }: Plan, secrets: Record<string, string> = {}) => {
    const { code, out, err } = machine.apply(step, kind, args, secrets);
    if (code !== 0) throw new Error(`${step} ended with ${code}\n${out}${err}`);
  };
  const start = (server: Server) => applied(serverServicePlan(onLab(settings), facts(), server));
  const passwords = { auth: "auth-Secret1", characters: "characters-Secret2", world: "world-Secret3" };
  const program = (server: Server) => `${root}/run/bin/${server}`;

  /**
   * What of these passes from inside the server's unit, while the other one runs; the server itself serves after it.
   */
  const inside = (me: Server, tries: Readonly<Record<string, string>>): string[] => {
    const [other] = servers.filter((server) => server !== me) as [Server];
    const result = `${root}/work/${me}/result`;
    start(other);
    machine.sh(
      `systemctl show -P MainPID ${other} >/srv/other.pid; systemctl stop ${me}; mv ${program(me)} ${program(me)}.kept; cat >${program(me)}; chmod 755 ${program(me)}`,
      { stdin: `${script(me, tries, result)}exec ${program(me)}.kept "$@"\n` },
    );
    try {
      start(me);
      expect(machine.sh(`systemctl show -P MainPID ${other}`)).toBe(machine.sh("cat /srv/other.pid"));
      return machine.sh(`cat ${result}`).split("\n");
    } finally {
      machine.sh(
        `systemctl stop ${me}; mv ${program(me)}.kept ${program(me)}; rm -f ${result} ${root}/work/${me}/attack`,
      );
    }
  };

  beforeAll(() => {
    machine = built("t-attacks");
    machine.sh(`systemctl start mariadb; useradd -m somebody; bash -s ${root}/data`, {
      stdin: readFileSync(join(__dirname, "../lab/core/make-data.sh")),
    });
    applied(accessPlan(onLab(settings), facts(), {} as never), passwords);
    applied(schemaPlan(onLab(settings), facts()));
    applied(releasePlan(onLab(settings), facts()));
    for (const server of servers) {
      const own = Object.fromEntries(Object.entries(passwords).slice(0, logins[server].length));
      const plan = serverConfigPlan(onLab(settings), facts(), server, { passwords: {}, masterSecret: "" } as never);
      applied(plan, { ...own, master: "0123456789ABCDEF0123456789ABCDEF" });
      applied(serverUnitPlan(onLab(settings), facts(), server));
    }
  }, 600_000);
  afterAll(() => machine?.stop());

  describe.each(servers)("the %s", (server) => {
    it("gets through with none of it", () => {
      expect(inside(server, attacks)).toEqual(["end"]);
    });

    it("may do all that it needs", () => {
      expect(inside(server, needs[server])).toEqual([...Object.keys(needs[server]), "end"]);
    });
  });

  // Last, as it does all of that.
  it("would get through with each of it where nothing kept it", () => {
    start("authserver");
    machine.sh("systemctl stop worldserver; systemctl show -P MainPID authserver >/srv/other.pid; cat >/srv/attack", {
      stdin: script("worldserver", attacks, "/srv/result"),
    });
    const given = Object.entries({ LOGIN: auth, CHARACTER: characters, WORLD: world }).map(
      ([key, { name }]) => `TC_${key}_DATABASE_INFO='.;${socket};root;;${name}'`,
    );
    machine.sh(`export ${given.join(" ")}; bash /srv/attack`);
    const [passed, said] = [machine.sh("cat /srv/result").split("\n"), machine.sh("cat /tmp/said")];
    expect({ passed, said }).toEqual({ passed: [...Object.keys(attacks), "end"], said });
  });
});
