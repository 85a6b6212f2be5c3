import { type Breakage, bothAfter, drift, ROOT, STATE, sql } from "./breakage";
import { logsIn, passwordOf, reaches } from "./outside";

const startsMariaDb = "applying this starts MariaDB where it is stopped, and restarts nothing";
const blind = (why: string, after: string, effect?: string) => [
  `will be checked after ${after}, as MariaDB does not answer${why}${effect ? `; where it must, this ${effect}` : ""}`,
];
const access = (...lines: string[]) => [
  ...drift(...lines),
  "applying this restarts nothing by itself; a changed password restarts the servers that use it",
];
const grants = (user: string) => sql(`SHOW GRANTS FOR '${user}'@'localhost'`);

const lacksLibrary = drift(
  ...["authserver", "worldserver"].map(
    (server) => `releases/{release}/bin/${server} lacks the library libmariadb.so.3`,
  ),
);

/** What was built, and the databases. */
export const coreBreakages: readonly Breakage[] = [
  {
    name: "build: a program of the release changed",
    quick: true,
    by: `echo pwned >>${ROOT}/run/bin/mapextractor`,
    look: `cd ${ROOT}/run && sha256sum -c --quiet .good`,
    warns: { build: drift("releases/{release}/bin/mapextractor is not what was built") },
  },
  {
    name: "build: a program of the release deleted",
    by: `rm ${ROOT}/run/bin/worldserver`,
    look: `${ROOT}/run/bin/worldserver --version`,
    warns: { build: drift("releases/{release}/bin/worldserver is missing") },
    touches: ["worldserver", "schema"],
  },
  {
    name: "build: the link to what is to go live deleted",
    by: `rm ${ROOT}/candidate`,
    look: `readlink ${ROOT}/candidate`,
    warns: { build: drift("candidate is missing, should point to releases/{release}") },
    tells: {
      schema: [
        `will be checked after realm-build, as ${ROOT}/candidate names no release that the databases should be as; where it must, this stops both servers while the databases are updated`,
      ],
      release: [
        `will be checked after realm-schema, realm-build, as ${ROOT}/candidate names no release that is to go live; where it must, this restarts both servers, unless they run from it already`,
      ],
    },
    checks: bothAfter("release"),
    // What the schema follows would be in its line.
    touches: ["source", "mariadb", "tdb", "access", "worldserver-config"],
  },
  {
    name: "build: a library of the distribution taken away",
    by: "rm /lib/x86_64-linux-gnu/libmariadb.so.3",
    look: `stat -c '%i %Y' ${ROOT}/run/bin/worldserver; ldd ${ROOT}/run/bin/worldserver | grep -c 'not found'`,
    warns: { build: lacksLibrary },
    touches: ["authserver", "worldserver", "schema", "packages"],
  },
  {
    name: "build: its package removed by force",
    by: "dpkg --purge --force-depends libmariadb3",
    look: `stat -c '%i %Y' ${ROOT}/run/bin/worldserver; ldd ${ROOT}/run/bin/worldserver | grep -c 'not found'`,
    warns: { build: lacksLibrary },
    touches: ["authserver", "worldserver", "schema", "packages"],
  },
  {
    name: "release: what is live moved elsewhere",
    quick: true,
    by: `ln -sfn releases/elsewhere ${ROOT}/run`,
    look: `readlink ${ROOT}/run`,
    warns: {
      release: [
        ...drift("run points to releases/elsewhere, should point to releases/{release}"),
        "applying this restarts both servers, unless they run from it already",
      ],
    },
    checks: bothAfter("release"),
    touches: ["build"],
  },
  {
    name: "release: the rest of a build that was cut off",
    by: `mkdir -p ${ROOT}/releases/.cut-off.new/bin`,
    look: `ls -A ${ROOT}/releases`,
    warns: { release: drift("releases/.cut-off.new is left over from a build that was cut off") },
    checks: bothAfter("release"),
    touches: ["build"],
  },
  {
    // Servers that lose it crash after half a minute: stopped before, so that when is not left to chance.
    name: "mariadb: stopped and disabled, and the servers with it",
    quick: true,
    by: "systemctl stop worldserver authserver; systemctl disable -q --now mariadb",
    look: async (machine) => [
      await reaches(machine.address, 3724),
      await reaches(machine.address, 8085),
      await machine.exec(`systemctl is-enabled mariadb; ${sql("SELECT 1")}`),
    ],
    warns: {
      mariadb: [...drift("mariadb.service is not enabled", "mariadb.service is stopped"), startsMariaDb],
      authserver: drift("authserver is not running"),
      worldserver: drift("worldserver is not running"),
    },
    checks: bothAfter("mariadb"),
    tells: {
      access: blind(
        " on /run/mysqld/mysqld.sock, so its users cannot be checked",
        "realm-mariadb",
        "restarts nothing by itself; a changed password restarts the servers that use it",
      ),
      "backup-account": blind(
        " on /run/mysqld/mysqld.sock, so the account of the backups cannot be looked at",
        "realm-mariadb",
      ),
      tdb: blind(", so it cannot be told whether the world database still needs its content", "realm-mariadb"),
      schema: blind(
        ", so the state of the databases cannot be read",
        "realm-mariadb, realm-access, realm-tdb",
        "stops both servers while the databases are updated",
      ),
      row: blind(
        " on /run/mysqld/mysqld.sock, so the realm row cannot be read",
        "realm-mariadb, realm-schema",
        "restarts nothing; players see it within 20 s",
      ),
      accounts: blind(
        " on /run/mysqld/mysqld.sock, so the accounts cannot be looked at",
        "realm-mariadb, realm-schema, realm-row",
        "restarts nothing; a changed level or password counts from the next login on",
      ),
      announcer: blind(
        " on /run/mysqld/mysqld.sock, so the stack's account cannot be looked at",
        "realm-mariadb, realm-schema",
        "restarts nothing",
      ),
      "two-factor": blind(
        " on /run/mysqld/mysqld.sock, so two-factor secrets cannot be looked at",
        "realm-mariadb, realm-authserver, realm-accounts",
        "restarts nothing by itself; an account with a two-factor secret is asked for a code from the next login on",
      ),
    },
    starts: ["authserver", "worldserver", "mariadb"],
    // Planned themselves they would stand in those lines.
    touches: [
      "user",
      "build",
      "authserver-config",
      "worldserver-config",
      "authserver-unit",
      "worldserver-unit",
      "release",
    ],
  },
  {
    name: "mariadb: disabled",
    by: "systemctl disable -q mariadb",
    look: "systemctl is-enabled mariadb",
    warns: { mariadb: [...drift("mariadb.service is not enabled"), startsMariaDb] },
    checks: bothAfter("mariadb"),
  },
  {
    name: "access: a password changed",
    by: sql("SET PASSWORD FOR 'worldserver'@'localhost' = PASSWORD('pwned')"),
    look: async (machine) =>
      logsIn(machine, "worldserver", await passwordOf(machine, "worldserver", "TC_WORLD_DATABASE_INFO")),
    warns: { access: access("the password of 'worldserver'@'localhost' differs from the stack's") },
    touches: ["worldserver"],
  },
  {
    name: "access: a grant taken",
    by: sql("REVOKE ALL ON characters.* FROM 'characters'@'localhost'"),
    look: grants("characters"),
    warns: { access: access("'characters'@'localhost' lacks SELECT, INSERT, UPDATE, DELETE, DROP on characters") },
    touches: ["worldserver"],
  },
  {
    name: "access: a grant given",
    quick: true,
    by: sql("GRANT SELECT ON *.* TO 'authserver'@'localhost'"),
    look: grants("authserver"),
    warns: { access: access("'authserver'@'localhost' has a grant it should not: GRANT SELECT ON *.*") },
  },
  {
    name: "access: a user dropped",
    by: sql("DROP USER 'trinity'@'localhost'"),
    look: sql("SELECT User FROM mysql.global_priv WHERE User = 'trinity'"),
    warns: { access: access("database user 'trinity'@'localhost' is missing") },
    touches: ["schema"],
  },
  {
    name: "access: a user locked out",
    by: sql("ALTER USER 'authserver'@'localhost' ACCOUNT LOCK"),
    look: async (machine) =>
      logsIn(machine, "authserver", await passwordOf(machine, "authserver", "TC_LOGIN_DATABASE_INFO")),
    warns: { access: access("'authserver'@'localhost' is locked") },
    touches: ["authserver", "worldserver", "authserver-config"],
  },
  {
    name: "access: the account of the updates left open",
    by: sql("ALTER USER 'trinity'@'localhost' ACCOUNT UNLOCK"),
    look: "runuser -u trinity -- mariadb -N -B -e 'SELECT 1'",
    warns: {
      access: access(
        "'trinity'@'localhost' may log in and change every table, though no update of the databases is running",
      ),
    },
  },
  {
    name: "access: the kept passwords open to all",
    by: `chmod 0644 ${STATE}/passwords/auth`,
    look: `stat -c %a ${STATE}/passwords/auth`,
    warns: { access: access(`${STATE}/passwords/auth has mode 0644, should be 0600`) },
  },
  {
    name: "schema: an update that a database has not had",
    quick: true,
    by: sql("DELETE FROM authserver.updates ORDER BY name DESC LIMIT 1"),
    look: sql("SELECT name FROM authserver.updates"),
    warns: {
      schema: [
        ...drift("the auth database lacks 1 update of releases/{release}: 2026_06_02_00_auth.sql"),
        "applying this stops both servers while the databases are updated",
      ],
    },
    starts: ["authserver", "worldserver"],
    touches: ["authserver", "worldserver", "worldserver-config", "access", "build"],
  },
];
