import { lab, type Machine, onMachine } from "./on-machine";

const root = "/var/lib/trinity/Projects/trinity-335";
const dropIn = `${root}/etc/worldserver.conf.d/stack.conf`;
const environmentFile = "/etc/trinity-stack/worldserver.env";
const args = {
  "realm.key": "wotlk",
  server: "worldserver",
  root,
  secretsFolder: "/etc/trinity-stack",
  lines: ["[worldserver]", "RealmID = 1"],
  environment: ["MYSQL_UNIX_PORT=/run/mysqld/mysqld.sock"],
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

lab.describe("the keys and values of a server's settings", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-values", "bare");
    server.sh(
      `useradd -r -d /var/lib/trinity trinity && install -d ${root}/etc/worldserver.conf.d && install -d -m 0700 /etc/trinity-stack`,
    );
    apply();
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (more = {}, secrets = {}) =>
    server.observe("worldserver-config", "config", { ...args, ...more }, secrets);
  const apply = (more = {}, secrets = {}) =>
    server.apply("worldserver-config", "config", { ...args, ...more }, secrets);

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
    ].map((sentence) => `trinitycore:realms.wotlk.settings: ${sentence}`);
    expect(observe({ lines })).toEqual(expect.arrayContaining(sentences.map((sentence) => `refused: ${sentence}`)));
    const ran = apply({ lines });
    expect(ran).toMatchObject({ code: 1, err: `error: ${sentences.join("\n  ")}\n  nothing was changed\n` });
    const environment = [...args.environment, "TC_HUSH={setting.Hush}"];
    expect(observe({ environment }, { "setting.Hush": "x" })).toEqual([
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
        bash "$d/run/observe.sh" | grep -F 'New.Key is not a key' | cut -d : -f 1`);
    server.sh(
      "mkdir -p /var/lib/trinity-stack/receipts/source; printf 'commit=a\\0' >/var/lib/trinity-stack/receipts/source/args",
    );
    expect([look("a"), look("b")]).toEqual(["refused", "drift"]);
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
    `; pulumi config set --path 'trinitycore:realms.wotlk.settings["${key}"]' ${value}`;
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
    const sentence = `trinitycore:realms.wotlk.settings: ${key} is ${takes} and the core cannot read "${value}" as one${fix(key, guess)}`;
    expect(observe(setting(`${key} = "${value}"`))).toContain(`refused: ${sentence}`);
    forget();
  });

  it("refuse numbers that are out of the core's range", () => {
    put(places.source, kinds);
    expect(observe(setting("Number = -2147483648"))).not.toContain(expect.stringContaining("cannot read"));
    for (const value of ["2147483648", "-2147483649", "99999999999999999999"])
      expect(observe(setting(`Number = ${value}`))).toContain(
        `refused: trinitycore:realms.wotlk.settings: Number is a number, its default is 10, and the core cannot read "${value}" as one: it goes from -2147483648 to 2147483647${fix("Number", "…")}`,
      );
    forget();
  });

  it("look at secret values too, and tell none", () => {
    put(places.source, kinds);
    const environment = [...args.environment, "TC_NUMBER={setting.Number}"];
    const ran = apply({ environment }, { "setting.Number": "hush" });
    expect(ran.err).toBe(
      `error: trinitycore:realms.wotlk.settings: Number is a number, its default is 10, and the core cannot read "(its secret value)" as one; pulumi config set --secret --path 'trinitycore:realms.wotlk.settings["Number"]' …\n  nothing was changed\n`,
    );
    expect(apply({ environment }, { "setting.Number": " 5 " }).code).toBe(0);
    expect(server.sh(`grep NUMBER ${environmentFile}`)).toBe('TC_NUMBER="5"');
    expect(observe({ environment }, { "setting.Number": " 5 " })).toEqual([]);
    forget();
  });
});
