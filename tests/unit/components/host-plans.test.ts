import { clearTextWarnings, firewallPlan } from "../../../components/host/firewall";
import { logsPlan } from "../../../components/host/logs";
import { packagesPlan } from "../../../components/host/packages";
import { selinuxPlan } from "../../../components/host/selinux";
import { userPlan } from "../../../components/host/user";
import { wayInPlan } from "../../../components/host/way-in";
import { dropIn } from "../../../components/servers/config";
import { serverServicePlan } from "../../../components/servers/service";
import { serverUnitPlan } from "../../../components/servers/unit";
import { facts, fedoraFacts, onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const root = "/var/lib/trinity/Projects/trinity-335";
const moved = load({
  "host.user.name": "wow",
  "host.user.group": "games1",
  "host.user.home": "/srv/wow.d",
  "login.port": "3725",
  "realms.wotlk.port": "8086",
});

describe("plans of the host's steps", () => {
  it("have names of their own", () => {
    const settings = load({});
    const plans = [
      userPlan(onLab(settings)),
      packagesPlan(onLab(settings), facts()),
      firewallPlan(onLab(settings), facts()),
      wayInPlan(onLab(settings), facts()),
      selinuxPlan(onLab(settings), facts()),
      logsPlan(onLab(settings)),
      ...(["authserver", "worldserver"] as const).flatMap((server) => [
        serverUnitPlan(onLab(settings), facts(), server),
        serverServicePlan(onLab(settings), facts(), server),
      ]),
    ];
    const names = plans.map(({ step }) => step);
    expect(names).toEqual([
      ...["user", "packages", "firewall", "way-in", "selinux", "logs"],
      ...["authserver-unit", "authserver", "worldserver-unit", "worldserver"],
    ]);
    for (const { secrets } of plans) expect(secrets).toBeUndefined();
  });

  it("user: parents before children, nobody's secrets open", () => {
    const { folders, shell } = userPlan(onLab(load({}))).args;
    expect(shell).toBe("/usr/sbin/nologin");
    expect(folders).toEqual([
      "0750 root:trinity /var/lib/trinity",
      "0755 root:root /var/lib/trinity/Projects",
      ...["", "/releases", "/etc", "/etc/authserver.conf.d", "/etc/worldserver.conf.d", "/work"].map(
        (folder) => `0755 root:root ${root}${folder}`,
      ),
      "0700 root:root /etc/trinity-stack",
      ...["data", "work/authserver", "work/worldserver"].map((folder) => `0755 trinity:trinity ${root}/${folder}`),
      `0750 trinity:trinity ${root}/logs`,
      "0700 trinity:trinity /var/lib/trinity/.cache",
    ]);
    expect(userPlan(onLab(moved)).args).toMatchObject({ name: "wow", group: "games1", home: "/srv/wow.d" });
  });

  it.each([
    ["nothing but the players' ports", {}, ["3724/tcp", "8085/tcp"], [], []],
    ["moved ports", { "login.port": "3725", "realms.wotlk.port": "8086" }, ["3725/tcp", "8086/tcp"], [], []],
    [
      "nothing for the host itself",
      { "realms.wotlk.console.networks": '["127.0.0.0/8"]', "realms.wotlk.soap.networks": '["127.0.0.1/32"]' },
      ["3724/tcp", "8085/tcp"],
      [],
      [],
    ],
    [
      "the console and SOAP for named networks alone",
      {
        "realms.wotlk.console.networks": '["10.0.0.0/8","fd00::/8"]',
        "realms.wotlk.soap.networks": '["10.1.0.0/16"]',
        "realms.wotlk.soap.port": "7879",
      },
      ["3724/tcp", "8085/tcp"],
      ["10.0.0.0/8 3443/tcp", "fd00::/8 3443/tcp", "10.1.0.0/16 7879/tcp"],
      ["3443/tcp realms.wotlk.console.networks", "7879/tcp realms.wotlk.soap.networks"],
    ],
  ])("firewall: %s", (_what, config, ports, sources, keys) => {
    expect(firewallPlan(onLab(load(config as Record<string, string>)), facts()).args).toEqual({
      backend: "firewalld",
      ssh: 22,
      zone: "",
      ports,
      sources,
      keys,
    });
  });

  it.each<[Readonly<Record<string, string>>, RegExp[]]>([
    [{}, []],
    [{ "realms.wotlk.console.networks": '["127.0.0.0/8"]' }, []],
    [
      { "realms.wotlk.console.networks": '["10.0.0.0/8","fd00::/8"]', "realms.wotlk.soap.networks": '["10.1.0.0/16"]' },
      [
        /^trinitycore:realms\.wotlk\.console\.networks: 3443\/tcp is for 10\.0\.0\.0\/8, fd00::\/8, and has no encryption.* ssh -L 3443:/,
        /^trinitycore:realms\.wotlk\.soap\.networks: 7878\/tcp is for 10\.1\.0\.0\/16, and has no encryption.* ssh -L 7878:/,
      ],
    ],
  ])("a console that others reach is warned of: %j", (config, wanted) => {
    expect(clearTextWarnings(load(config))).toEqual(wanted.map((text) => expect.stringMatching(text)));
  });

  it("selinux: the real path of every release, special characters taken literally", () => {
    expect(selinuxPlan(onLab(moved), fedoraFacts).args).toEqual({
      enabled: true,
      patterns: [
        "/usr/local/libexec/trinity-stack(/.*)?",
        "/srv/wow\\.d/Projects/trinity-335/releases/[^/]+/bin(/.*)?",
      ],
      scripts: "/usr/local/libexec/trinity-stack",
      type: "bin_t",
      releases: "/srv/wow.d/Projects/trinity-335/releases",
    });
    expect(selinuxPlan(onLab(moved), facts()).args.enabled).toBe(false);
  });

  it("service: says what a restart means to players, and what the worldserver cannot do without", () => {
    expect(serverServicePlan(onLab(load({})), facts(), "worldserver")).toMatchObject({
      args: {
        unit: "worldserver.service",
        port: 8085,
        log: `${root}/logs/Server.log`,
        aliases: ["tc-335-world.service"],
        needs: [`${root}/data/dbc`, `${root}/data/maps`, `${root}/data/vmaps`],
      },
      effect: expect.stringContaining("players are disconnected"),
    });
    expect(serverServicePlan(onLab(moved), facts(), "authserver")).toMatchObject({
      args: { port: 3725, needs: [], aliases: ["tc-335-auth.service"] },
      effect: expect.stringContaining("players stay in the world"),
    });
  });
});

describe("units", () => {
  const unit = (settings = load({}), server: "authserver" | "worldserver" = "worldserver") =>
    String(serverUnitPlan(onLab(settings), facts(), server).args.content).split("\n");

  it("follow the settings", () => {
    const lines = unit(moved, "authserver");
    const base = "/srv/wow.d/Projects/trinity-335";
    expect(lines).toEqual(
      expect.arrayContaining([
        "User=wow",
        "Group=games1",
        `WorkingDirectory=${base}/work/authserver`,
        "EnvironmentFile=/etc/trinity-stack/authserver.env",
        `ExecStart=/usr/bin/stdbuf -oL ${base}/run/bin/authserver -c ${base}/run/etc/authserver.conf.dist --config-dir ${base}/etc/authserver.conf.d`,
        "ExecStartPost=+/usr/local/libexec/trinity-stack/current/probe.sh 3725",
        `ReadWritePaths=${base}/logs ${base}/work/authserver`,
        "Alias=tc-335-auth.service",
      ]),
    );
  });

  it("set the logs of the last start aside, and empty at night all but those of which the operator says how they are written", () => {
    const asides = (server: "authserver" | "worldserver") =>
      unit(load({}), server)
        .filter((line) => line.includes(" aside "))[0]
        ?.replace(/.* aside /, "");
    const logs = "/var/lib/trinity/Projects/trinity-335/logs";
    expect([asides("authserver"), asides("worldserver")]).toEqual([
      `${logs}/Auth.log`,
      `${logs}/Server.log ${logs}/DBErrors.log`,
    ]);
    const nightly = (settings: Record<string, string>) =>
      /nightly (.*)/.exec(String(logsPlan(onLab(load(settings))).args.service))?.[1];
    expect(nightly({})).toBe(`${logs} 30`);
    const own = { "realms.wotlk.settings": '{"Appender.Server":"2,2,1,Server.log,w"}' };
    expect(nightly(own)).toBe(`${logs} 30 Server.log`);
    expect(dropIn(onLab(load({})), "worldserver")).toContain('Appender.Server = "2,2,0,Server.log,a"');
    expect(dropIn(onLab(load(own)), "worldserver").filter((line) => line.startsWith("Appender"))).toEqual([
      'Appender.Server = "2,2,1,Server.log,w"',
    ]);
  });

  it("stop before MariaDB and start after it, whoever restarts it, and are not tried while it is away", () => {
    expect(unit().filter((line) => line.includes("mariadb"))).toEqual([
      "Wants=network-online.target mariadb.service",
      "Requisite=mariadb.service",
      "PartOf=mariadb.service",
      "After=network-online.target mariadb.service",
      "WantedBy=multi-user.target mariadb.service",
    ]);
    expect(unit().join()).not.toMatch(/Requires|mysqld/);
  });

  it("keep the worldserver alone from starting without game data", () => {
    expect(unit().filter((line) => line.startsWith("Condition"))).toEqual(
      ["dbc", "maps", "vmaps"].map((folder) => `ConditionDirectoryNotEmpty=${root}/data/${folder}`),
    );
    expect(unit(load({}), "authserver").join()).not.toContain("Condition");
  });

  it("leave a home below /home readable", () => {
    expect(unit()).toContain("ProtectHome=yes");
    expect(unit(load({ "host.user.home": "/home/trinity" }))).toContain("ProtectHome=read-only");
  });

  it("put the schedule and the days to keep where they belong", () => {
    const { service, timer } = logsPlan(
      onLab(load({ "host.logs.schedule": "Mon 04:00", "host.logs.keepDays": "7" })),
    ).args;
    expect(String(timer).split("\n")).toEqual(expect.arrayContaining(["OnCalendar=Mon 04:00", "Persistent=true"]));
    expect(service).toContain(`rotate-logs.sh nightly ${root}/logs 7\n`);
    expect(service).toContain("User=trinity\n");
  });
});
