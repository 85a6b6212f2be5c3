import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isReadableFile, loadSettings, plainMap, SettingsError } from "../../../settings";
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
        ...{ id: 1, name: "Trinity", localAddress: "127.0.0.1", port: 8085, gamebuild: 12340, settings: {} },
        console: { port: 3443, networks: [] },
        databases: { characters: { name: "characters" } },
      },
      databases: { startEmpty: false, rotation: 0 },
      restarts: "now",
      announce: { seconds: 300 },
      window: { schedule: "*-*-* 04:00:00", minutes: 120 },
    });
  });

  it("fill in what follows from other keys", () => {
    expect(load({}).realm.address).toBe("wow.example.net");
    expect(load({ "realm.address": "play.example.net" }).realm.address).toBe("play.example.net");
    expect(load({ "ssh.user": "admin" }).host.ssh.jumpUser).toBe("admin");
  });

  it("turn texts into numbers, booleans, lists and maps", () => {
    const settings = load({
      "realm.port": "8086",
      takeover: "true",
      "soap.networks": '["10.0.0.0/8"]',
      "worldserver.settings": '{"Rate.XP.Kill":0.5,"AllowTwoSide":true,"Motd":"Hi","Quests.LowLevelHideDiff":-1}',
      "build.options": '{"TOOLS":false}',
      "source.commit": "A".repeat(40),
      hostKey: `${ed25519} root@wow\n`,
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

  it("take an IPv6 server when players get another address", () => {
    expect(load({ host: "fd00::1", "realm.address": "wow.example.net" }).host.address).toBe("fd00::1");
  });
});

describe("the error", () => {
  const broken = source({ hostKey: "", "realm.adress": "x", "databases.auth.password": "a;b" }, [
    "databases.auth.password",
  ]);

  it("names every problem, with the key, what is wrong and the fix", () => {
    expect(() => loadSettings(broken)).toThrow(
      new Error(
        [
          "3 problems in the stack config (Pulumi.test.yaml); nothing was touched",
          "  trinitycore:hostKey                  missing. Print the server's key with `npm run realm -- host-key wow.example.net`, compare it, then",
          "                                       pulumi config set trinitycore:hostKey 'ssh-ed25519 AAAA…'",
          "  trinitycore:databases.auth.password  may not contain ';' or '\"': TrinityCore splits its connection string there",
          "  trinitycore:realm.adress             unknown key; did you mean trinitycore:realm.address?",
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
    expect(() => load({ host: "" })).toThrow(/^1 problem in the stack config \(Pulumi\.test\.yaml\)/);
  });

  it("names the key of a host that is missing too", () => {
    expect(problems({ host: "", hostKey: "" })).toEqual([
      expect.stringMatching(/^host: missing/),
      expect.stringContaining("host-key <host>`"),
    ]);
  });

  it("names each bad entry of a map", () => {
    expect(problems({ "worldserver.settings": '{"Motd":"\\"","RealmID":2}' })).toHaveLength(2);
  });
});

describe("unknown keys", () => {
  it.each([
    ["realm.adress", "did you mean trinitycore:realm.address?"],
    ["hostkey", "did you mean trinitycore:hostKey?"],
    ["database.auth.password", "did you mean trinitycore:databases.auth.password?"],
    ["worldserver.port", "did you mean trinitycore:realm.port?"],
    ["motd", "did you mean trinitycore:worldserver.settings?"],
    ["ssh.privatekey", "did you mean trinitycore:ssh.privateKey?"],
    ["frobnicate", "docs/config.md lists the known ones"],
    [
      "worldserver.settings.Rate.XP.Kill",
      `pulumi config set --path 'trinitycore:["worldserver.settings"]["Rate.XP.Kill"]' …`,
    ],
  ])("%s: %s", (key, says) => {
    const found = problems({ [key]: "hunter2" });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
    expect(found[0]).not.toContain("hunter2");
  });

  it("are explained when `--path` made a map of a dotted key", () => {
    const [found] = problems({ realm: '{"name":"x"}' });
    expect(found).toBe(
      "realm: is not a key of its own; its parts are, each with its dots (without --path): trinitycore:realm.name",
    );
    expect(problems({ databases: '{"auth":{"name":"x"}}' })[0]).toContain("trinitycore:databases.auth.name");
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

  it("show which entries of a map are in clear", () => {
    const file = join(folder, "Pulumi.x.yaml");
    writeFileSync(
      file,
      "config:\n  trinitycore:worldserver.settings:\n    Motd: Hi\n    Key:\n      secure: v1:x\n  trinitycore:host: a\n",
    );
    expect(plainMap(file, "trinitycore:worldserver.settings")).toEqual({ Motd: "Hi", Key: { secure: "v1:x" } });
    expect(plainMap(file, "trinitycore:host")).toBeUndefined();
    expect(plainMap(join(folder, "gone.yaml"), "trinitycore:host")).toBeUndefined();
  });
});
