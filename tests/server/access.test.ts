import { serverServicePlan } from "../../components/servers/service";
import { readFacts } from "../../steps/facts";
import { load } from "../unit/settings/source";
import { facts, onLab, questions } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

const args = {
  "realm.key": "wotlk",
  socket: "/run/mysqld/mysqld.sock",
  service: "trinity",
  startEmpty: false,
  backups: "/var/backups/trinity",
  "auth.database": "auth_server",
  "auth.user": "auth_user",
  "characters.database": "characters",
  "characters.user": "characters",
  "world.database": "world-db",
  "world.user": "worldserver",
};
const printable = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => at + 33)).replace(/[;"]/g, "");
const secrets = { auth: printable, characters: "it's\\' or 1=1 -- ", world: "-_.~Abc123" };
const auth = "'auth_user'@'localhost'";

lab.describe("access to the databases", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-access", "baked");
    server.sh(`useradd -r -m trinity
      printf '[mysqld]\\nlog_bin=/var/lib/mysql/binary\\ngeneral_log=1\\ngeneral_log_file=/var/lib/mysql/general.log\\nslow_query_log=1\\nlong_query_time=0\\nslow_query_log_file=/var/lib/mysql/slow.log\\nplugin_load_add=server_audit\\nserver_audit_logging=1\\nserver_audit_file_path=/var/lib/mysql/audit.log\\nsql_mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES\\n' >/etc/mysql/mariadb.conf.d/99-logs.cnf
      systemctl restart mariadb`);
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (more = {}, given: Record<string, string> = secrets) =>
    server.observe("access", "access", { ...args, ...more }, given);
  const apply = (more = {}, given: Record<string, string> = secrets) =>
    server.apply("access", "access", { ...args, ...more }, given);
  const sql = (statement: string) => server.sh("mariadb -N -B", { stdin: statement });

  /** A real login, the password in a file as an operator would have it. */
  const login = (user: string, password: string, database: string, statement = "SELECT 'in'") =>
    server.exec(`cat >/root/.login; mariadb --defaults-extra-file=/root/.login -N -B -e "${statement}" ${database}`, {
      stdin: `[client]\nuser=${user}\npassword="${password.replaceAll("\\", "\\\\")}"\n`,
    });

  it("makes databases and users from nothing, and then leaves them alone", () => {
    expect(observe()).toEqual([
      "database auth_server does not exist",
      "database characters does not exist",
      "database world-db does not exist",
      `database user ${auth} is missing`,
      "database user 'characters'@'localhost' is missing",
      "database user 'worldserver'@'localhost' is missing",
      "database user 'trinity'@'localhost' is missing",
    ]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
    expect(apply().out).toBe("as it should be\n");
  });

  it("keeps the passwords for a stack whose state is lost, for root alone", () => {
    const kept = "/var/lib/trinity-stack/passwords";
    expect(server.sh(`stat -c '%a %U' ${kept} ${kept}/*`)).toBe("700 root\n600 root\n600 root\n600 root");
    expect(server.sh(`cat ${kept}/auth`)).toBe(secrets.auth);
    server.sh(`chmod 644 ${kept}/auth; echo other >${kept}/world`);
    expect(observe()).toEqual([
      `${kept}/auth has mode 0644, should be 0600`,
      `${kept}/world has other content than it should`,
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it.each([
    ["an editor's newline", "echo >>", secrets.auth],
    ["nothing", ": >", undefined],
  ])("puts a kept password right that has %s in it, and logs in as before", async (_, change, told) => {
    const kept = "/var/lib/trinity-stack/passwords/auth";
    server.sh(`${change}${kept}`);
    const { passwords } = readFacts(server.sh("bash -s", { stdin: questions() }));
    const found = passwords.get("auth");
    // Where the server tells none, the state has it.
    expect(await (found && new Promise((resolve) => found.apply(resolve)))).toBe(told);
    expect(observe()).toEqual([`${kept} has other content than it should`]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(server.sh(`base64 -w0 ${kept}`)).toBe(Buffer.from(secrets.auth).toString("base64"));
    expect(login("auth_user", secrets.auth, "auth_server")).toMatchObject({ code: 0, out: "in\n" });
    expect(observe()).toEqual([]);
  });

  it("lets each user into its own database only", () => {
    sql("CREATE DATABASE authXserver");
    expect(login("auth_user", secrets.auth, "auth_server")).toMatchObject({ code: 0, out: "in\n" });
    expect(login("characters", secrets.characters, "characters").code).toBe(0);
    expect(login("worldserver", secrets.world, "world-db").code).toBe(0);
    expect(login("auth_user", secrets.auth, "characters").err).toContain("ERROR 1044");
    expect(login("auth_user", secrets.auth, "authXserver").err).toContain("ERROR 1044");
    expect(login("auth_user", "", "auth_server").err).toContain("ERROR 1045");
    sql("DROP DATABASE authXserver");
  });

  it("gives each user what the servers need, and nothing that changes a schema or leaves the database", () => {
    for (const database of ["auth_server", "characters", "`world-db`"]) {
      sql(`CREATE TABLE ${database}.t (i INT); CREATE TABLE ${database}.many (i INT)`);
    }
    const [, characters, world] = [
      ["auth_user", secrets.auth, "auth_server"],
      ["characters", secrets.characters, "characters"],
      ["worldserver", secrets.world, "world-db"],
    ].map(([user = "", password = "", database = ""]) => {
      const tried = (statement: string) => login(user, password, database, statement).err;
      expect(tried("INSERT INTO t VALUES (1); UPDATE t SET i = 2; REPLACE INTO t VALUES (3); DELETE FROM t")).toBe("");
      for (const statement of [
        "CREATE TABLE more (i INT)",
        "ALTER TABLE t ADD j INT",
        "CREATE INDEX i ON t (i)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "SELECT Priv FROM mysql.global_priv",
        "SELECT * FROM t INTO OUTFILE '/tmp/stolen'",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
        "GRANT SELECT ON t TO root@localhost",
        "SET GLOBAL general_log = 0",
      ]) {
        expect(`${statement}: ${tried(statement)}`).toMatch(/ERROR (1142|1044|1045|1227|1290|1419) /);
      }
      return tried;
    });
    // The core empties two of the characters' tables so.
    expect(characters?.("TRUNCATE TABLE many")).toBe("");
    expect(world?.("TRUNCATE TABLE many")).toContain("ERROR 1142");
  });

  it("lets nobody in as the service user but while an update of the databases runs", () => {
    const asService = () =>
      server.exec("runuser -u trinity -- mariadb -N -B -e 'CREATE TABLE u (i INT); DROP TABLE u' world-db");
    expect(asService().err).toContain("ERROR 4151");
    const account = sql("ALTER USER trinity@localhost ACCOUNT UNLOCK");
    expect(account).toBe("");
    server.sh("systemd-run -q --unit=trinity-schema sleep 600");
    expect(observe()).toEqual([]);
    expect(asService()).toMatchObject({ code: 0, err: "" });
    expect(server.exec("runuser -u nobody -- mariadb -u trinity").err).toContain("ERROR 1698");
    server.sh("systemctl stop trinity-schema");
    expect(observe()).toEqual([
      "'trinity'@'localhost' may log in and change every table, though no update of the databases is running",
    ]);
    expect(apply().code).toBe(0);
    expect(asService().err).toContain("ERROR 4151");
  });

  it("takes from the accounts of an earlier version what they need no longer", () => {
    sql(`GRANT ALL ON \`auth\\_server\`.* TO ${auth}; ALTER USER trinity@localhost ACCOUNT UNLOCK`);
    expect(observe()).toEqual([
      `${auth} has ALL PRIVILEGES on auth_server, should have SELECT, INSERT, UPDATE, DELETE`,
      "'trinity'@'localhost' may log in and change every table, though no update of the databases is running",
    ]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
  });

  it.each([
    ["a user dropped", `DROP USER ${auth}`, [`database user ${auth} is missing`]],
    [
      "a password changed",
      `ALTER USER ${auth} IDENTIFIED BY 'changed'; ALTER USER worldserver@localhost IDENTIFIED BY ''`,
      [
        `the password of ${auth} differs from the stack's`,
        "the password of 'worldserver'@'localhost' differs from the stack's",
      ],
    ],
    [
      "a second way in",
      `ALTER USER ${auth} IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket`,
      [`${auth} logs in otherwise than by its password alone`],
    ],
    [
      "a password for the service user",
      "ALTER USER trinity@localhost IDENTIFIED BY 'x'",
      ["'trinity'@'localhost' logs in otherwise than by the socket alone (unix_socket)"],
    ],
    ["a lock", `ALTER USER ${auth} ACCOUNT LOCK`, [`${auth} is locked`]],
    [
      "a grant taken",
      `REVOKE ALL PRIVILEGES ON \`auth\\_server\`.* FROM ${auth}`,
      [`${auth} lacks SELECT, INSERT, UPDATE, DELETE on auth_server`],
    ],
    [
      "part of a grant taken",
      "GRANT SELECT, INSERT ON characters.* TO characters@localhost; REVOKE ALL PRIVILEGES ON characters.* FROM characters@localhost; GRANT SELECT, INSERT ON characters.* TO characters@localhost",
      ["'characters'@'localhost' has SELECT, INSERT on characters, should have SELECT, INSERT, UPDATE, DELETE, DROP"],
    ],
    [
      "a database's name as a pattern",
      `GRANT ALL ON \`auth_server\`.* TO ${auth}`,
      [`${auth} has a grant it should not: GRANT ALL PRIVILEGES ON \`auth_server\`.*`],
    ],
    [
      "grants of all kinds added",
      `GRANT PROCESS ON *.* TO ${auth}; GRANT SELECT (User) ON mysql.user TO ${auth}; GRANT ALL ON \`auth\\_server\`.* TO ${auth} WITH GRANT OPTION; CREATE ROLE r; GRANT r TO ${auth} WITH ADMIN OPTION; SET DEFAULT ROLE r FOR ${auth}; GRANT PROXY ON root@localhost TO ${auth}`,
      [
        `${auth} has ALL PRIVILEGES on auth_server, should have SELECT, INSERT, UPDATE, DELETE`,
        `${auth} has a grant it should not: GRANT \`r\` WITH ADMIN OPTION`,
        `${auth} has a grant it should not: GRANT PROCESS ON *.*`,
        `${auth} has a grant it should not: GRANT ALL PRIVILEGES ON \`auth\\_server\`.* WITH GRANT OPTION`,
        `${auth} has a grant it should not: GRANT SELECT (\`User\`) ON \`mysql\`.\`user\``,
        `${auth} has a grant it should not: GRANT PROXY ON \`root\`@\`localhost\``,
        `${auth} has a grant it should not: SET DEFAULT ROLE \`r\` FOR \`auth_user\`@\`localhost\``,
      ],
    ],
    [
      "limits",
      `ALTER USER ${auth} REQUIRE SSL WITH MAX_USER_CONNECTIONS 1`,
      [`${auth} has a grant it should not: GRANT USAGE ON *.* REQUIRE SSL WITH MAX_USER_CONNECTIONS 1`],
    ],
  ])("sees and undoes %s", (_, breakIt, sentences) => {
    sql(breakIt);
    const seen = observe();
    expect([...seen].sort()).toEqual([...sentences].sort());
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
    expect(login("auth_user", secrets.auth, "auth_server").out).toBe("in\n");
  });

  it("changes a password: the old one fails, the new one works, open connections stay", () => {
    const changed = { ...secrets, auth: "New$`%-password" };
    // A client that stays logged in, as the servers do; it is asked through a pipe.
    sql("CREATE TABLE auth_server.open (i INT)");
    login("auth_user", secrets.auth, "auth_server");
    server.sh(`mkfifo /root/ask; (exec 3<>/root/ask; exec setsid mariadb --defaults-extra-file=/root/.login -N -B --unbuffered auth_server </root/ask) >/root/answers 2>&1 &
      exec 3>/root/ask; echo "INSERT INTO open VALUES (1); SELECT 'asked once';" >&3; timeout 10 sh -c 'until grep -q once /root/answers; do :; done'`);
    expect(observe({}, changed)).toEqual([`the password of ${auth} differs from the stack's`]);
    expect(apply({}, changed).code).toBe(0);
    expect(login("auth_user", secrets.auth, "auth_server").err).toContain("ERROR 1045");
    expect(login("auth_user", changed.auth, "auth_server").out).toBe("in\n");
    // Worse than the moment in which grants are renewed: they are gone.
    sql(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${auth}`);
    server.sh(
      `exec 3>/root/ask; echo "INSERT INTO open VALUES (2); SELECT 'asked twice';" >&3; timeout 10 sh -c 'until grep -q -e twice -e ERROR /root/answers; do :; done'; rm /root/ask`,
    );
    expect(server.sh("cat /root/answers")).toBe("asked once\nasked twice");
    sql("DROP TABLE auth_server.open");
    expect(apply().code).toBe(0);
  });

  describe("a new password while servers run with the old one", () => {
    const wanted = { ...secrets, auth: "Rotated-1" };
    const bothIn = () => [secrets.auth, wanted.auth].map((one) => login("auth_user", one, "auth_server").code);
    const marker = "/var/lib/trinity-stack/receipts/access/old-passwords";
    /**
     * A stand-in for a server, from a unit as the stack's; what it is started with counts, not what its file says by
     * now.
     */
    const runs = (unit: string, password: string) =>
      server.sh(
        `printf 'TC_LOGIN_DATABASE_INFO=".;/run/mysqld/mysqld.sock;auth_user;%s;auth_server"\\n' "$(sed 's/[\\\\$\`]/\\\\&/g')" >/run/stand-in.env
        systemctl stop ${unit} 2>/dev/null; install -D "$(command -v sleep)" /srv/run/bin/${unit}; install -d /etc/trinity-stack; touch /etc/trinity-stack/${unit}.env
        printf '%s\\n' '[Service]' EnvironmentFile=/etc/trinity-stack/${unit}.env EnvironmentFile=/run/stand-in.env \\
          'ExecStartPre=+/usr/local/libexec/trinity-stack/current/started.sh record ${unit} /none' 'ExecStart=/srv/run/bin/${unit} 600' >/etc/systemd/system/${unit}.service
        systemctl daemon-reload; systemctl start ${unit}`,
        { stdin: password },
      );
    beforeEach(() => {
      expect(apply().code).toBe(0);
      for (const unit of ["authserver", "worldserver"]) runs(unit, secrets.auth);
    });
    afterEach(() => {
      server.sh(
        "systemctl stop authserver worldserver; rm /etc/systemd/system/{auth,world}server.service; systemctl daemon-reload",
      );
      expect(apply().code).toBe(0);
      expect(login("auth_user", wanted.auth, "auth_server").code).toBe(1);
    });

    it("goes along with the old one until the last of them was started with it", () => {
      expect(observe({}, wanted)).toEqual([`the password of ${auth} differs from the stack's`]);
      expect(apply({}, wanted)).toMatchObject({ code: 0, err: "" });
      expect(bothIn()).toEqual([0, 0]);
      expect(observe({}, wanted)).toEqual([]);
      expect(apply({}, wanted).out).toBe("as it should be\n");
      runs("authserver", wanted.auth);
      expect(bothIn()).toEqual([0, 0]);
      runs("worldserver", wanted.auth);
      expect(bothIn()).toEqual([1, 0]);
      expect(observe({}, wanted)).toEqual([]);
      expect(server.exec(`test -e ${marker}`).code).toBe(1);
    });

    it("is finished by the next run when one was cut off", () => {
      expect(apply({}, wanted).code).toBe(0);
      // Before the new one was kept.
      server.sh("cat >/var/lib/trinity-stack/passwords/auth", { stdin: secrets.auth });
      expect(observe({}, wanted)).toEqual(["/var/lib/trinity-stack/passwords/auth has other content than it should"]);
      expect(apply({}, wanted).code).toBe(0);
      expect(bothIn()).toEqual([0, 0]);
      // After the servers ended.
      server.sh("systemctl stop authserver worldserver");
      expect(observe({}, wanted)).toEqual([`a second password of ${auth} is taken, though no server runs with it`]);
      expect(apply({}, wanted).code).toBe(0);
      expect(bothIn()).toEqual([1, 0]);
    });

    it("can be taken back half way", () => {
      expect(apply({}, wanted).code).toBe(0);
      expect(apply().code).toBe(0);
      expect(observe()).toEqual([]);
      expect(bothIn()).toEqual([0, 1]);
    });

    it("takes the place of one that is not the stack's at once", () => {
      sql(`ALTER USER ${auth} IDENTIFIED BY 'changed'`);
      expect(apply({}, wanted).code).toBe(0);
      expect(login("auth_user", "changed", "auth_server").code).toBe(1);
      expect(bothIn()).toEqual([1, 0]);
    });

    it("goes along with it where a policy refuses hashes as well", () => {
      sql("INSTALL SONAME 'simple_password_check'");
      expect(apply({}, wanted)).toMatchObject({ code: 0, err: "" });
      expect(bothIn()).toEqual([0, 0]);
      for (const unit of ["authserver", "worldserver"]) runs(unit, wanted.auth);
      expect(bothIn()).toEqual([1, 0]);
      sql("UNINSTALL SONAME 'simple_password_check'");
    });

    it.each(["takes", "refuses"])(
      "outlasts another change before they were started, where a policy %s hashes",
      (policy) => {
        const newest = { ...secrets, auth: "Rotated-2" };
        const letsIn = () => [...bothIn(), login("auth_user", newest.auth, "auth_server").code];
        if (policy === "refuses") sql("INSTALL SONAME 'simple_password_check'");
        expect(apply({}, wanted).code).toBe(0);
        expect(apply({}, newest)).toMatchObject({ code: 0, err: "" });
        // The one between was of no server.
        expect(letsIn()).toEqual([0, 1, 0]);
        expect(observe({}, newest)).toEqual([]);
        runs("authserver", newest.auth);
        // Each of them with another one.
        expect(apply({}, wanted)).toMatchObject({ code: 0, err: "" });
        expect(letsIn()).toEqual([0, 0, 0]);
        expect(observe({}, wanted)).toEqual([]);
        for (const unit of ["authserver", "worldserver"]) runs(unit, wanted.auth);
        expect(letsIn()).toEqual([1, 0, 1]);
        expect(observe({}, wanted)).toEqual([]);
        if (policy === "refuses") sql("UNINSTALL SONAME 'simple_password_check'");
      },
    );

    it("lets a server wait for the window with the old one, for as long as MariaDB takes that", () => {
      const settings = onLab(load({ restarts: "window", "window.schedule": "2020-01-01 04:00" }));
      const service = serverServicePlan(settings, facts(), "authserver").args;
      const file = "/etc/trinity-stack/authserver.env";
      const look = () =>
        server.observe("authserver", "service", service).filter((line) => line.includes("with an older"));
      const older = `authserver runs with an older ${file}: restart needed`;
      server.sh(`mkdir -p ${file.replace(/[^/]*$/, "")}; echo one >${file}`);
      runs("authserver", secrets.auth);
      expect(apply({}, wanted).code).toBe(0);
      server.sh(`echo another >${file}`);
      expect(look()).toEqual([expect.stringContaining(`hint: ${older}; players stay on until the window opens`)]);
      sql(`ALTER USER ${auth} IDENTIFIED BY 'changed'`);
      expect(look()).toEqual([older]);
      server.sh("systemctl stop mariadb");
      expect(look()).toEqual([older]);
      server.sh(`systemctl start mariadb; rm ${file}`);
    });
  });

  it("refuses a password that TrinityCore could not read, without showing it", () => {
    const { code, err } = apply({}, { ...secrets, world: "half;half" });
    expect(code).toBe(1);
    expect(err).toContain("the password of trinitycore:realms.wotlk.databases.world may not contain ';'");
    expect(err).not.toContain("half");
  });

  it("leaves no password in arguments, environments, logs or receipts", () => {
    const marked = { auth: "hush7Auth", characters: "hush7Chars", world: "hush7World" };
    // Every program a step may start writes down what anybody could have seen of it, and goes on.
    server.sh(`rm -f /root/trace; for name in $(ls /usr/bin | grep -E '^(mariadb|bash|cat|sed|awk|grep|stat|cmp|mktemp|mkdir|chmod|chown|mv|sync|find|sort|head|cut|tail|timeout|dirname|base64|flock|install|rm|sha1sum|tr)$'); do
      printf '#!/bin/bash -p\\n/usr/bin/tr "\\\\0" "\\\\n" </proc/$$/cmdline >>/root/trace; /usr/bin/tr "\\\\0" "\\\\n" </proc/$$/environ >>/root/trace; exec /usr/bin/%s "$@"\\n' $name >/usr/local/sbin/$name; chmod 755 /usr/local/sbin/$name; done
      : >/var/lib/mysql/general.log; : >/var/lib/mysql/slow.log; : >/var/lib/mysql/audit.log; mariadb -e 'RESET MASTER'`);
    sql("DROP USER characters@localhost");
    const ran = apply({}, marked);
    const trace = server.sh("rm -f /usr/local/sbin/*; cat /root/trace");
    expect(ran.code).toBe(0);
    expect(observe({}, marked)).toEqual([]);
    expect(trace).toContain("--socket=/run/mysqld/mysqld.sock");
    expect(trace).not.toContain("hush7");
    expect(ran.out + ran.err).not.toContain("hush7");
    sql("ALTER USER characters@localhost IDENTIFIED BY 'hush7Control'");
    const seen = server.sh(
      "cat /var/lib/mysql/{general,slow,audit}.log; strings /var/lib/mysql/binary.0* 2>/dev/null || tr -c '[:print:]' '\\n' </var/lib/mysql/binary.000001; grep -r hush7 /var/lib/trinity-stack/receipts || true",
    );
    expect(seen).toContain("hush7Control");
    expect(seen).toContain("mysql.global_priv");
    expect(seen.replaceAll("hush7Control", "")).not.toContain("hush7");
    expect(apply().code).toBe(0);
  });

  it("takes a lost database as a loss, and makes it anew only when told to", () => {
    sql("DROP DATABASE characters");
    expect(observe()).toEqual(["database characters does not exist"]);
    const none = apply();
    expect(none.code).toBe(1);
    expect(none.err).toBe(
      "error: the database characters is gone: it was there when the stack last ran; nothing was changed\n" +
        "  newest backup on this host: none\n" +
        "  restore it, or begin with an empty one: pulumi config set --path trinitycore:databases.startEmpty true\n",
    );
    server.sh(
      `mkdir -p /var/backups/trinity/old && cd /var/backups/trinity && touch -d 2026-01-01 old/characters-1.sql.zst && touch -d '2026-02-03 04:05' characters-2.sql.zst && touch authserver-3.sql.zst && mkdir .new.a && touch .new.a/characters.sql.zst`,
    );
    expect(apply().err).toContain(
      "newest backup on this host: 2026-02-03 04:05 /var/backups/trinity/characters-2.sql.zst",
    );
    expect(apply({ startEmpty: true }).code).toBe(0);
    expect(sql("SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'characters'")).toBe(
      "utf8mb4_unicode_ci",
    );
    expect(observe()).toEqual([]);
  });

  it("knows of a lost database although its own receipt is lost with it", () => {
    sql("DROP DATABASE characters");
    server.sh(
      "mv /var/lib/trinity-stack/receipts/access /run/receipt; printf 'release=x\\ncharacters=characters\\n' >/var/lib/trinity-stack/schema",
    );
    expect(apply().err).toContain("error: the database characters is gone: it was there when the stack last ran");
    server.sh("rm /var/lib/trinity-stack/schema; mv /run/receipt /var/lib/trinity-stack/receipts/access");
    expect(apply({ startEmpty: true }).code).toBe(0);
  });

  it("takes a database without its tables as a loss too", () => {
    server.sh("mkdir -p /var/lib/trinity-stack/receipts/schema && touch /var/lib/trinity-stack/receipts/schema/token");
    expect(observe()).toEqual(["database characters is empty, though its tables were installed"]);
    expect(apply().err).toContain("error: the database characters has lost all its tables");
    expect(observe({ startEmpty: true })).toEqual([]);
    server.sh("rm -r /var/lib/trinity-stack/receipts/schema");
  });

  it("removes the user of a name that is no longer wanted", () => {
    expect(apply({ "auth.user": "renamed" }).out).toContain("removing user auth_user@localhost");
    expect(sql("SELECT User FROM mysql.global_priv WHERE User IN ('auth_user', 'renamed')")).toBe("renamed");
    expect(apply().code).toBe(0);
  });

  it("cannot look while MariaDB is down, and says so", () => {
    server.sh("systemctl stop mariadb");
    expect(observe()).toEqual([
      "blind: MariaDB does not answer on /run/mysqld/mysqld.sock, so its users cannot be checked",
    ]);
    expect(server.undo("access")).toMatchObject({ code: 1, err: expect.stringContaining("cannot be removed") });
    server.sh("systemctl start mariadb");
  });

  it("takes its users along when the stack goes, and leaves the databases", () => {
    expect(server.undo("access").code).toBe(0);
    expect(
      sql("SELECT User FROM mysql.global_priv WHERE User IN ('auth_user', 'characters', 'worldserver', 'trinity')"),
    ).toBe("");
    expect(sql("SHOW DATABASES").split("\n")).toEqual(
      expect.arrayContaining(["auth_server", "characters", "world-db"]),
    );
  });
});
