import { type Breakage, drift, edit, ROOT, restartsAuth, restartsWorld, sql, UNITS } from "./breakage";
import { levelsOf } from "./breakages-accounts";
import { reaches } from "./outside";

const WORLD_CONF = `${ROOT}/etc/worldserver.conf.d/stack.conf`;
const AUTH_CONF = `${ROOT}/etc/authserver.conf.d/stack.conf`;
const AUTH_ENV = "/etc/trinity-stack/authserver.env";
const DROPIN = `${UNITS}/worldserver.service.d/nice.conf`;
const MAP = `${ROOT}/data/maps/0004331.map`;

const motd = 'Motd is "pwned", should be "Welcome to the Realm of Espionage World of Warcraft server!"';
const config = (server: "authserver" | "worldserver", ...lines: string[]) => ({
  [`${server}-config`]: [
    ...drift(...lines),
    `applying this restarts the ${server}, unless it runs with these settings already`,
  ],
});
/** The same of keys that the worldserver takes over while it runs. */
const live = (...lines: string[]) => ({
  "worldserver-config": [
    ...drift(...lines),
    "applying this reloads the worldserver's settings, unless it runs with them already; players stay online",
  ],
});
const rowEffect = "applying this restarts nothing; players see it within 20 s";

/** The configuration, the servers and what players are told. */
export const realmBreakages: readonly Breakage[] = [
  {
    name: "configuration: a key edited",
    by: edit(WORLD_CONF, "^Motd.*", 'Motd = "pwned"'),
    look: `grep ^Motd ${WORLD_CONF}`,
    warns: live(motd),
    checks: { worldserver: "worldserver-config" },
    reloads: true,
  },
  {
    name: "configuration: a key added",
    by: `echo 'Rate.XP.Kill = 9' >>${WORLD_CONF}`,
    look: `grep ^Rate ${WORLD_CONF}`,
    warns: live("Rate.XP.Kill is set, should not be"),
    checks: { worldserver: "worldserver-config" },
    reloads: true,
  },
  {
    name: "configuration: a key edited, and the server restarted with it",
    quick: true,
    by: `${edit(WORLD_CONF, "^Motd.*", 'Motd = "pwned"')}; systemctl restart worldserver`,
    look: `grep ^Motd ${WORLD_CONF}`,
    warns: live(motd),
    checks: { worldserver: "worldserver-config" },
    reloads: true,
    touches: ["build", "access"],
  },
  {
    name: "configuration: a key edited that is read at the start alone, and the server restarted with it",
    by: `${edit(WORLD_CONF, "^Updates.CleanDeadRefMaxCount.*", "Updates.CleanDeadRefMaxCount = 3")}; systemctl restart worldserver`,
    look: `grep ^Updates.CleanDead ${WORLD_CONF}`,
    warns: config("worldserver", "Updates.CleanDeadRefMaxCount is 3, should be 0"),
    checks: { worldserver: "worldserver-config" },
    starts: ["worldserver"],
    touches: ["build", "access"],
  },
  {
    name: "configuration: the file gone",
    quick: true,
    by: `rm ${AUTH_CONF}`,
    look: `sha256sum ${AUTH_CONF}`,
    warns: config("authserver", `${AUTH_CONF} is missing`),
    checks: { authserver: "authserver-config" },
  },
  {
    name: "configuration: passwords that all may read",
    by: `chmod 0644 ${AUTH_ENV}`,
    look: `stat -c %a ${AUTH_ENV}`,
    warns: config("authserver", `${AUTH_ENV} has mode 0644, should be 0600`),
    checks: { authserver: "authserver-config" },
  },
  {
    name: "configuration: a password edited",
    by: edit(AUTH_ENV, "^TC_LOGIN_DATABASE_INFO.*", 'TC_LOGIN_DATABASE_INFO="pwned"'),
    look: `sha256sum ${AUTH_ENV}`,
    warns: config("authserver", `${AUTH_ENV}: TC_LOGIN_DATABASE_INFO differs`),
    checks: { authserver: "authserver-config" },
  },
  {
    name: "unit: masked, and its server stopped",
    quick: true,
    by: `systemctl stop authserver; rm ${UNITS}/authserver.service; systemctl mask -q authserver; systemctl daemon-reload`,
    look: async (machine) => [
      await reaches(machine.address, 3724),
      await machine.sure("systemctl show -P LoadState authserver"),
    ],
    warns: { "authserver-unit": drift("authserver.service is masked") },
    checks: { authserver: "authserver-unit" },
    starts: ["authserver"],
  },
  {
    name: "unit: a line edited",
    by: `${edit(`${UNITS}/worldserver.service`, "^Restart=.*", "Restart=no")}; systemctl daemon-reload`,
    look: "systemctl show -P Restart worldserver",
    warns: {
      "worldserver-unit": drift(
        `${UNITS}/worldserver.service lacks: Restart=on-failure`,
        `${UNITS}/worldserver.service has, and should not: Restart=no`,
      ),
    },
    checks: { worldserver: "worldserver-unit" },
  },
  {
    name: "unit: edited, and systemd not told",
    by: edit(`${UNITS}/authserver.service`, "^Restart=.*", "Restart=no"),
    look: `grep ^Restart= ${UNITS}/authserver.service; systemctl show -P NeedDaemonReload authserver`,
    warns: {
      "authserver-unit": drift(
        `${UNITS}/authserver.service lacks: Restart=on-failure`,
        `${UNITS}/authserver.service has, and should not: Restart=no`,
        "systemd has not read the present authserver.service yet (daemon-reload)",
      ),
    },
    checks: { authserver: "authserver-unit" },
  },
  {
    // It is how an operator changes a unit, so it stays; the server has to run with it.
    name: "unit: overridden by a drop-in",
    quick: true,
    // Another value each time, as the last one stays.
    by: `mkdir -p ${DROPIN.replace(/\/[^/]*$/, "")} && printf '[Service]\\nNice=%s\\n' $(($(systemctl show -P Nice worldserver) + 1)) >${DROPIN} && systemctl daemon-reload`,
    look: "diff <(systemctl show -P Nice worldserver) <(ps -o ni= -p $(systemctl show -P MainPID worldserver) | tr -d ' ') >&2 && echo same",
    stays: `cat ${DROPIN}`,
    warns: {
      worldserver: [
        ...drift(`worldserver runs with an older ${DROPIN}: restart needed`),
        `applying this ${restartsWorld}`,
      ],
    },
    hints: { "worldserver-unit": [`worldserver.service is changed by the drop-in ${DROPIN}`] },
    starts: ["worldserver"],
  },
  {
    name: "announcer: its account unlocked and no administrator any more",
    quick: true,
    by: sql(
      "UPDATE authserver.account SET locked = 0 WHERE username = 'TRINITYSTACK'",
      "UPDATE authserver.account_access SET SecurityLevel = 0 WHERE AccountID = (SELECT id FROM authserver.account WHERE username = 'TRINITYSTACK')",
    ),
    look: sql(
      "SELECT locked FROM authserver.account WHERE username = 'TRINITYSTACK'",
      `SELECT SecurityLevel FROM ${levelsOf("TRINITYSTACK")}`,
    ),
    warns: {
      announcer: [
        ...drift(
          "the account TRINITYSTACK is no administrator on every realm, so it cannot talk to the worldserver",
          "the account TRINITYSTACK is not locked to 127.0.0.1, so whoever knows its password can log in to the game from elsewhere",
        ),
        "applying this restarts nothing",
      ],
    },
  },
  {
    name: "announcer: the file with its login deleted",
    by: "rm /etc/trinity-stack/announcer",
    look: "sha256sum /etc/trinity-stack/announcer",
    warns: { announcer: [...drift("/etc/trinity-stack/announcer is missing"), "applying this restarts nothing"] },
  },
  {
    name: "service: stopped",
    quick: true,
    by: "systemctl stop authserver",
    look: (machine) => reaches(machine.address, 3724),
    warns: { authserver: drift("authserver is not running") },
    starts: ["authserver"],
  },
  {
    name: "service: disabled",
    by: "systemctl disable -q worldserver",
    look: `systemctl is-enabled worldserver; readlink ${UNITS}/tc-335-world.service`,
    warns: {
      worldserver: drift(
        "worldserver does not start when the host boots (disabled)",
        "the name tc-335-world.service does not lead to worldserver.service",
      ),
    },
  },
  {
    name: "service: its old name gone",
    by: `rm ${UNITS}/tc-335-auth.service; systemctl daemon-reload`,
    look: "systemctl is-active tc-335-auth",
    warns: { authserver: drift("the name tc-335-auth.service does not lead to authserver.service") },
  },
  {
    name: "service: running with an older configuration than the file",
    by: `cp -p ${WORLD_CONF} /run/kept && echo 'MaxPingTime = 31' >>${WORLD_CONF} && systemctl restart worldserver && mv /run/kept ${WORLD_CONF} && systemctl show -P MainPID worldserver >/run/older`,
    look: `sha256sum ${WORLD_CONF}; systemctl show -P MainPID worldserver | cmp -s - /run/older || echo another process`,
    warns: {
      worldserver: [
        ...drift(`worldserver runs with an older ${WORLD_CONF}: restart needed`),
        `applying this ${restartsWorld}`,
      ],
    },
    starts: ["worldserver"],
    touches: ["worldserver-config", "build", "access"],
  },
  {
    name: "service: running with older settings that it can read again",
    by: `cp -p ${WORLD_CONF} /run/kept && ${edit(WORLD_CONF, "^Motd.*", 'Motd = "pwned"')} && systemctl restart worldserver && mv /run/kept ${WORLD_CONF}`,
    look: "grep ^Motd /run/trinity-stack/worldserver.conf",
    warns: {
      worldserver: [
        ...drift("worldserver runs with older settings (Motd), and can read them again"),
        "applying this reloads the worldserver's settings; players stay online",
      ],
    },
    touches: ["worldserver-config", "build", "access"],
  },
  {
    name: "service: started by hand, past the stack",
    by: "rm /run/trinity-stack/authserver.started",
    look: "cat /run/trinity-stack/authserver.started",
    warns: {
      authserver: [
        ...drift("authserver was not started by the stack: restart needed"),
        `applying this ${restartsAuth}`,
      ],
    },
    starts: ["authserver"],
  },
  {
    name: "game data: a map missing",
    by: `mv ${MAP} /run/kept.map`,
    look: `sha256sum ${MAP}`,
    warns: {},
    hints: {
      worldserver: [
        `${ROOT}/data lacks 1 file of game data that the worldserver began with, e.g. maps/0004331.map: \`npm run realm -- data extract\` makes it again of a client 3.3.5a`,
      ],
    },
    remedy: `mv /run/kept.map ${MAP}`,
  },
  {
    name: "game data: new data that was cut off while it took its place",
    quick: true,
    by: `mkdir ${ROOT}/data.incoming && cd ${ROOT}/data.incoming && touch swapping && cp -a ../data/maps maps && mv ../data/maps former-maps`,
    look: `cd ${ROOT} && find data* -type f | sort`,
    warns: { "game-data": drift(`new game data was cut off while it took its place in ${ROOT}/data`) },
    checks: { worldserver: "game-data" },
    hints: {
      worldserver: [
        `${ROOT}/data lacks 8 files of game data that the worldserver began with, e.g. maps/0002828.map: \`npm run realm -- data extract\` makes it again of a client 3.3.5a`,
      ],
    },
  },
  {
    name: "realm row: its address and its gamebuild changed",
    quick: true,
    by: sql("UPDATE authserver.realmlist SET address = '203.0.113.9', gamebuild = 15595 WHERE id = 1"),
    look: sql("SELECT address, gamebuild FROM authserver.realmlist"),
    warns: {
      row: [
        ...drift(
          `the realm's address is "203.0.113.9", should be "wow.lab.test"`,
          "the realm's gamebuild is 15595, should be 12340",
        ),
        rowEffect,
      ],
    },
  },
  {
    name: "realm row: deleted",
    by: sql("DELETE FROM authserver.realmlist"),
    look: sql("SELECT id, name, address FROM authserver.realmlist"),
    warns: { row: [...drift("authserver.realmlist has no row 1 for this realm"), rowEffect] },
  },
];
