import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../lab/pulumi";
import { logins } from "./outside";
import { describeOnLab, destroyLab } from "./realm-lab";
import { type Config, errorOf, filesLeftOn, unmanagedRealm } from "./refused";

describeOnLab("what is wrong in the stack config is told at once, before anyone logs in", () => {
  let at: Awaited<ReturnType<typeof unmanagedRealm>>;
  let machine: typeof at.machine;
  let stack: Stack;

  beforeAll(async () => {
    at = await unmanagedRealm("err-config");
    ({ machine, stack } = at);
  }, 120_000);
  afterAll(() => destroyLab(at), 60_000);
  beforeEach(() => at.asNew());
  afterEach(async () => {
    expect(await logins(machine)).toBe(0);
    expect(await filesLeftOn(machine)).toBe("");
  });

  const preview = async (change: Config) => {
    await stack.set(change);
    return stack.preview();
  };

  it("reads like this", async () => {
    await stack.unset("trinitycore:host.key");
    const change = {
      "trinitycore:realms.wotlk.adress": "wow.lab.test",
      "trinitycore:login.database.password": { secret: 'pass;w"ord' },
    };
    const expected = [
      "3 problems in the stack config (Pulumi.lab.yaml); nothing was touched",
      `  trinitycore:host.key                 missing. Print the host's key with \`npm run realm -- host-key ${machine.address}\`, compare it, then`,
      "                                       pulumi config set --path trinitycore:host.key 'ssh-ed25519 AAAA…'",
      "  trinitycore:login.database.password  may not contain ';' or '\"': TrinityCore splits its connection string there",
      "  trinitycore:realms.wotlk.adress      unknown key; did you mean trinitycore:realms.wotlk.address?",
      "a key is set by its path: pulumi config set --path trinitycore:host.address wow.example.net",
    ].join("\n");
    expect(errorOf(await preview(change))).toBe(expected);
    expect(errorOf(await stack.up())).toBe(expected);
  }, 60_000);

  it("leaves the user's own Pulumi alone", async () => {
    const home = mkdtempSync(join(tmpdir(), "home-"));
    const own = await new Stack({ work: mkdtempSync(join(home, "lab-")), env: { HOME: home } }).init();
    await own.set({ "trinitycore:host.address": "" });
    expect((await own.preview()).code).not.toBe(0);
    expect(readdirSync(home)).not.toContain(".pulumi");
    rmSync(home, { recursive: true });
  }, 60_000);

  it("names each of them, whatever it is", async () => {
    const each: readonly (readonly [key: string, value: Config[string], told: string])[] = [
      ["host.address", "root@10.0.0.5", "must be the host only; the user goes to trinitycore:host.ssh.user"],
      ["host.key", "SHA256:abcdef", "is a fingerprint; the whole public key is wanted (ssh-ed25519 AAAA…)"],
      ["realms.wotlk.address", "10.0.0.300", '"10.0.0.300" is not an IPv4 address'],
      ["realms.wotlk.localAddress", "fd00::1", "must be a host name or an IPv4 address: the game knows no IPv6"],
      ["realms.wotlk.port", 22, "22 is also trinitycore:host.ssh.port; each needs a port of its own"],
      ["login.port", 99999, 'must be a whole number from 1 to 65535, not "99999"'],
      ["realms.wotlk.settings.Motd", 'a"b', "may not contain '\"': the server drops it"],
      ["realms.wotlk.console.port", 8086.5, 'must be a whole number from 1 to 65535, not "8086.5"'],
      [
        "realms.wotlk.console.networks",
        '["192.168.1.5/24"]',
        '"192.168.1.5/24" has bits beyond its prefix; its network is 192.168.1.0/24',
      ],
      [
        "host.user.name",
        "Trinity!",
        '"Trinity!" is not a Linux name: a to z, 0 to 9, _ and -, at most 32, beginning with a letter',
      ],
      ["host.user.group", "sudo", 'may not be "sudo": that group has rights of its own'],
      ["core.build.compiler", "tcc", 'must be one of auto, clang, gcc, not "tcc"'],
      ["login.database.name", "mysql", 'may not be "mysql": that is MariaDB\'s own'],
      [
        "login.database.password",
        { secret: "some\npassword" },
        "may contain printable ASCII only: no line breaks, control characters or accents",
      ],
      [
        "realms.wotlk.databases.characters.user",
        "o'neill",
        '"o\'neill" is not a usable database user: letters, digits, _ and -, at most 80',
      ],
      [
        "realms.wotlk.databases.characters.password",
        "hunter2",
        "is in the stack config in clear. Change the secret, then",
      ],
      [
        "realms.wotlk.databases.world.name",
        "world db",
        '"world db" is not a usable database name: letters, digits, _ and -, at most 64',
      ],
      ["host.logs.schedule", "$(date)", '"$(date)" is not a systemd calendar expression such as *-*-* 03:00:00'],
      ["host.ssh.usr", "ops", "unknown key; did you mean trinitycore:host.ssh.user?"],
      ["login.prt", 3725, "unknown key; did you mean trinitycore:login.port?"],
      ["core.quux", "x", "unknown key; docs/config.md lists the known ones"],
    ];
    const lines = errorOf(await preview(Object.fromEntries(each.map(([key, value]) => [`trinitycore:${key}`, value]))));
    expect(lines).toMatch(new RegExp(`^${each.length} problems in the stack config`));
    const found = lines.split("\n").flatMap((line) => /^ {2}trinitycore:(\S+) +(.*)$/.exec(line)?.slice(1) ?? []);
    expect(Object.fromEntries(found.flatMap((key, i) => (i % 2 ? [] : [[key, found[i + 1]]])))).toEqual(
      Object.fromEntries(each.map(([key, , text]) => [key, text])),
    );
  }, 60_000);

  it("names what is not set by a path, and what the flat config had, with what to type", async () => {
    for (const [key, value] of [
      ["realms.wotlk.port", "8086"],
      ["ssh.agent", "true"],
      ["motd", "hello"],
    ])
      await stack.must(["config", "set", ...stack.where, `trinitycore:${key}`, `${value}`]);
    expect(errorOf(await stack.preview())).toBe(
      [
        "3 problems in the stack config (Pulumi.lab.yaml); nothing was touched",
        "  trinitycore:realms.wotlk.port  is a key within a map, which wants --path:",
        "                                 pulumi config set --path trinitycore:realms.wotlk.port …",
        "                                 pulumi config rm trinitycore:realms.wotlk.port",
        "  trinitycore:motd               unknown key; did you mean trinitycore:realms.wotlk.settings.Motd?",
        "  trinitycore:ssh.agent          is trinitycore:host.ssh.agent now:",
        "                                 pulumi config set --path trinitycore:host.ssh.agent …",
        "                                 pulumi config rm trinitycore:ssh.agent",
        "a key is set by its path: pulumi config set --path trinitycore:host.address wow.example.net",
      ].join("\n"),
    );
  }, 60_000);

  it("takes what `config set --path` makes of numbers, lists and maps, and tells secrets in clear from those beside them", async () => {
    const set = (...args: string[]) => stack.must(["config", "set", ...stack.where, ...args]);
    await set("--path", "trinitycore:realms.wotlk.port", "8086");
    await set("--path", "trinitycore:realms.wotlk.console.networks[0]", "10.0.0.0/8");
    await set("--path", 'trinitycore:realms.wotlk.settings["Rate.XP.Kill"]', "2");
    await set("--secret", "--path", "trinitycore:realms.wotlk.settings.Motd", "hunter2");
    await set("--secret", "--path", "trinitycore:login.database.password", "12345");
    const { code, stdout } = await stack.realm(["config", ...stack.where]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {6}port: 8086$/m);
    expect(stdout).toMatch(/^ {8}networks: \[ 10\.0\.0\.0\/8 \]$/m);
    expect(stdout).toMatch(/^ {8}Motd: "\[secret\]"\n {8}Rate\.XP\.Kill: "2"$/m);
    expect(stdout).toMatch(/^ {6}password: "\[secret\]"$/m);
    expect(stdout).not.toMatch(/hunter2|12345|PRIVATE/);
    // The file is none that the engine would find by itself, and says which of the two is in clear.
    await set("--plaintext", "--path", "trinitycore:realms.wotlk.databases.world.password", "hunter2");
    expect(errorOf(await stack.preview())).toBe(
      [
        "1 problem in the stack config (Pulumi.lab.yaml); nothing was touched",
        "  trinitycore:realms.wotlk.databases.world.password  is in the stack config in clear. Change the secret, then",
        "                                                pulumi config set --secret --path trinitycore:realms.wotlk.databases.world.password",
      ].join("\n"),
    );
  }, 90_000);

  it("names a missing host", async () => {
    await stack.unset("trinitycore:host.address");
    expect(errorOf(await stack.preview())).toBe(
      "1 problem in the stack config (Pulumi.lab.yaml); nothing was touched\n" +
        "  trinitycore:host.address  missing. The host's name or address: pulumi config set --path trinitycore:host.address wow.example.net",
    );
  }, 60_000);

  it("names a patch that is none", async () => {
    writeFileSync(join(stack.work, "a.patch"), "hello\n");
    const change = { "trinitycore:core.source.patches": JSON.stringify([join(stack.work, "a.patch")]) };
    expect(errorOf(await preview(change))).toMatch(/^trinitycore:core\.source\.patches: .*a\.patch is not a patch/);
  }, 60_000);

  it("names SQL that is for no database, before the host is asked", async () => {
    mkdirSync(join(stack.work, "sql/wurld"), { recursive: true });
    const change = { "trinitycore:core.source.customSql": join(stack.work, "sql") };
    expect(errorOf(await preview(change))).toMatch(/^trinitycore:core\.source\.customSql: .*wurld is for no database/);
  }, 60_000);

  it("names an SSH agent that is not there, which the plugin would stumble over", async () => {
    const inShell = (SSH_AUTH_SOCK?: string) => new Stack({ work: stack.work, env: { SSH_AUTH_SOCK } }).preview();
    expect(errorOf(await inShell("/run/gone.sock"))).toMatch(
      /^SSH_AUTH_SOCK names \/run\/gone\.sock, .*`unset SSH_AUTH_SOCK`$/,
    );
    await stack.set({ "trinitycore:host.ssh.agent": true });
    expect(errorOf(await inShell())).toMatch(
      /^trinitycore:host\.ssh\.agent is true, but no agent .*`eval \$\(ssh-agent\)`$/,
    );
  }, 60_000);
});
