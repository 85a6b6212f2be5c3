import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { dropIn, environment, serverConfigPlan } from "../../../components/servers/config";
import { environmentName, mayComeFromEnvironment, settingLine } from "../../../settings/conf-lines";
import type { Facts } from "../../../steps/facts";
import { onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const facts = { os: { id: "fedora", versionId: "42", like: [], name: "Fedora 42" } } as unknown as Facts;
const passwords = { auth: pulumi.secret("A"), characters: pulumi.secret("C"), world: pulumi.secret("W") };

describe("a key as environment variable", () => {
  it.each([
    ["RealmID", "TC_REALM_ID"],
    ["DataDir", "TC_DATA_DIR"],
    ["LogsDir", "TC_LOGS_DIR"],
    ["LoginDatabaseInfo", "TC_LOGIN_DATABASE_INFO"],
    ["WorldDatabaseInfo", "TC_WORLD_DATABASE_INFO"],
    ["CharacterDatabaseInfo", "TC_CHARACTER_DATABASE_INFO"],
    ["BindIP", "TC_BIND_IP"],
    ["WorldServerPort", "TC_WORLD_SERVER_PORT"],
    ["RealmServerPort", "TC_REALM_SERVER_PORT"],
    ["SourceDirectory", "TC_SOURCE_DIRECTORY"],
    ["PidFile", "TC_PID_FILE"],
    ["ThreadPool", "TC_THREAD_POOL"],
    ["GameType", "TC_GAME_TYPE"],
    ["RealmZone", "TC_REALM_ZONE"],
    ["Motd", "TC_MOTD"],
    ["LogDB.Opt.ClearTime", "TC_LOG_DB_OPT_CLEAR_TIME"],
    ["Rate.XP.Kill", "TC_RATE_XP_KILL"],
    ["Console.Enable", "TC_CONSOLE_ENABLE"],
    ["Ra.Enable", "TC_RA_ENABLE"],
    ["Ra.IP", "TC_RA_IP"],
    ["Ra.Port", "TC_RA_PORT"],
    ["Ra.MinLevel", "TC_RA_MIN_LEVEL"],
    ["SOAP.Enabled", "TC_SOAP_ENABLED"],
    ["SOAP.IP", "TC_SOAP_IP"],
    ["SOAP.Port", "TC_SOAP_PORT"],
    ["Updates.EnableDatabases", "TC_UPDATES_ENABLE_DATABASES"],
    ["Updates.AutoSetup", "TC_UPDATES_AUTO_SETUP"],
    ["Updates.CleanDeadRefMaxCount", "TC_UPDATES_CLEAN_DEAD_REF_MAX_COUNT"],
    ["TOTPMasterSecret", "TC_TOTPMASTER_SECRET"],
    ["TOTPOldMasterSecret", "TC_TOTPOLD_MASTER_SECRET"],
    ["MySQLExecutable", "TC_MY_SQLEXECUTABLE"],
    ["IPLocationFile", "TC_IPLOCATION_FILE"],
    ["mmap.enablePathFinding", "TC_MMAP_ENABLE_PATH_FINDING"],
    ["vmap.enableLOS", "TC_VMAP_ENABLE_LOS"],
    ["vmap.enableHeight", "TC_VMAP_ENABLE_HEIGHT"],
    ["MaxCoreStuckTime", "TC_MAX_CORE_STUCK_TIME"],
    ["Server.LoginInfo", "TC_SERVER_LOGIN_INFO"],
    ["ArenaTeam.CharterCost.2v2", "TC_ARENA_TEAM_CHARTER_COST_2_V_2"],
    ["Logger.root", "TC_LOGGER_ROOT"],
    ["myNestedConfig.opt1", "TC_MY_NESTED_CONFIG_OPT_1"],
  ])("%s is %s", (key, name) => {
    expect(environmentName(key)).toBe(name);
  });

  it("is a name that systemd and a shell accept", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._]+$/), (key) => /^TC_[A-Z0-9_]+$/.test(environmentName(key))),
    );
  });

  it("adds no appender and no logger", () => {
    expect(
      ["Appender.Mine", "Logger.mine", "Metric.Threshold.mine", "Motd", "AppenderX"].filter(mayComeFromEnvironment),
    ).toEqual(["Motd", "AppenderX"]);
  });
});

describe("a line of a .conf", () => {
  it.each([
    ["1", "K = 1"],
    ["-1", "K = -1"],
    ["0.5", "K = 0.5"],
    ["", 'K = ""'],
    [" two spaces ", 'K = " two spaces "'],
    ["1,2,0", 'K = "1,2,0"'],
    ["1e3", "K = 1e3"],
    ["+5", "K = +5"],
    [".5", "K = .5"],
    ["5.", "K = 5."],
    ["007", "K = 007"],
    ["2 ", 'K = "2 "'],
    ["1,5", 'K = "1,5"'],
    ["1.5f", 'K = "1.5f"'],
    ["0x10", 'K = "0x10"'],
    [".", 'K = "."'],
    ["1e", 'K = "1e"'],
    ["; no # comment \\ größer", 'K = "; no # comment \\ größer"'],
  ])("of %j is %s", (value, line) => {
    expect(settingLine("K", value)).toBe(line);
  });

  it.each(['a"b', "a\nb", "a\u0000b"])("refuses %j", (value) => {
    expect(() => settingLine("Motd", value)).toThrow("Motd may not contain");
  });
});

describe("the drop-in", () => {
  it("of an authserver", () => {
    expect(dropIn(onLab(load({ "login.port": "3725", "host.user.home": "/srv/wow" })), "authserver")).toEqual([
      expect.stringMatching(/^# /),
      "[authserver]",
      "RealmServerPort = 3725",
      'LogsDir = "/srv/wow/Projects/trinity-335/logs"',
      'SourceDirectory = "/srv/wow/Projects/trinity-335/run"',
      'MySQLExecutable = "/usr/bin/mariadb"',
      "Updates.EnableDatabases = 0",
      "Updates.CleanDeadRefMaxCount = 0",
      'Appender.Auth = "2,2,0,Auth.log,a"',
    ]);
  });

  it("of the page's worldserver, whatever the order of its settings", () => {
    const page = {
      Motd: "Welcome to the Realm of Espionage World of Warcraft server!",
      "Server.LoginInfo": 1,
      BirthdayTime: 1170471600,
      "Quests.LowLevelHideDiff": -1,
    };
    const lines = dropIn(onLab(load({ "realms.wotlk.settings": JSON.stringify(page) })), "worldserver");
    expect(lines.slice(2)).toEqual([
      "RealmID = 1",
      "WorldServerPort = 8085",
      'DataDir = "/var/lib/trinity/Projects/trinity-335/data"',
      'LogsDir = "/var/lib/trinity/Projects/trinity-335/logs"',
      'SourceDirectory = "/var/lib/trinity/Projects/trinity-335/run"',
      'MySQLExecutable = "/usr/bin/mariadb"',
      "Updates.EnableDatabases = 0",
      "Updates.CleanDeadRefMaxCount = 0",
      'Appender.Server = "2,2,0,Server.log,a"',
      "Console.Enable = 0",
      "Ra.Enable = 0",
      "SOAP.Enabled = 1",
      'SOAP.IP = "127.0.0.1"',
      "SOAP.Port = 7878",
      "BirthdayTime = 1170471600",
      'Motd = "Welcome to the Realm of Espionage World of Warcraft server!"',
      "Quests.LowLevelHideDiff = -1",
      "Server.LoginInfo = 1",
    ]);
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(page).reverse()));
    expect(dropIn(onLab(load({ "realms.wotlk.settings": reversed })), "worldserver")).toEqual(lines);
  });

  it("opens the consoles exactly when networks are named", () => {
    const lines = dropIn(
      onLab(
        load({
          "realms.wotlk.console.networks": '["192.168.1.0/24"]',
          "realms.wotlk.console.port": "3444",
          "realms.wotlk.id": "2",
        }),
      ),
      "worldserver",
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        "RealmID = 2",
        "Ra.Enable = 1",
        'Ra.IP = "0.0.0.0"',
        "Ra.Port = 3444",
        'SOAP.IP = "127.0.0.1"',
      ]),
    );
    expect(dropIn(onLab(load({})), "worldserver").join()).not.toContain("Ra.IP");
    expect(dropIn(onLab(load({ "realms.wotlk.soap.networks": '["10.0.0.7/32"]' })), "worldserver")).toEqual(
      expect.arrayContaining(["Ra.Enable = 0", "SOAP.Enabled = 1", 'SOAP.IP = "0.0.0.0"', "SOAP.Port = 7878"]),
    );
  });
});

it.each([
  ['["127.0.0.1/32"]', "127.0.0.1"],
  ['["127.0.0.0/8","127.9.0.0/16"]', "127.0.0.1"],
  ['["::1/128"]', "::1"],
  ['["10.0.0.0/8"]', "0.0.0.0"],
  ['["127.0.0.0/8","10.0.0.0/8"]', "0.0.0.0"],
  ['["fd00::/8"]', "::"],
  ['["fd00::/8","10.0.0.0/8"]', "::"],
])("the console for %s listens on %s", (networks, address) => {
  expect(dropIn(onLab(load({ "realms.wotlk.console.networks": networks })), "worldserver")).toContain(
    `Ra.IP = "${address}"`,
  );
});

describe("the environment", () => {
  const settings = load({ "login.database.name": "auth_1", "login.database.user": "au" });

  it("names places for passwords, not passwords", () => {
    expect(environment(onLab(settings), "authserver", "/s")).toEqual([
      "TC_LOGIN_DATABASE_INFO=.;/s;au;{auth};auth_1",
      "MYSQL_UNIX_PORT=/s",
    ]);
    expect(environment(onLab(settings), "worldserver", "/s")).toEqual([
      "TC_LOGIN_DATABASE_INFO=.;/s;au;{auth};auth_1",
      "TC_WORLD_DATABASE_INFO=.;/s;worldserver;{world};worldserver",
      "TC_CHARACTER_DATABASE_INFO=.;/s;characters;{characters};characters",
      "MYSQL_UNIX_PORT=/s",
    ]);
  });
});

describe("the plan of a server's settings", () => {
  it("gives the authserver the login database's password only", () => {
    const plan = serverConfigPlan(onLab(load({})), facts, "authserver", passwords);
    expect(plan).toMatchObject({
      step: "authserver-config",
      kind: "config",
      args: {
        server: "authserver",
        root: "/var/lib/trinity/Projects/trinity-335",
        secretsFolder: "/etc/trinity-stack",
      },
      effect: "restarts the authserver, unless it runs with these settings already",
    });
    expect(plan.args.environment).toContain("MYSQL_UNIX_PORT=/var/lib/mysql/mysql.sock");
    expect(Object.keys(plan.secrets ?? {})).toEqual(["auth"]);
  });

  it("sends a secret setting through the environment, never through the drop-in", () => {
    const plain = load({});
    const secret = { Motd: "hi", TOTPMasterSecret: pulumi.secret("0A0B") };
    const settings = { ...plain, realm: { ...plain.realm, settings: secret } };
    const plan = serverConfigPlan(onLab(settings), facts, "worldserver", passwords);
    expect(plan.args.environment).toContain("TC_TOTPMASTER_SECRET={setting.TOTPMasterSecret}");
    expect(JSON.stringify(plan.args)).not.toMatch(/0A0B|TOTPMasterSecret =/);
    expect(Object.keys(plan.secrets ?? {})).toEqual(["auth", "world", "characters", "setting.TOTPMasterSecret"]);
  });
});
