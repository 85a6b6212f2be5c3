import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../lab/pulumi";
import { logins } from "./outside";
import { describeOnLab, discard } from "./realm-lab";
import { type Config, leftOn, told, untouched } from "./refused";

describeOnLab("what is wrong in the stack config is told at once, before anyone logs in", () => {
  let at: Awaited<ReturnType<typeof untouched>>;
  let machine: typeof at.machine;
  let stack: Stack;

  beforeAll(async () => {
    at = await untouched("err-config");
    ({ machine, stack } = at);
  }, 120_000);
  afterAll(() => discard(at), 60_000);
  beforeEach(() => at.asNew());
  afterEach(async () => {
    expect(await logins(machine)).toBe(0);
    expect(await leftOn(machine)).toBe("");
  });

  const preview = async (change: Config) => {
    await stack.set(change);
    return stack.preview();
  };

  it("reads like this", async () => {
    await stack.unset("trinitycore:hostKey");
    const change = {
      "trinitycore:realm.adress": "wow.lab.test",
      "trinitycore:databases.auth.password": { secret: 'pass;w"ord' },
    };
    const expected = [
      "3 problems in the stack config (Pulumi.lab.yaml); nothing was touched",
      `  trinitycore:hostKey                  missing. Print the server's key with \`npm run realm -- host-key ${machine.address}\`, compare it, then`,
      "                                       pulumi config set trinitycore:hostKey 'ssh-ed25519 AAAA…'",
      "  trinitycore:databases.auth.password  may not contain ';' or '\"': TrinityCore splits its connection string there",
      "  trinitycore:realm.adress             unknown key; did you mean trinitycore:realm.address?",
    ].join("\n");
    expect(told(await preview(change))).toBe(expected);
    expect(told(await stack.up())).toBe(expected);
  }, 60_000);

  it("leaves the user's own Pulumi alone", async () => {
    const home = mkdtempSync(join(tmpdir(), "home-"));
    const own = await new Stack({ work: mkdtempSync(join(home, "lab-")), env: { HOME: home } }).init();
    await own.set({ "trinitycore:host": "" });
    expect((await own.preview()).code).not.toBe(0);
    expect(readdirSync(home)).not.toContain(".pulumi");
    rmSync(home, { recursive: true });
  }, 60_000);

  it("names each of them, whatever it is", async () => {
    const each: readonly (readonly [key: string, value: Config[string], told: string])[] = [
      ["host", "root@10.0.0.5", "must be the host only; the user goes to trinitycore:ssh.user"],
      ["hostKey", "SHA256:abcdef", "is a fingerprint; the whole public key is wanted (ssh-ed25519 AAAA…)"],
      ["realm.address", "10.0.0.300", '"10.0.0.300" is not an IPv4 address'],
      ["realm.localAddress", "fd00::1", "must be a host name or an IPv4 address: the game knows no IPv6"],
      ["realm.port", 22, "22 is also trinitycore:ssh.port; each needs a port of its own"],
      ["authserver.port", 99999, 'must be a whole number from 1 to 65535, not "99999"'],
      ["worldserver.settings", '{"Motd":"a\\"b"}', "Motd may not contain '\"': the server drops it"],
      ["console.port", 8086.5, 'must be a whole number from 1 to 65535, not "8086.5"'],
      [
        "console.networks",
        '["192.168.1.5/24"]',
        '"192.168.1.5/24" has bits beyond its prefix; its network is 192.168.1.0/24',
      ],
      [
        "user.name",
        "Trinity!",
        '"Trinity!" is not a Linux name: a to z, 0 to 9, _ and -, at most 32, beginning with a letter',
      ],
      ["user.group", "sudo", 'may not be "sudo": that group has rights of its own'],
      ["build.compiler", "tcc", 'must be one of auto, clang, gcc, not "tcc"'],
      ["databases.auth.name", "mysql", 'may not be "mysql": that is MariaDB\'s own'],
      [
        "databases.auth.password",
        { secret: "some\npassword" },
        "may contain printable ASCII only: no line breaks, control characters or accents",
      ],
      [
        "databases.characters.user",
        "o'neill",
        '"o\'neill" is not a usable database user: letters, digits, _ and -, at most 80',
      ],
      ["databases.characters.password", "hunter2", "is in the stack config in clear. Change the secret, then"],
      [
        "databases.world.name",
        "world db",
        '"world db" is not a usable database name: letters, digits, _ and -, at most 64',
      ],
      [
        "logs.schedule",
        "*-*-* 25:00",
        'is not a systemd calendar expression such as *-*-* 03:00:00: "25" is not an hour (0 to 23)',
      ],
      ["ssh.usr", "ops", "unknown key; did you mean trinitycore:ssh.user?"],
      ["auth.port", 3725, "unknown key; did you mean trinitycore:authserver.port?"],
      ["quux", "x", "unknown key; docs/config.md lists the known ones"],
    ];
    const lines = told(await preview(Object.fromEntries(each.map(([key, value]) => [`trinitycore:${key}`, value]))));
    expect(lines).toMatch(new RegExp(`^${each.length} problems in the stack config`));
    const found = lines.split("\n").flatMap((line) => /^ {2}trinitycore:(\S+) +(.*)$/.exec(line)?.slice(1) ?? []);
    expect(Object.fromEntries(found.flatMap((key, i) => (i % 2 ? [] : [[key, found[i + 1]]])))).toEqual(
      Object.fromEntries(each.map(([key, , text]) => [key, text])),
    );
  }, 60_000);

  it("names a missing host", async () => {
    await stack.unset("trinitycore:host");
    expect(told(await stack.preview())).toBe(
      "1 problem in the stack config (Pulumi.lab.yaml); nothing was touched\n" +
        "  trinitycore:host  missing. The server's name or address: pulumi config set trinitycore:host wow.example.net",
    );
  }, 60_000);

  it("names a patch that is none", async () => {
    writeFileSync(join(stack.work, "a.patch"), "hello\n");
    const change = { "trinitycore:source.patches": JSON.stringify([join(stack.work, "a.patch")]) };
    expect(told(await preview(change))).toMatch(/^trinitycore:source\.patches: .*a\.patch is not a patch/);
  }, 60_000);

  it("names SQL that is for no database, before the server is asked", async () => {
    mkdirSync(join(stack.work, "sql/wurld"), { recursive: true });
    const change = { "trinitycore:source.customSql": join(stack.work, "sql") };
    expect(told(await preview(change))).toMatch(/^trinitycore:source\.customSql: .*wurld is for no database/);
  }, 60_000);

  it("names an SSH agent that is not there, which the plugin would stumble over", async () => {
    const inShell = (SSH_AUTH_SOCK?: string) => new Stack({ work: stack.work, env: { SSH_AUTH_SOCK } }).preview();
    expect(told(await inShell("/run/gone.sock"))).toMatch(
      /^SSH_AUTH_SOCK names \/run\/gone\.sock, .*`unset SSH_AUTH_SOCK`$/,
    );
    await stack.set({ "trinitycore:ssh.agent": true });
    expect(told(await inShell())).toMatch(/^trinitycore:ssh\.agent is true, but no agent .*`eval \$\(ssh-agent\)`$/);
  }, 60_000);
});
