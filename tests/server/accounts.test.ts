import { lab, type Machine, onMachine } from "./on-machine";

const args = {
  socket: "/run/mysqld/mysqld.sock",
  service: "trinity",
  startEmpty: false,
  "auth.database": "auth_server",
  "auth.user": "o'auth\\",
  "characters.database": "characters",
  "characters.user": "characters",
  "world.database": "world",
  "world.user": "worldserver",
};
const secrets = { auth: "Abc-12", characters: "hush7Chars", world: "hush7World" };
const user = "'worldserver'@'localhost'";

/** The accounts under rules for passwords that somebody else made. */
lab.describe("accounts under rules for passwords", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-accounts", "baked");
    server.sh(
      `useradd -r -m trinity
      printf '[mysqld]\\nplugin_load_add=simple_password_check\\nplugin_load_add=password_reuse_check\\ndefault_password_lifetime=30\\ngeneral_log=1\\ngeneral_log_file=/var/lib/mysql/general.log\\nslow_query_log=1\\nlong_query_time=0\\nslow_query_log_file=/var/lib/mysql/slow.log\\n' >/etc/mysql/mariadb.conf.d/99-rules.cnf
      systemctl restart mariadb`,
    );
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (given: Record<string, string> = secrets) => server.observe("access", "access", args, given);
  const apply = (given: Record<string, string> = secrets) => server.apply("access", "access", args, given);
  const sql = (statement: string) => server.sh("mariadb -N -B", { stdin: statement });
  const login = (password: string) =>
    server.exec("cat >/root/.login; mariadb --defaults-extra-file=/root/.login -N -B -e 'SELECT 1' world", {
      stdin: `[client]\nuser=worldserver\npassword="${password}"\n`,
    });

  it("refuse a hash, as the stack would give it", () => {
    expect(() =>
      sql(`CREATE USER x@localhost IDENTIFIED VIA mysql_native_password USING '*${"A".repeat(40)}'`),
    ).toThrow("ERROR 1290");
    expect(server.observe("mariadb", "mariadb", { unit: "mariadb.service", socket: args.socket }, {})).toEqual([
      "foretold: MariaDB's password policy (simple_password_check, password_reuse_check) takes no hashed password, and a clear one could be read in its logs: " +
        "the stack's accounts are written into mysql.global_priv",
    ]);
  });

  it("are no hindrance, and no password of the stack's expires", () => {
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
    expect(login(secrets.world)).toMatchObject({ code: 0, out: "1\n" });
    expect(server.exec("runuser -u trinity -- mariadb -N -B -e 'SELECT 1' auth_server").err).toContain("ERROR 4151");
    const days = "JSON_VALUE(Priv, '$.password_lifetime')";
    expect(sql(`SELECT GROUP_CONCAT(DISTINCT ${days}) FROM mysql.global_priv WHERE ${days} IS NOT NULL`)).toBe("0");
  });

  it.each([
    [
      "another password",
      `SET PASSWORD FOR ${user} = PASSWORD('Other-Pass-1')`,
      [`the password of ${user} differs from the stack's`],
    ],
    ["one that has expired", `ALTER USER ${user} PASSWORD EXPIRE`, [`the password of ${user} has expired`]],
    [
      "one that will",
      `ALTER USER ${user} PASSWORD EXPIRE DEFAULT`,
      [`the password of ${user} will expire, should last`],
    ],
    [
      "one whose days are over",
      `UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.password_last_changed', 5, '$.password_lifetime', 1) WHERE User = 'worldserver'; FLUSH PRIVILEGES`,
      [`the password of ${user} has expired`],
    ],
    [
      "another way in",
      `ALTER USER ${user} IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('Other-Pass-2')`,
      [`${user} logs in otherwise than by its password alone`],
    ],
    [
      "another way in for the service user",
      `ALTER USER trinity@localhost IDENTIFIED BY 'Other-Pass-3'`,
      ["'trinity'@'localhost' logs in otherwise than by the socket alone (unix_socket)"],
    ],
    ["a lock", `ALTER USER ${user} ACCOUNT LOCK`, [`${user} is locked`]],
    ["a user dropped", `DROP USER ${user}`, [`database user ${user} is missing`]],
  ])("%s is seen and put right", (_, breakIt, sentences) => {
    sql(breakIt);
    expect(observe()).toEqual(sentences);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
    expect(login(secrets.world).out).toBe("1\n");
  });

  it("touches only the account that differs, and writes no password into a log", () => {
    const rows = () => sql("SELECT User, Priv FROM mysql.global_priv WHERE User <> 'characters' ORDER BY User");
    const before = rows();
    server.sh("sleep 1.1; : >/var/lib/mysql/general.log; : >/var/lib/mysql/slow.log");
    expect(apply({ ...secrets, characters: "hush7Changed" }).code).toBe(0);
    expect(rows()).toBe(before);
    const logs = server.sh("cat /var/lib/mysql/general.log /var/lib/mysql/slow.log");
    expect(logs).not.toMatch(/hush7|\*[0-9A-F]{40}/);
    expect(apply().code).toBe(0);
  });

  it("are no hindrance where nothing is done by itself, and little at a time", () => {
    sql("SET GLOBAL autocommit = 0, GLOBAL sql_safe_updates = 1, GLOBAL sql_select_limit = 1");
    expect(apply({ ...secrets, world: "hush7Taken" }).code).toBe(0);
    expect(observe({ ...secrets, world: "hush7Taken" })).toEqual([]);
    sql("SET GLOBAL autocommit = 1, GLOBAL sql_safe_updates = 0, GLOBAL sql_select_limit = DEFAULT");
    expect(apply().code).toBe(0);
  });

  it("are no matter where hashes are taken, as from here on", () => {
    sql("SET GLOBAL strict_password_validation = 0");
    expect(apply({ ...secrets, world: "hush7Taken" }).code).toBe(0);
    expect(login("hush7Taken").code).toBe(0);
    expect(apply().code).toBe(0);
  });

  it("wait without end for nobody who has locked all tables", () => {
    server.sh(
      `systemd-run -q --unit=locker mariadb -e 'FLUSH TABLES WITH READ LOCK; SELECT SLEEP(150)'
      until mariadb -N -B -e 'SHOW PROCESSLIST' | grep -q SLEEP; do sleep 0.1; done`,
    );
    const runs = [apply({ ...secrets, world: "hush7Taken" }), server.undo("access")];
    server.sh("systemctl stop locker");
    const interrupted =
      "ERROR 1969 \\(70100\\) at line \\d+: Query execution was interrupted \\(max_statement_time exceeded\\)\n";
    expect(runs.map(({ code, err }) => [code, err])).toEqual([
      [1, expect.stringMatching(`^error: MariaDB refused the change of its users: ${interrupted}$`)],
      [1, expect.stringMatching(`^error: MariaDB does not remove its user .*: ${interrupted}`)],
    ]);
    expect(apply().code).toBe(0);
  }, 180_000);

  it("cannot tell, and says so, where accounts do not count", () => {
    server.sh(
      "echo skip-grant-tables >>/etc/mysql/mariadb.conf.d/99-rules.cnf; systemctl reset-failed mariadb; systemctl restart mariadb",
    );
    expect(observe()).toEqual([
      "blind: MariaDB does not answer on /run/mysqld/mysqld.sock, so its users cannot be checked",
    ]);
    const cause =
      /(^ {2}|cannot be read: )MariaDB lets everybody in and takes no accounts \(skip_grant_tables is on, /m;
    expect(apply()).toMatchObject({ code: 1, err: expect.stringMatching(cause) });
    expect(server.undo("access")).toMatchObject({ code: 1, err: expect.stringMatching(cause) });
  });
});
