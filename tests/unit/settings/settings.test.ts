import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isReadableFile, loadSettings, SettingsError } from "../../../settings";
import { ed25519, load, problems, source } from "./source";

describe("settings", () => {
  it("have a default for everything that need not be set", () => {
    const settings = load({});
    expect(settings).toMatchObject({
      host: {
        address: "wow.example.net",
        ssh: { user: "root", port: 22, agent: true, jumpHost: "" },
        takeover: false,
        logs: { schedule: "*-*-* 03:00:00", keepDays: 30 },
      },
      login: { port: 3724, settings: {}, database: { name: "authserver", user: "authserver" } },
      core: { releases: { keep: 3 } },
      realm: {
        ...{
          key: "wotlk",
          id: 1,
          name: "Trinity",
          localAddress: "127.0.0.1",
          port: 8085,
          gamebuild: 12340,
          settings: {},
        },
        console: { port: 3443, networks: [] },
        databases: { characters: { name: "characters" } },
      },
      databases: { startEmpty: false, rotation: 0 },
      update: { schedule: "manual", build: "*-*-* 01:00:00", live: "*-*-* 03:00:00", jobs: 0 },
      restarts: "now",
      announce: { seconds: 300 },
      window: { schedule: "*-*-* 04:00:00", minutes: 120 },
    });
  });

  it("fill in what follows from other keys", () => {
    expect(load({}).realm.address).toBe("wow.example.net");
    expect(load({ "realms.wotlk.address": "play.example.net" }).realm.address).toBe("play.example.net");
    expect(load({ "host.ssh.user": "admin" }).host.ssh.jumpUser).toBe("admin");
  });

  it("turn texts into numbers, booleans, lists and maps", () => {
    const settings = load({
      "realms.wotlk.port": "8086",
      "host.takeover": "true",
      "realms.wotlk.soap.networks": '["10.0.0.0/8"]',
      "realms.wotlk.settings": '{"Rate.XP.Kill":0.5,"AllowTwoSide":true,"Motd":"Hi","Quests.LowLevelHideDiff":-1}',
      "core.build.options": '{"TOOLS":false}',
      "core.source.commit": "A".repeat(40),
      "host.key": `${ed25519} root@wow\n`,
    });
    expect(settings.realm.port).toBe(8086);
    expect(settings.host.takeover).toBe(true);
    expect(settings.realm.soap.networks).toEqual(["10.0.0.0/8"]);
    expect(settings.realm.settings).toEqual({
      "Rate.XP.Kill": "0.5",
      AllowTwoSide: "1",
      Motd: "Hi",
      "Quests.LowLevelHideDiff": "-1",
    });
    expect(settings.core.build.options).toEqual({ TOOLS: "0" });
    expect(settings.core.source.commit).toBe("a".repeat(40));
    expect(settings.host.key).toBe(ed25519);
  });

  it("take an IPv6 host when players get another address", () => {
    expect(load({ "host.address": "fd00::1", "realms.wotlk.address": "wow.example.net" }).host.address).toBe("fd00::1");
  });
});

describe("the error", () => {
  const broken = source({ "host.key": "", "realms.wotlk.adress": "x", "login.database.password": "a;b" }, [
    "login.database.password",
  ]);

  it("names every problem, with the path, what is wrong and the fix", () => {
    expect(() => loadSettings(broken)).toThrow(
      new Error(
        [
          "3 problems in the stack config (Pulumi.test.yaml); nothing was touched",
          "  trinitycore:host.key                 missing. Print the host's key with `npm run realm -- host-key wow.example.net`, compare it, then",
          "                                       pulumi config set --path trinitycore:host.key 'ssh-ed25519 AAAA…'",
          "  trinitycore:login.database.password  may not contain ';' or '\"': TrinityCore splits its connection string there",
          "  trinitycore:realms.wotlk.adress      unknown key; did you mean trinitycore:realms.wotlk.address?",
          "a key is set by its path: pulumi config set --path trinitycore:host.address wow.example.net",
        ].join("\n"),
      ),
    );
  });

  it("is one that the engine shows without a stack trace", () => {
    let error: unknown;
    try {
      loadSettings(broken);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SettingsError);
    expect(pulumi.RunError.isInstance(error)).toBe(true);
  });

  it("counts one problem as one", () => {
    expect(() => load({ "host.address": "" })).toThrow(/^1 problem in the stack config \(Pulumi\.test\.yaml\)/);
  });

  it("names the key of a host that is missing too", () => {
    expect(problems({ "host.address": "", "host.key": "" })).toEqual([
      expect.stringMatching(/^host\.address: missing/),
      expect.stringContaining("host-key <host>`"),
    ]);
  });

  it("names each bad entry of a map", () => {
    expect(problems({ "realms.wotlk.settings": '{"Motd":"\\"","RealmID":2}' })).toHaveLength(2);
  });
});

describe("values of another kind", () => {
  /** What the engine hands over as JSON. */
  const given = (key: string, value: unknown) => {
    const { values } = source({});
    const [top = "", ...names] = key.split(".");
    const tree = JSON.parse(values[`trinitycore:${top}`] ?? "{}");
    let node = tree;
    for (const name of names.slice(0, -1)) {
      node[name] ??= {};
      node = node[name];
    }
    if (names.length > 0) node[names.at(-1) as string] = value;
    return problems({}, [], {
      values: { ...values, [`trinitycore:${top}`]: JSON.stringify(names.length ? tree : value) },
    });
  };

  it.each([
    ["realms.wotlk.port", 8086],
    ["realms.wotlk.port", "8086"],
    ["host.takeover", true],
    ["host.takeover", "true"],
    ["realms.wotlk.name", 335],
    ["realms.wotlk.name", true],
    ["realms.wotlk", null],
    ["realms.wotlk.settings", null],
    ["login", null],
    ["host.firewall", {}],
  ])("%s takes %j", (key, value) => expect(given(key, value)).toEqual([]));

  it.each([
    ["realms.wotlk.port", null, /has no value: give it one/],
    ["realms.wotlk.port", 8086.5, /whole number/],
    ["realms.wotlk.port", [8086], /must be text, not a list/],
    ["realms.wotlk.name", 3.1, /is a number: put it in quotes/],
    ["realms.wotlk.name", { a: 1 }, /must be text, not a map/],
    ["realms.wotlk.console.networks", "10.0.0.0/8", /must be a list of texts.*\n.*console\.networks\[0\]' …$/s],
    ["realms.wotlk.console.networks", null, /has no value/],
    ["realms.wotlk.console", "10.0.0.0/8", /must be a map, not a text: its keys are port, networks/],
    ["realms.wotlk", "WotLK", /must be a map, not a text/],
    ["realms", ["wotlk"], /must be a map, not a list: a name for each/],
    ["host.ssh", [], /must be a map, not a list: its keys are user, port, /],
    ["login.settings", [], /must be a map of names and values/],
    ["login", "x", /must be a map, not a text/],
  ])("%s does not take %j", (key, value, says) => {
    const found = given(key, value).filter((text) => text.startsWith(`${key}: `));
    expect(found).toEqual([expect.stringMatching(says)]);
  });
});

describe("realms", () => {
  it.each([
    ["none", {}, ["realms: missing. Name a realm: pulumi config set --path trinitycore:realms.wotlk.name 'My realm'"]],
    [
      "two",
      { wotlk: {}, classic: { port: 1 } },
      [
        expect.stringMatching(
          /^realms\.classic: is a second realm beside wotlk; .*\npulumi config rm --path trinitycore:realms\.classic$/s,
        ),
      ],
    ],
    ["a capital letter", { Wotlk: {} }, [expect.stringMatching(/^realms\.Wotlk: "Wotlk" is not a realm's name/)]],
    ["a number before", { "3wotlk": {} }, [expect.stringMatching(/is not a realm's name/)]],
    ["25 letters", { ["a".repeat(25)]: {} }, [expect.stringMatching(/at most 24/)]],
    ["24 letters", { ["a".repeat(24)]: {} }, []],
  ])("%s", (_, realms, expected) => {
    const { values } = source({});
    expect(problems({}, [], { values: { ...values, "trinitycore:realms": JSON.stringify(realms) } })).toEqual(expected);
  });

  it("have texts that name their keys", () => {
    expect(problems({ "realms.lich-king.settings": '{"RealmID":2}' })).toEqual([
      "realms.lich-king.settings.RealmID: is set by the stack: use trinitycore:realms.lich-king.id",
    ]);
  });
});

describe("unknown keys", () => {
  it.each([
    ["realms.wotlk.adress", "did you mean trinitycore:realms.wotlk.address?"],
    ["realms.wotlk.console.prot", "did you mean trinitycore:realms.wotlk.console.port?"],
    ["realms.wotlk.motd", "did you mean trinitycore:realms.wotlk.settings.Motd?"],
    ["realms.wotlk.networks", "did you mean trinitycore:realms.wotlk.console.networks?"],
    ["host.hostKey", "did you mean trinitycore:host.key?"],
    ["host.port", "did you mean trinitycore:host.ssh.port?"],
    ["host.ssh.privatekey", "did you mean trinitycore:host.ssh.privateKey?"],
    ["login.password", "did you mean trinitycore:login.database.password?"],
    ["host.frobnicate", "docs/config.md lists the known ones"],
  ])("%s: %s", (key, says) => {
    const found = problems({ [key]: "hunter2" });
    expect(found).toEqual([expect.stringContaining(says)]);
    expect(found[0]?.startsWith(`${key}: `)).toBe(true);
    expect(found[0]).not.toContain("hunter2");
  });

  it.each([
    ["realm", "did you mean trinitycore:realms?"],
    ["motd", "did you mean trinitycore:realms.wotlk.settings.Motd?"],
    ["password", "did you mean trinitycore:login.database.password?"],
    ["worldserver.port", "did you mean trinitycore:realms.wotlk.port?"],
    ["realm.adress", "did you mean trinitycore:realms.wotlk.address?"],
    ["hostkey", "did you mean trinitycore:host.key?"],
    ["database.auth.password", "did you mean trinitycore:login.database.password?"],
    ["frobnicate", "docs/config.md lists the known ones"],
    [
      "worldserver.settings.Rate.XP.Kill",
      `pulumi config set --path 'trinitycore:realms.wotlk.settings["Rate.XP.Kill"]' …`,
    ],
    [
      "realms.wotlk.port",
      "wants --path:\npulumi config set --path trinitycore:realms.wotlk.port …\npulumi config rm trinitycore:realms.wotlk.port",
    ],
    ["announce.seconds", "wants --path:\npulumi config set --path trinitycore:announce.seconds …"],
  ])("%s at the top: %s", (key, says) => {
    const found = problems({}, [], { flat: { [key]: "hunter2" } });
    expect(found).toEqual([expect.stringContaining(says)]);
    expect(found[0]).not.toContain("hunter2");
  });

  it("of another namespace are no business of ours", () => {
    const config = source({});
    expect(loadSettings({ ...config, values: { ...config.values, "aws:region": "x" } }).host.address).toBe(
      "wow.example.net",
    );
  });
});

describe("files of the operator", () => {
  const folder = mkdtempSync(join(tmpdir(), "settings-"));

  it("exist when they are files, not folders", () => {
    writeFileSync(join(folder, "a.patch"), "");
    expect([join(folder, "a.patch"), folder, join(folder, "gone")].map(isReadableFile)).toEqual([true, false, false]);
  });
});
