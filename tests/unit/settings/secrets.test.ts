import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { password } from "../../../settings/rules";
import { ed25519, load, privateKey, problems } from "./source";

const passwords = [
  "login.database.password",
  "realms.wotlk.databases.characters.password",
  "realms.wotlk.databases.world.password",
];
const secretKeys = [...passwords, "host.ssh.privateKey", "host.ssh.privateKeyPassphrase", "core.source.deployKey"];

async function revealed(value: unknown): Promise<{ value: unknown; secret: boolean }> {
  const output = value as pulumi.Output<unknown> & { promise(): Promise<unknown>; isSecret: Promise<boolean> };
  expect(pulumi.Output.isInstance(output)).toBe(true);
  return { value: await output.promise(), secret: await output.isSecret };
}

describe("passwords", () => {
  it.each(["plain", "# ! $ % & = ' space", "back\\slash\\", "`whoami` $HOME $(id)", "x".repeat(128)])(
    "take %j",
    (text) => {
      for (const key of passwords) expect(problems({ [key]: text }, [key])).toEqual([]);
    },
  );

  it.each([
    ["a;b", /may not contain ';' or '"'/],
    ['a"b', /may not contain ';' or '"'/],
    ["a\nb", /printable ASCII/],
    ["a\0b", /printable ASCII/],
    ["a\u007fb", /printable ASCII/],
    ["pässword", /printable ASCII/],
    [" ab", /space/],
    ["ab ", /space/],
    ["x".repeat(129), /128/],
  ])("refuse %j and keep it to themselves", (text, says) => {
    for (const key of passwords) {
      const [found = "", ...more] = problems({ [key]: text }, [key]);
      expect(found).toMatch(says);
      expect(found).not.toContain(text);
      expect(more).toEqual([]);
    }
  });

  /** What the server's shell writes: only these two need a backslash. */
  const environmentLine = (name: string, value: string) => `${name}="${value.replace(/[\\"]/g, "\\$&")}"\n`;

  /** How systemd reads a double-quoted value. */
  function asSystemdReads(line: string): string {
    const [, quoted = ""] = /^[A-Z_]+="(.*)"\n$/s.exec(line) ?? [];
    let value = "";
    for (let i = 0; i < quoted.length; i++) {
      const next = quoted[i + 1] ?? "";
      if (quoted[i] !== "\\") {
        if (quoted[i] === '"') throw new Error("the value ended early");
        value += quoted[i];
      } else if (next === "") throw new Error("the closing quote was eaten");
      else {
        value += '\\"`$'.includes(next) ? next : next === "\n" ? "" : `\\${next}`;
        i++;
      }
    }
    return value;
  }

  /** How TrinityCore takes a connection string apart. */
  const asTrinityReads = (text: string) => text.replaceAll('"', "").split(";");

  const candidate = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."ab;\"\\'$`%# =\n\0ä"), maxLength: 12 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 10 }),
  );

  it("that are accepted arrive unchanged at MariaDB", () => {
    let accepted = 0;
    fc.assert(
      fc.property(candidate, (text) => {
        if (text === "" || password(text) !== undefined) return;
        accepted++;
        const line = environmentLine("TC_LOGIN_DATABASE_INFO", `.;/run/mysqld/mysqld.sock;auth;${text};authserver`);
        expect(line.split("\n")).toHaveLength(2);
        expect(asTrinityReads(asSystemdReads(line))).toEqual([
          ".",
          "/run/mysqld/mysqld.sock",
          "auth",
          text,
          "authserver",
        ]);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it("that would arrive changed are refused, among printable ones without outer spaces", () => {
    const printable = fc.string({ unit: fc.constantFrom(..."abc;\"\\'$`%#="), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(printable, (text) => {
        const line = environmentLine("X", `.;s;u;${text};d`);
        const arrives = asTrinityReads(asSystemdReads(line)).join("\n") === [".", "s", "u", text, "d"].join("\n");
        expect(password(text) === undefined).toBe(arrives);
      }),
    );
  });
});

describe("secret keys", () => {
  it("are undefined when not set", () => {
    const { host, login, core } = load({});
    expect([login.database.password, host.ssh.privateKey, core.source.deployKey]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("become secret outputs", async () => {
    const key = privateKey().trim().replace(/\n/g, "\r\n");
    const settings = load({ "login.database.password": "hunter2", "host.ssh.privateKey": key }, [
      "login.database.password",
      "host.ssh.privateKey",
    ]);
    expect(await revealed(settings.login.database.password)).toEqual({ value: "hunter2", secret: true });
    expect(await revealed(settings.host.ssh.privateKey)).toEqual({ value: privateKey(), secret: true });
  });

  it.each(secretKeys)("%s is refused in clear, and not repeated", (key) => {
    const found = problems({ [key]: "hunter2" }).filter((text) => text.startsWith(`${key}: `));
    expect(found).toEqual([
      expect.stringMatching(`in clear(.|\n)*pulumi config set --secret --path trinitycore:${key}$`),
    ]);
    expect(found.join()).not.toContain("hunter2");
  });

  it.each(secretKeys)("%s is refused when it is set to nothing", (key) => {
    expect(problems({ [key]: "" }, [key])).toEqual([`${key}: is empty: pulumi config rm --path trinitycore:${key}`]);
  });

  it.each(["restarts", "host.address", "realms.wotlk.name", "core.build.options", "realms.wotlk.console.networks"])(
    "%s is none, so it is not taken encrypted",
    (key) => {
      const values = { restarts: "now", "core.build.options": "{}", "realms.wotlk.console.networks": "[]" };
      const value = { ...values }[key] ?? "wow.example.net";
      expect(problems({ [key]: value }, [key])).toEqual([expect.stringMatching(`^${key}: is encrypted, but`)]);
    },
  );

  it.each([
    ["host.ssh.privateKey", "~/.ssh/id_ed25519", /looks like a path/],
    ["host.ssh.privateKey", ed25519, /is a public key/],
    ["host.ssh.privateKey", "hunter2 hunter2", /is not a private key/],
    ["host.ssh.privateKey", privateKey().replaceAll("\n", " "), /with its line breaks/],
    ["core.source.deployKey", privateKey("aes256-ctr"), /has a passphrase/],
    ["host.ssh.privateKeyPassphrase", "a\nb", /line breaks/],
  ])("%s refuses %j", (key, text, says) => {
    const found = problems({ [key]: text }, [key]);
    expect(found[0]).toMatch(says);
    expect(found.join()).not.toContain(text);
  });
});

describe("secrets within a server's settings", () => {
  const key = "realms.wotlk.settings";
  const given = { [key]: JSON.stringify({ Motd: "Hello", ModuleSecret: "hunter2", PlayerLimit: 5 }) };
  const secrets = [`${key}.ModuleSecret`];
  const written = (settings: unknown) => ({ written: { "trinitycore:realms": { wotlk: { settings } } } });

  it("are secret outputs; what the stack file holds in clear stays plain", async () => {
    const { settings } = load(given, secrets).realm;
    expect(settings).toMatchObject({ Motd: "Hello", PlayerLimit: "5" });
    expect(await revealed(settings.ModuleSecret)).toEqual({ value: "hunter2", secret: true });
  });

  it.each([
    ["there is no stack file", { written: undefined }],
    ["they are in no file, as with an environment of Pulumi ESC", written(undefined)],
    ["the stack file says something else", written({ Motd: "Bye", PlayerLimit: "6" })],
  ])("all are when %s", async (_, more) => {
    const { settings } = load(given, secrets, more).realm;
    for (const name of ["Motd", "PlayerLimit", "ModuleSecret"])
      expect((await revealed(settings[name])).secret).toBe(true);
  });

  it("are refused where the server reads no environment", () => {
    const bad = { [key]: JSON.stringify({ "Logger.mine": "3,Server", Motd: "hunter2" }) };
    const all = written({ "Logger.mine": { secure: "v1:a" }, Motd: { secure: "v1:b" } });
    expect(problems(bad, [`${key}.Motd`], all)).toEqual([
      `${key}["Logger.mine"]: cannot be secret: the server reads it from its file only`,
    ]);
  });

  it("are not repeated in a problem", () => {
    const bad = { [key]: JSON.stringify({ ModuleSecret: 'hunter2"' }) };
    expect(problems(bad, secrets)).toEqual([`${key}.ModuleSecret: may not contain '"': the server drops it`]);
  });
});

describe("what the stack file does not have", () => {
  const password = { "login.database.password": "hunter2" };
  const login = (written?: unknown) => ({ written: { "trinitycore:login": written } });

  it("counts as encrypted where the engine says that its key has a secret", async () => {
    const settings = load(password, ["login.database.password"], { written: undefined });
    expect(await revealed(settings.login.database.password)).toEqual({ value: "hunter2", secret: true });
  });

  it("is in clear where the engine knows of no secret", () => {
    const [found = "", ...more] = problems(password, [], { written: undefined });
    expect(found).toMatch(/^login\.database\.password: is in the stack config in clear/);
    expect(found).not.toContain("hunter2");
    expect(more).toEqual([]);
  });

  it("does not hide a secret in clear beside one that is encrypted", () => {
    const both = { ...password, "login.settings": '{"ModuleSecret":"abc"}' };
    const written = login({ database: { password: "hunter2" }, settings: { ModuleSecret: { secure: "v1:a" } } });
    expect(problems(both, ["login.settings.ModuleSecret"], written)).toEqual([
      expect.stringMatching(/^login\.database\.password: is in the stack config in clear/),
    ]);
  });

  it("is told of a map that is encrypted as one text", () => {
    expect(problems(password, ["login"], login({ secure: "v1:a" }))).toEqual([
      expect.stringMatching(/^login: is encrypted as a whole, .*\npulumi config rm trinitycore:login\n/s),
    ]);
  });
});
