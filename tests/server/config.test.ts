import { lab, type Machine, onMachine } from "./on-machine";

const root = "/var/lib/trinity/Projects/trinity-335";
const folder = `${root}/etc/worldserver.conf.d`;
const dropIn = `${folder}/stack.conf`;
const environmentFile = "/etc/trinity-stack/worldserver.env";
const args = {
  server: "worldserver",
  root,
  secretsFolder: "/etc/trinity-stack",
  lines: [
    "# Written by the stack",
    "[worldserver]",
    "RealmID = 1",
    'Motd = "Welcome to the `Realm` of $Espionage; größer \\ 100% ☃"',
    "Console.Enable = 0",
    'Appender.Mine = "2,2,0,Mine.log"',
  ],
  environment: [
    "TC_LOGIN_DATABASE_INFO=.;/run/mysqld/mysqld.sock;auth_user;{auth};auth_server",
    "TC_WORLD_DATABASE_INFO=.;/run/mysqld/mysqld.sock;worldserver;{world};worldserver",
    "MYSQL_UNIX_PORT=/run/mysqld/mysqld.sock",
    "TC_TOTPMASTER_SECRET={setting.TOTPMasterSecret}",
  ],
};
const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => at + 32)).replace(/[;"]/g, "");
const secrets = {
  auth: printable,
  world: "ä€ \\\\ \\n $HOME `id` %h #x'",
  "setting.TOTPMasterSecret": "000102030405060708090A0B0C0D0E0F",
};

const dist = `[worldserver]
#    RealmName
#        EXPLAINED   = 1, and more
# RealmName = 1
RealmID = 1
  DataDir  = "."
Motd = "Welcome to a Trinity Core server."
Console.Enable=1
TOTPMasterSecret =
Quests.LowLevelHideDiff = 10
`;

const kinds = `${dist}Number = 10
Fraction = 0.9
Rate = 1
Switch = 1
Count = 1
Told = true
Text = "x"
Whole = 20
Appender.Mine=1
`;
/** As the real core's source has it. */
const reads = `
    m_bool_configs[CONFIG_SWITCH] = sConfigMgr->GetBoolDefault("Switch", true);
    m_int_configs[CONFIG_COUNT] = sConfigMgr->GetIntDefault("Count", 1);
    m_int_configs[CONFIG_WHOLE] = sConfigMgr->GetIntDefault("Whole", 20);
    rate_values[RATE] = sConfigMgr->GetFloatDefault("Rate", 1.0f);
`;

lab.describe("a server's settings", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-config", "bare");
    server.sh(`useradd -r -m -d /var/lib/trinity trinity
      install -d -o trinity -g trinity ${root} && install -d ${folder} && install -d -m 0700 /etc/trinity-stack`);
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (more = {}, given: Record<string, string> = secrets) =>
    server.observe("worldserver-config", "config", { ...args, ...more }, given);
  const apply = (more = {}, given: Record<string, string> = secrets) =>
    server.apply("worldserver-config", "config", { ...args, ...more }, given);

  it("are written from nothing, and then left alone", () => {
    expect(observe()).toEqual([`${dropIn} is missing`, `${environmentFile} is missing`]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
    expect(apply().out).toBe("as it should be\n");
    expect(server.sh(`cat ${dropIn}`)).toBe(args.lines.join("\n"));
    expect(server.sh(`stat -c '%a %U:%G' ${dropIn} ${environmentFile}`)).toBe("644 root:root\n600 root:root");
    expect(server.exec(`runuser -u trinity -- cat ${environmentFile}`).code).not.toBe(0);
  });

  it("reach the server's process as they are, through systemd and through a shell", () => {
    const wanted = [
      `TC_LOGIN_DATABASE_INFO=.;/run/mysqld/mysqld.sock;auth_user;${secrets.auth};auth_server`,
      `TC_WORLD_DATABASE_INFO=.;/run/mysqld/mysqld.sock;worldserver;${secrets.world};worldserver`,
      "MYSQL_UNIX_PORT=/run/mysqld/mysqld.sock",
      `TC_TOTPMASTER_SECRET=${secrets["setting.TOTPMasterSecret"]}`,
    ].sort();
    const systemd = server.sh(
      `systemd-run --quiet --pipe --wait -p EnvironmentFile=${environmentFile} env | grep -E '^(TC_|MYSQL_)' | LC_ALL=C sort`,
    );
    expect(systemd.split("\n").sort()).toEqual(wanted);
    const shell = server.sh(`set -a; . ${environmentFile}; env | grep -E '^(TC_|MYSQL_)'`);
    expect(shell.split("\n").sort()).toEqual(wanted);
  });

  const wantedMotd = args.lines[3]?.replace("Motd = ", "");
  it.each([
    ["a value edited", `sed -i 's/^Motd.*/Motd = "pwned"/' ${dropIn}`, [`Motd is "pwned", should be ${wantedMotd}`]],
    [
      "a number edited, a key gone",
      `sed -i 's/^Console.*/Console.Enable=1/; /^RealmID/d' ${dropIn}`,
      ["RealmID is not set, should be 1", "Console.Enable is 1, should be 0"],
    ],
    [
      "escape sequences",
      `printf 'Console.Enable = \\033[2J\\r\\n' >>${dropIn}; sed -i '0,/^Console/{/^Console/d}' ${dropIn}`,
      ["Console.Enable is ?[2J, should be 0"],
    ],
    [
      "lines added, whose content stays unsaid",
      `printf 'LoginDatabaseInfo = "hush;hush"\\nRealmID = 2\\nhush hush\\n[other]\\n' >>${dropIn}`,
      [
        "LoginDatabaseInfo is set, should not be",
        "RealmID is set twice",
        `line 9 of ${dropIn} should not be there`,
        `line 10 of ${dropIn} should not be there`,
      ],
    ],
    [
      "the section gone",
      `sed -i '/^\\[/d' ${dropIn}`,
      [`${dropIn} does not begin with [worldserver], so the server passes it over`],
    ],
    [
      "a comment edited",
      `sed -i '1s/.*/# mine/' ${dropIn}`,
      [`${dropIn} has other comments, or another order, than the stack's`],
    ],
    [
      "a link in its place",
      `cp ${dropIn} /root/copy && ln -sf /root/copy ${dropIn}`,
      [`${dropIn} has mode 0777, should be 0644`],
    ],
    [
      "mode and owner",
      `chmod 666 ${dropIn}; chown trinity ${dropIn}; chmod 644 ${environmentFile}`,
      [
        `${dropIn} has mode 0666, should be 0644`,
        `${dropIn} belongs to trinity:root, should be root:root`,
        `${environmentFile} has mode 0644, should be 0600`,
      ],
    ],
    [
      "secrets edited",
      `sed -i 's/^TC_WORLD.*/TC_WORLD_DATABASE_INFO="hush"/; /^TC_LOGIN/d' ${environmentFile}; echo 'LD_PRELOAD=hush' >>${environmentFile}`,
      [
        `${environmentFile}: LD_PRELOAD is set, should not be`,
        `${environmentFile}: TC_LOGIN_DATABASE_INFO is missing`,
        `${environmentFile}: TC_WORLD_DATABASE_INFO differs`,
      ],
    ],
    [
      "a comment in the environment",
      `echo '# hush' >>${environmentFile}`,
      [`${environmentFile} has other content than it should`],
    ],
    ["both gone", `rm ${dropIn} ${environmentFile}`, [`${dropIn} is missing`, `${environmentFile} is missing`]],
  ])("see and undo %s", (_, breakIt, sentences) => {
    server.sh(breakIt);
    expect(observe()).toEqual(sentences);
    const ran = apply();
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).not.toContain("hush");
    expect(observe()).toEqual([]);
  });

  it("name a changed password's variable, and not the password", () => {
    const changed = { ...secrets, world: "changed" };
    expect(observe({}, changed)).toEqual([`${environmentFile}: TC_WORLD_DATABASE_INFO differs`]);
    expect(apply({}, changed).code).toBe(0);
    expect(apply().code).toBe(0);
  });

  it("refuse a secret that no environment can hold, and write nothing", () => {
    const before = server.sh(`cat ${environmentFile} | sha256sum`);
    const ran = apply({}, { ...secrets, world: "two\nlines" });
    expect(ran).toMatchObject({
      code: 1,
      err: `error: the value of TC_WORLD_DATABASE_INFO may not contain '"' or line breaks: the server could not read it\n`,
    });
    expect(server.sh(`cat ${environmentFile} | sha256sum`)).toBe(before);
  });

  it("mention another file that the server reads as well", () => {
    server.sh(`touch ${folder}/mine.conf`);
    expect(observe()).toEqual([
      `! ${folder}/mine.conf is read as well; which file wins where both set a key is not defined`,
    ]);
    server.sh(`rm ${folder}/mine.conf`);
  });

  const places = {
    source: `${root}/src/src/server/worldserver`,
    candidate: `${root}/candidate/etc`,
    run: `${root}/run/etc`,
  };
  const put = (place: string, text: string) =>
    server.sh(`mkdir -p ${place} && cat >${place}/worldserver.conf.dist`, { stdin: text });
  const forget = () => server.sh(`rm -rf ${root}/src ${root}/candidate ${root}/run`);
  const setting = (line: string) => ({ lines: [...args.lines, line] });

  it.each([
    ["the source", places.source],
    ["the release to come", places.candidate],
    ["the live release", places.run],
  ])("refuse a key that %s does not know, and name the nearest", (_, place) => {
    put(place, dist);
    expect(observe()).toEqual([]);
    const lines = [...args.lines, "Quests.LowLevelHideDif = -1", "motd = 1", "Realm = 1"];
    const sentences = [
      "Quests.LowLevelHideDif is not a key of this release's worldserver.conf.dist; the nearest is Quests.LowLevelHideDiff",
      "motd is not a key of this release's worldserver.conf.dist; the nearest is Motd",
      "Realm is not a key of this release's worldserver.conf.dist; the nearest is RealmID",
    ].map((sentence) => `trinitycore:worldserver.settings: ${sentence}`);
    expect(observe({ lines })).toEqual(expect.arrayContaining(sentences.map((sentence) => `x ${sentence}`)));
    const ran = apply({ lines });
    expect(ran).toMatchObject({ code: 1, err: `error: ${sentences.join("\n  ")}\n  nothing was changed\n` });
    const environment = [...args.environment, "TC_HUSH={setting.Hush}"];
    expect(observe({ environment }, { ...secrets, "setting.Hush": "x" })).toEqual([
      expect.stringContaining("Hush is not a key of this release's worldserver.conf.dist"),
      `${environmentFile}: TC_HUSH is missing`,
    ]);
    forget();
  });

  it("know keys that stand commented out, and those with names of one's own", () => {
    put(places.source, dist);
    const lines = ["RealmName = 2", 'Appender.Own = "2,2,0,Own.log"', "Logger.own = 1", "Metric.Threshold.own = 50"];
    expect(observe({ lines: [...args.lines, ...lines] }).filter((line) => !line.includes("is not set"))).toEqual([]);
    // What is told in comments is no key.
    expect(observe(setting("EXPLAINED = 1"))).toEqual(
      expect.arrayContaining([expect.stringContaining("EXPLAINED is not a key")]),
    );
    forget();
  });

  it("do not refuse what the commit that is going to be checked out may know", () => {
    put(places.source, dist);
    const look = (asked: string) =>
      server.sh(`d=$(mktemp -d) && cp -r /usr/local/libexec/trinity-stack/current/. "$d" && r=$d/requests && mkdir -p "$r"/{source,worldserver-config}/secrets
        printf 'commit=${asked}\\0' >"$r/source/args"; echo source >"$r/source/kind"
        printf config >"$r/worldserver-config/kind"; printf '%s\\0' server=worldserver root=${root} secretsFolder=/etc/trinity-stack 'lines=New.Key = 1' >"$r/worldserver-config/args"
        bash "$d/observe.sh" | grep -F 'New.Key is not a key' | cut -c 1`);
    server.sh(
      "mkdir -p /var/lib/trinity-stack/receipts/source; printf 'commit=a\\0' >/var/lib/trinity-stack/receipts/source/args",
    );
    expect([look("a"), look("b")]).toEqual(["x", "-"]);
    server.sh("rm -r /var/lib/trinity-stack/receipts/source");
    forget();
  });

  it.each([
    ["a number with blanks behind it", 'Number = "2 "', "Number = 2"],
    ["a number with a tab before it", 'Number = "\t2"', "Number = 2"],
    ["a signed number", 'Number = "+5"', "Number = +5"],
    ["leading zeros", 'Number = "007"', "Number = 007"],
    ["a fraction without a zero", 'Fraction = ".5"', "Fraction = .5"],
    ["an exponent", 'Fraction = "1e-3"', "Fraction = 1e-3"],
    ["a fraction where the default is a whole number", "Rate = 2.5", "Rate = 2.5"],
    ["a word for a switch", 'Switch = "Yes"', "Switch = Yes"],
    ["a word with blanks for a switch", 'Told = " off "', "Told = off"],
    ["a text like a number", 'Text = "007"', 'Text = "007"'],
    ["a text with outer blanks", 'Text = " 2 "', 'Text = " 2 "'],
    ["a key without a value", 'TOTPMasterSecret = "1,5"', 'TOTPMasterSecret = "1,5"'],
  ])("are written as the core reads them: %s", (_, line, written) => {
    put(places.source, kinds);
    expect(apply(setting(line))).toMatchObject({ code: 0, err: "" });
    expect(server.sh(`tail -n 1 ${dropIn}`)).toBe(written);
    expect(observe(setting(line))).toEqual([]);
    forget();
  });

  const fix = (key: string, value: string) =>
    `; pulumi config set --path 'trinitycore:["worldserver.settings"]["${key}"]' ${value}`;
  it.each([
    ["Number", "1,5", "a number, its default is 10,", "1.5"],
    ["Number", "1.5f", "a number, its default is 10,", "1.5"],
    ["Number", "0x10", "a number, its default is 10,", "16"],
    ["Number", "ten", "a number, its default is 10,", "…"],
    ["Number", "", "a number, its default is 10,", "…"],
    ["Number", "1 000", "a number, its default is 10,", "…"],
    ["Number", "yes", "a number, its default is 10,", "…"],
    ["Fraction", "0,9", "a number, its default is 0.9,", "0.9"],
    ["Fraction", "1e999", "a number, its default is 0.9,", "…"],
    ["Fraction", "nan", "a number, its default is 0.9,", "…"],
    ["Whole", "1.5", "a whole number, its default is 20,", "…"],
    ["Whole", "1e3", "a whole number, its default is 20,", "…"],
    ["Count", "yes", "a whole number, its default is 1,", "…"],
    ["Told", "2", "a switch (1 or 0, yes or no, on or off, true or false), its default is true,", "…"],
    ["Switch", "2", "a switch (1 or 0, yes or no, on or off, true or false), its default is 1,", "…"],
    ["Switch", "enabled", "a switch (1 or 0, yes or no, on or off, true or false), its default is 1,", "…"],
  ])("refuse what the core could not read: %s = %j", (key, value, takes, guess) => {
    put(places.source, kinds);
    server.sh(`cat >${places.source}/Main.cpp`, { stdin: reads });
    const sentence = `trinitycore:worldserver.settings: ${key} is ${takes} and the core cannot read "${value}" as one${fix(key, guess)}`;
    expect(observe(setting(`${key} = "${value}"`))).toContain(`x ${sentence}`);
    forget();
  });

  it("refuse numbers that are out of the core's range", () => {
    put(places.source, kinds);
    expect(observe(setting("Number = -2147483648"))).not.toContain(expect.stringContaining("cannot read"));
    for (const value of ["2147483648", "-2147483649", "99999999999999999999"])
      expect(observe(setting(`Number = ${value}`))).toContain(
        `x trinitycore:worldserver.settings: Number is a number, its default is 10, and the core cannot read "${value}" as one: it goes from -2147483648 to 2147483647${fix("Number", "…")}`,
      );
    forget();
  });

  it("look at secret values too, and tell none", () => {
    put(places.source, kinds);
    const environment = [...args.environment, "TC_NUMBER={setting.Number}"];
    const ran = apply({ environment }, { ...secrets, "setting.Number": "hush" });
    expect(ran.err).toBe(
      `error: trinitycore:worldserver.settings: Number is a number, its default is 10, and the core cannot read "(its secret value)" as one; pulumi config set --secret --path 'trinitycore:["worldserver.settings"]["Number"]' …\n  nothing was changed\n`,
    );
    expect(apply({ environment }, { ...secrets, "setting.Number": " 5 " }).code).toBe(0);
    expect(server.sh(`grep NUMBER ${environmentFile}`)).toBe('TC_NUMBER="5"');
    expect(observe({ environment }, { ...secrets, "setting.Number": " 5 " })).toEqual([]);
    forget();
    expect(apply().code).toBe(0);
  });

  it("do not follow a link that the service user put in the way", () => {
    server.sh(`mv ${root}/etc ${root}/etc.real && runuser -u trinity -- ln -s /etc ${root}/etc`);
    expect(apply().err).toContain(`error: ${root}/etc should be a folder that belongs to root`);
    server.sh(`rm ${root}/etc && mv ${root}/etc.real ${root}/etc`);
    expect(observe()).toEqual([]);
  });

  it("go with the stack", () => {
    expect(server.undo("worldserver-config").code).toBe(0);
    expect(server.sh(`ls -A ${folder} /etc/trinity-stack`)).toBe(`/etc/trinity-stack:\n\n${folder}:`);
  });
});
