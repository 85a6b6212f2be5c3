import { databaseKey, questions } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

const args = { "realm.key": "wotlk", unit: "mariadb.service", socket: "/run/mysqld/mysqld.sock" };
const file = "/etc/mysql/mariadb.conf.d/99-theirs.cnf";

/** MariaDB as others have set it up: said with the way out, and nothing of it is changed. */
lab.describe("MariaDB's settings", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-mdb-set", "baked");
    server.sh("mariadb -e 'CREATE DATABASE `Kept`'");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (more = {}) => server.observe("mariadb", "mariadb", { ...args, ...more });
  const apply = (more = {}) => server.apply("mariadb", "mariadb", { ...args, ...more });
  const set = (...lines: string[]) =>
    server.sh(`printf '%s\\n' '[mysqld]' ${lines.map((line) => `'${line}'`).join(" ")} >${file}
      systemctl reset-failed mariadb; systemctl restart mariadb`);
  const sql = (statement: string) => server.sh("mariadb -N -B", { stdin: statement });
  /** What the program is told of the databases there are. */
  const databases = () =>
    server
      .sh("bash -s", { stdin: questions() })
      .split("\n")
      .filter((line) => line.startsWith("database"));
  const capitals = ["auth Kept", "world WorldDB"];
  const key = (role: string) => `${databaseKey(role)}.name`;
  const back = "take it out there, then systemctl restart mariadb";
  const recovery = (setting: string, value: string) =>
    `MariaDB runs only for what can still be saved (${setting} is ${value}, set in ${file}), and what is written now may be lost; once its data are whole: ${back}`;
  const lower = `MariaDB knows names in lower case only (lower_case_table_names is 1, set in ${file}), so`;

  const cases: [string[], string[]][] = [
    [
      ["read_only"],
      [
        `MariaDB takes no changes (read_only is ON, set in ${file}), so a realm could save nothing; where that is no longer wanted: ${back}`,
      ],
    ],
    [
      ["transaction-read-only"],
      [
        `MariaDB takes no changes (tx_read_only is ON, set in ${file}), so a realm could save nothing; where that is no longer wanted: ${back}`,
      ],
    ],
    [["innodb-force-recovery = 1"], [recovery("innodb_force_recovery", "1")]],
    [["innodb_read_only=1"], [recovery("innodb_read_only", "ON")]],
    [
      ["skip-grant-tables"],
      [`MariaDB lets everybody in and takes no accounts (skip_grant_tables is on, set in ${file}); ${back}`],
    ],
    [
      ["unix_socket=OFF"],
      [
        `MariaDB does not look who asks on its socket (unix_socket is off, set in ${file}), and the stack has no password for its root; ${back}`,
      ],
    ],
    [
      ["max_user_connections=-1"],
      [
        `MariaDB takes its administrators alone (max_user_connections is -1, set in ${file}), and the realm's accounts need 4 each; ${back}`,
      ],
    ],
    [
      ["lower_case_table_names=1"],
      [
        `${lower} it does not find what is in Kept (${key("auth")}); ${back}`,
        `${lower} ${key("world")} may not be WorldDB; pulumi config set --path ${key("world")} worlddb`,
      ],
    ],
    [["lower_case_table_names=0", "skip-networking", "bind-address=10.0.0.1", "plugin_load_add=no_such"], []],
  ];

  it.each(cases)("%s on a server that has no realm yet", (lines, sentences) => {
    set(...lines);
    expect(observe({ capitals })).toEqual(sentences.map((sentence) => `refused: ${sentence}`));
    if (sentences.length > 0)
      expect(apply({ capitals }).err).toBe(
        `error: ${sentences[0]}\n${[...sentences.slice(1), "nothing was changed"].map((line) => `  ${line}\n`).join("")}`,
      );
  });

  it("looks at what a stopped one will start with", () => {
    set("socket=/var/lib/mysql/other.sock", "innodb_force_recovery=2");
    server.sh("systemctl stop mariadb");
    expect(observe()).toEqual([
      "mariadb.service is stopped",
      `refused: ${recovery("innodb_force_recovery", "2")}`,
      expect.stringContaining(`refused: MariaDB listens on /var/lib/mysql/other.sock (socket, set in ${file}), not on`),
    ]);
    server.sh(`rm ${file}; systemd-run -q --unit=other socat TCP-LISTEN:3306,fork,reuseaddr /dev/null`);
    expect(observe()).toEqual([
      "mariadb.service is stopped",
      expect.stringMatching(/^refused: MariaDB could not start, as socat \(process \d+\) has its port 3306; /),
    ]);
    server.sh("systemctl stop other");
    expect(apply()).toMatchObject({ code: 0, err: "" });
  });

  it.each(cases.filter(([, sentences]) => sentences.length > 0))("%s under a realm", (lines, sentences) => {
    set(...lines);
    expect(observe({ capitals })).toEqual(sentences);
    if (lines[0] === "unix_socket=OFF") expect(databases()).toEqual([]);
    const began = Date.now();
    const { code, err } = apply({ capitals });
    expect([code, err.split("\n")[0]]).toEqual([1, `error: ${sentences[0]}`]);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it("says what was set while it runs, and what a replica is", () => {
    server.sh(`rm ${file}; systemctl reset-failed mariadb; systemctl restart mariadb`);
    sql("SET GLOBAL read_only = 1");
    expect(observe()).toEqual([
      "MariaDB takes no changes (read_only is ON, set while it runs), so a realm could save nothing; where that is no longer wanted: mariadb -e 'SET GLOBAL read_only = DEFAULT'",
    ]);
    sql("CHANGE MASTER TO MASTER_HOST = 'db.example.org', MASTER_USER = 'x'");
    expect(observe()).toEqual([
      "MariaDB is a replica of db.example.org and takes no other changes (read_only is ON, set while it runs); a realm needs a server that it may write to",
    ]);
    sql("RESET SLAVE ALL; SET GLOBAL read_only = DEFAULT");
    expect(observe()).toEqual([]);
  });

  it("says that every connection is taken, whether or not root still gets in", () => {
    set("max_connections=10");
    const taken = (which: string) =>
      `MariaDB takes no more connections: ${which} are in use (max_connections, set in ${file}); who has them: mariadb -e 'SHOW PROCESSLIST'`;
    const hold = (name: string, count: number) =>
      server.sh(`for each in $(seq ${count}); do systemd-run -q --unit=${name}-$each mariadb -e 'SELECT SLEEP(60)'; done
        until [ "$(ss -Hx state established src /run/mysqld/mysqld.sock | wc -l)" -ge ${name === "some" ? 10 : 11} ]; do sleep 0.1; done`);
    hold("some", 10);
    expect(observe()).toEqual([taken("all 10")]);
    hold("last", 1);
    expect(observe()).toEqual([taken("all")]);
    const began = Date.now();
    expect(apply().err).toBe(`error: ${taken("all")}\n`);
    expect(Date.now() - began).toBeLessThan(10_000);
    server.sh(`systemctl stop 'some-*' last-1; rm ${file}; systemctl reset-failed mariadb; systemctl restart mariadb`);
  });

  it("knows a Galera node that is not ready", () => {
    set(
      "wsrep_on=ON",
      "wsrep_provider=/usr/lib/galera/libgalera_smm.so",
      "wsrep_cluster_address=gcomm://",
      "binlog_format=ROW",
    );
    server.sh(`systemd-run -q mariadb -e "SET GLOBAL wsrep_cluster_address = 'gcomm://10.99.99.99'"
      until [ "$(mariadb -N -B -e "SHOW STATUS LIKE 'wsrep_ready'" | cut -f 2)" = OFF ]; do sleep 0.1; done`);
    expect(observe()).toEqual([expect.stringContaining("MariaDB is a node of a Galera cluster that is not ready")]);
    server.sh(
      `rm ${file}; systemctl kill -s KILL mariadb; sleep 1; systemctl reset-failed mariadb; systemctl restart mariadb`,
    );
  });

  it("knows a root that is none, or has no rights to give", () => {
    expect(databases()).toEqual(expect.arrayContaining(["database Kept:utf8mb4", "databases seen"]));
    server.sh("useradd -r admin");
    sql(
      "CREATE USER admin@localhost IDENTIFIED VIA unix_socket; GRANT ALL ON *.* TO admin@localhost WITH GRANT OPTION",
    );
    sql("REVOKE GRANT OPTION ON *.* FROM root@localhost");
    expect(observe()).toEqual([
      "MariaDB's root@localhost may not make accounts and give them rights; as an administrator of it: GRANT ALL PRIVILEGES ON *.* TO root@localhost WITH GRANT OPTION",
    ]);
    server.sh(
      `runuser -u admin -- mariadb -e "RENAME USER root@localhost TO master@localhost; CREATE USER ''@localhost"`,
    );
    expect(databases()).toEqual([]);
    expect(observe()).toEqual([
      "MariaDB has no root@localhost and takes root for @localhost; as an administrator of it: CREATE USER root@localhost IDENTIFIED VIA unix_socket; GRANT ALL PRIVILEGES ON *.* TO root@localhost WITH GRANT OPTION",
    ]);
  });

  it("tells another server on its socket from its own", () => {
    server.sh(`runuser -u admin -- mariadb -e "DROP USER ''@localhost; RENAME USER master@localhost TO root@localhost; GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION"
      systemctl stop mariadb; cp -a /var/lib/mysql /srv/mysql
      systemd-run -q --unit=second mariadbd --no-defaults --user=mysql --datadir=/srv/mysql --socket=/run/mysqld/mysqld.sock --pid-file=/srv/mysql/pid --port=3307
      until mariadb -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.1; done`);
    const another = expect.stringMatching(
      /^another server than mariadb\.service answers on \/run\/mysqld\/mysqld\.sock \(.*, its data in \/srv\/mysql\/\); /,
    );
    expect(observe()).toEqual(["mariadb.service is stopped", another]);
    const { code, err } = apply();
    expect([code, err]).toEqual([1, expect.stringContaining("error: another server than mariadb.service answers")]);
    expect(server.sh("systemctl is-active mariadb second || true")).toBe("inactive\nactive");
  });
});
