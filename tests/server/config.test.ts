import { lab, type Machine, onMachine } from "./on-machine";

const root = "/var/lib/trinity/Projects/trinity-335";
const folder = `${root}/etc/worldserver.conf.d`;
const dropIn = `${folder}/stack.conf`;
const environmentFile = "/etc/trinity-stack/worldserver.env";
const args = {
  "realm.key": "wotlk",
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

  const reloads = "effect: reloads the worldserver's settings, unless it runs with them already; players stay online";
  const wantedMotd = args.lines[3]?.replace("Motd = ", "");
  it.each([
    [
      "a value edited",
      `sed -i 's/^Motd.*/Motd = "pwned"/' ${dropIn}`,
      [`Motd is "pwned", should be ${wantedMotd}`, reloads],
    ],
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
      [`${dropIn} has other comments, or another order, than the stack's`, reloads],
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

  it.each([
    [
      "a key of the stack's",
      "mine.conf",
      "[worldserver]\nMotd = hush\nRate.XP.Kill = 2\n",
      "sets Motd as the stack does",
    ],
    [
      "one in a folder below",
      "more/odd.conf",
      "# mine\n[x]\n  RealmID=2\n\tMotd =\n[y]\nConsole.Enable = 1\n",
      "sets Motd, RealmID as the stack does",
    ],
    [
      "a key of its own",
      "mine.conf",
      "[worldserver]\nRate.XP.Kill = 2\nTOTPMasterSecret = hush\n",
      "is read as well; it sets Rate.XP.Kill, TOTPMasterSecret",
    ],
    [
      "no section",
      "mine.conf",
      "Motd = hush\n[worldserver]\nMotd = hush\n",
      "is read as well, but sets nothing: its first line should be [worldserver], with the keys below",
    ],
    ["nothing", "mine.conf", "", "is empty: the server will not start with it"],
  ])("tell of another file that the server reads as well, with %s, and keep it", (_, name, text, says) => {
    server.sh(`mkdir -p ${folder}/more && cat >${folder}/${name}`, { stdin: text });
    const lucky = /as the stack does$/.test(says)
      ? ", and which of the two wins is a matter of luck: take it out there, or let trinitycore:realms.wotlk.settings have it"
      : "";
    expect(observe()).toEqual([`hint: ${folder}/${name} ${says}${lucky}`]);
    expect(apply().out).not.toContain("hush");
    expect(server.sh(`test -e ${folder}/${name} && rm -r ${folder}/${name} ${folder}/more && echo kept`)).toBe("kept");
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
