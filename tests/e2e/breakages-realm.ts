import { type Breakage, drift, ROOT, sql } from "./breakage";
import { logsIn, passwordOf, reaches } from "./outside";

const WORLD_CONF = `${ROOT}/etc/worldserver.conf.d/stack.conf`;
const AUTH_ENV = "/etc/trinity-stack/authserver.env";
const UNITS = "/etc/systemd/system";

const edit = (file: string, from: string, to: string) => `sed -i 's/${from}/${to}/' ${file}`;
const checked = (step: string, effect: string) => [
  `will be checked after realm-${step}; where it must, this ${effect}`,
];

const restartsAuth = "restarts the authserver: logging in pauses for a moment, players stay in the world";
const restartsWorld = "restarts the worldserver: players are disconnected until it has loaded";
const motd = 'Motd is "pwned", should be "Welcome to the Realm of Espionage World of Warcraft server!"';
const configEffect = (server: string) =>
  `applying this restarts the ${server}, unless it runs with these settings already`;
const blind = (why: string, after: string, effect?: string) => [
  `will be checked after ${after}, as MariaDB does not answer${why}${effect ? `; where it must, this ${effect}` : ""}`,
];

/** What was built, the databases, the configuration and the servers. */
export const realmBreakages: readonly Breakage[] = [
  {
    name: "build: a program of the release deleted, another changed",
    by: `cd ${ROOT}/run/bin && rm worldserver && echo pwned >>mapextractor`,
    look: `cd ${ROOT}/run && sha256sum -c --quiet .good && bin/worldserver --version`,
    warns: {
      build: drift(
        "releases/{release}/bin/mapextractor is not what was built",
        "releases/{release}/bin/worldserver is missing",
      ),
    },
  },
  {
    name: "release: what is live moved elsewhere",
    by: `ln -sfn releases/elsewhere ${ROOT}/run`,
    look: `readlink ${ROOT}/run`,
    warns: {
      release: [
        ...drift("run points to releases/elsewhere, should point to releases/{release}"),
        "applying this restarts both servers, unless they run from it already",
      ],
    },
    tells: { authserver: checked("release", restartsAuth), worldserver: checked("release", restartsWorld) },
  },
  {
    // Servers that lose it crash after half a minute: stopped before, so that when is not left to chance.
    name: "mariadb: stopped and disabled, and the servers with it",
    by: "systemctl stop worldserver authserver; systemctl disable -q --now mariadb",
    look: async (machine) => [
      await reaches(machine.address, 3724),
      await reaches(machine.address, 8085),
      await machine.exec(`systemctl is-enabled mariadb; ${sql("SELECT 1")}`),
    ],
    warns: {
      mariadb: [
        ...drift("mariadb.service is not enabled", "mariadb.service is stopped"),
        "applying this starts MariaDB where it is stopped, and restarts nothing",
      ],
      authserver: drift("authserver is not running"),
      worldserver: drift("worldserver is not running"),
    },
    tells: {
      authserver: checked("mariadb", restartsAuth),
      worldserver: checked("mariadb", restartsWorld),
      access: blind(
        " on /run/mysqld/mysqld.sock, so its users cannot be checked",
        "realm-mariadb",
        "restarts nothing by itself; a changed password restarts the servers that use it",
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
    },
    starts: ["authserver", "worldserver", "mariadb"],
  },
  {
    name: "access: a password changed, a grant taken, a grant given, a user dropped",
    by: sql(
      "SET PASSWORD FOR 'worldserver'@'localhost' = PASSWORD('pwned')",
      "REVOKE ALL ON characters.* FROM 'characters'@'localhost'",
      "GRANT SELECT ON *.* TO 'authserver'@'localhost'",
      "DROP USER 'trinity'@'localhost'",
    ),
    look: async (machine) => [
      await logsIn(machine, "worldserver", await passwordOf(machine, "worldserver", "TC_WORLD_DATABASE_INFO")),
      await machine.exec("runuser -u trinity -- mariadb -N -e 'SELECT CURRENT_USER()'"),
      await machine.sure(sql(...["characters", "authserver"].map((user) => `SHOW GRANTS FOR '${user}'@'localhost'`))),
    ],
    warns: {
      access: [
        ...drift(
          "'authserver'@'localhost' has a grant it should not: GRANT SELECT ON *.*",
          "'characters'@'localhost' lacks ALL PRIVILEGES on characters",
          "the password of 'worldserver'@'localhost' differs from the stack's",
          "database user 'trinity'@'localhost' is missing",
        ),
        "applying this restarts nothing by itself; a changed password restarts the servers that use it",
      ],
    },
  },
  {
    name: "schema: an update that a database has not had",
    by: sql("DELETE FROM authserver.updates ORDER BY name DESC LIMIT 1"),
    look: sql("SELECT name FROM authserver.updates"),
    warns: {
      schema: [
        ...drift("the auth database lacks 1 update of releases/{release}: 2026_06_02_00_auth.sql"),
        "applying this stops both servers while the databases are updated",
      ],
    },
    starts: ["authserver", "worldserver"],
  },
  {
    name: "configuration: a key edited, one added, passwords that all may read, one of them changed",
    by: `${edit(WORLD_CONF, "^Motd.*", 'Motd = "pwned"')}; echo 'Rate.XP.Kill = 9' >>${WORLD_CONF}
      chmod 0644 ${AUTH_ENV}; ${edit(AUTH_ENV, "^TC_LOGIN_DATABASE_INFO.*", 'TC_LOGIN_DATABASE_INFO="pwned"')}`,
    look: `grep -E '^(Motd|Rate)' ${WORLD_CONF}; stat -c %a ${AUTH_ENV}; grep -c pwned ${AUTH_ENV}`,
    warns: {
      "worldserver-config": [...drift(motd, "Rate.XP.Kill is set, should not be"), configEffect("worldserver")],
      "authserver-config": [
        ...drift(`${AUTH_ENV} has mode 0644, should be 0600`, `${AUTH_ENV}: TC_LOGIN_DATABASE_INFO differs`),
        configEffect("authserver"),
      ],
    },
    tells: {
      authserver: checked("authserver-config", restartsAuth),
      worldserver: checked("worldserver-config", restartsWorld),
    },
  },
  {
    name: "configuration: a key edited, and the server restarted with it",
    by: `${edit(WORLD_CONF, "^Motd.*", 'Motd = "pwned"')}; systemctl restart worldserver`,
    look: `grep ^Motd ${WORLD_CONF}`,
    warns: { "worldserver-config": [...drift(motd), configEffect("worldserver")] },
    tells: { worldserver: checked("worldserver-config", restartsWorld) },
    starts: ["worldserver"],
  },
  {
    name: "units: one masked and its server stopped, a line of the other edited",
    by: `systemctl stop authserver; rm ${UNITS}/authserver.service; systemctl mask -q authserver
      ${edit(`${UNITS}/worldserver.service`, "^Restart=.*", "Restart=no")}; systemctl daemon-reload`,
    look: async (machine) => [
      await reaches(machine.address, 3724),
      await machine.sure("systemctl show -P LoadState authserver; systemctl show -P Restart worldserver"),
    ],
    warns: {
      "authserver-unit": drift("authserver.service is masked"),
      "worldserver-unit": drift(
        `${UNITS}/worldserver.service lacks: Restart=on-failure`,
        `${UNITS}/worldserver.service has, and should not: Restart=no`,
      ),
    },
    tells: {
      authserver: checked("authserver-unit", restartsAuth),
      worldserver: checked("worldserver-unit", restartsWorld),
    },
    starts: ["authserver"],
  },
  {
    name: "services: one stopped, one disabled",
    by: "systemctl stop authserver; systemctl disable -q worldserver",
    look: async (machine) => [
      await reaches(machine.address, 3724),
      await machine.exec("systemctl is-enabled worldserver; readlink /etc/systemd/system/tc-335-world.service"),
    ],
    warns: {
      authserver: drift("authserver is not running"),
      worldserver: drift(
        "worldserver does not start with the server (disabled)",
        "the name tc-335-world.service does not lead to worldserver.service",
      ),
    },
    starts: ["authserver"],
  },
  {
    name: "realm row: its address and its gamebuild changed by SQL",
    by: sql("UPDATE authserver.realmlist SET address = '203.0.113.9', gamebuild = 15595 WHERE id = 1"),
    look: sql("SELECT address, gamebuild FROM authserver.realmlist"),
    warns: {
      row: [
        ...drift(
          `the realm's address is "203.0.113.9", should be "wow.lab.test"`,
          "the realm's gamebuild is 15595, should be 12340",
        ),
        "applying this restarts nothing; players see it within 20 s",
      ],
    },
  },
];
