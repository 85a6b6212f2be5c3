import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { Machine } from "../lab/machine";
import { CHECKOUT, PROGRAM, Stack } from "../lab/pulumi";
import { describeOnLab, expectOk } from "./realm-lab";
import { filesLeftOn } from "./refused";

/** A project folder of its own, as `init` writes the stack's file there. */
function projectFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "init-"));
  for (const part of [...PROGRAM, "actions", "package.json", "tsconfig.json", "node_modules"])
    symlinkSync(join(CHECKOUT, part), join(folder, part));
  return folder;
}

describeOnLab("init", () => {
  let machine: Machine;
  let stack: Stack;
  const work = projectFolder();
  const ssh = join(work, "client");
  const sshConfig = join(ssh, "config");
  const known = join(ssh, "known_hosts");
  const fileOf = (name: string) => join(work, `Pulumi.${name}.yaml`);
  const configOf = (name: string) => parse(readFileSync(fileOf(name), "utf8")).config as Record<string, unknown>;
  const newKey = (name: string, passphrase = "") => {
    const file = join(ssh, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
    return file;
  };
  const init = (...words: string[]) => stack.realm(["init", ...words, "--ssh-config", sshConfig]);
  const fingerprint = () =>
    execFileSync("ssh-keygen", ["-lf", "-"], { input: machine.hostKey, encoding: "utf8" }).split(" ")[1] as string;

  beforeAll(async () => {
    machine = await Machine.fresh("init");
    mkdirSync(ssh);
    stack = await new Stack({ work, program: work, stack: "unused" }).init();
    writeFileSync(join(ssh, "key"), machine.privateKey, { mode: 0o600 });
    newKey("stranger");
    newKey("locked", "opens the key");
    const locked = readFileSync(join(ssh, "locked.pub"), "utf8").trim();
    writeFileSync(
      sshConfig,
      `
Host wow unknown stranger asked locked
  HostName ${machine.address}
Host wow unknown asked away inner
  IdentityFile ${ssh}/key
Host away
  HostName ${machine.address}
  Port 23
Host inner
  HostName 127.0.0.1
  HostKeyAlias wow
  ProxyJump wow
Host asked
  User asked
Host stranger
  IdentityFile ${ssh}/stranger
Host locked
  IdentityFile ${ssh}/locked
Host unknown
  UserKnownHostsFile ${ssh}/nothing
Host *
  User root
  IdentitiesOnly yes
  HostKeyAlias wow
  UserKnownHostsFile ${known}
  GlobalKnownHostsFile /dev/null
`,
    );
    writeFileSync(known, `wow ${machine.hostKey}\n`);
    await machine.sure(`echo '${locked}' >>/root/.ssh/authorized_keys
      useradd -m -s /bin/bash asked && install -d -o asked -m 700 /home/asked/.ssh
      install -o asked -m 600 /root/.ssh/authorized_keys /home/asked/.ssh/authorized_keys
      echo 'asked ALL=(ALL) ALL' >/etc/sudoers.d/asked
      touch /run/before`);
  }, 120_000);
  afterAll(async () => {
    await machine?.destroy();
    rmSync(work, { recursive: true, force: true });
  }, 60_000);
  afterEach(async () => expect(await filesLeftOn(machine)).toBe(""));

  it("makes a stack from what ssh knows, with which a preview works", async () => {
    const made = expectOk(await init("wow", "--yes", "--stack", "home", "--name", "It's mine"));
    expect(made).toMatch(/^key {7}SHA256:\S+, in .*known_hosts$/m);
    expect(made).toMatch(/^login {5}with the key .*\/client\/key$/m);
    expect(made).toMatch(/^system {4}Debian .*firewalld is active/m);
    expect(made).toMatch(/^note .* is 10\.\S+, a private address/m);
    expect(made).toMatch(/^set {7}host\.ssh\.privateKey {2}\[secret\]$/m);
    expect(made).toMatch(/^stack home; nothing was changed on the host\. Next: npx pulumi up$/m);
    expect(readFileSync(fileOf("home"), "utf8")).not.toContain("PRIVATE KEY");
    expect(configOf("home")).toEqual({
      "trinitycore:host": {
        address: machine.address,
        key: machine.hostKey.split(" ").slice(0, 2).join(" "),
        ssh: { privateKey: { secure: expect.any(String) } },
      },
      "trinitycore:realms": { wotlk: { name: "It's mine" } },
    });
    expect(expectOk(await stack.run(["preview", "--stack", "home"]))).toMatch(/ {4}\+ \d+ to create$/m);
  }, 120_000);

  it("keeps what is set when it is run again, and says what it would have set", async () => {
    const before = readFileSync(fileOf("home"), "utf8");
    const again = expectOk(
      await init("wow", "--yes", "--stack", "home", "--name", "Another", "--address", "203.0.113.10"),
    );
    expect(again).toMatch(/^login {5}with the login in the config$/m);
    expect(again).toContain(
      "kept      realms.wotlk.name stays It's mine; for Another: " +
        "pulumi config set --path trinitycore:realms.wotlk.name Another",
    );
    // What is missing is added.
    expect(again).toMatch(/^set {7}realms\.wotlk\.address {2}203\.0\.113\.10$/m);
    const third = expectOk(await init("wow", "--yes", "--stack", "home"));
    expect(third).not.toMatch(/^set /m);
    expect(readFileSync(fileOf("home"), "utf8")).toBe(before.replace(/(name: .*)/, "address: 203.0.113.10\n      $1"));
  }, 120_000);

  it("goes through a jump host, and takes a host key that was compared", async () => {
    const print = fingerprint();
    const inner = expectOk(await init("inner", "--yes", "--stack", "inner"));
    expect(inner).toMatch(/^host {6}root@127\.0\.0\.1:22, through root@10\.\S+:22$/m);
    expect(configOf("inner")["trinitycore:host"]).toMatchObject({
      address: "127.0.0.1",
      ssh: { jumpHost: machine.address, jumpHostKey: machine.hostKey.split(" ").slice(0, 2).join(" ") },
    });
    const unknown = expectOk(await init("unknown", "--yes", "--stack", "unknown", "--host-key", print));
    expect(unknown).toContain(`key       ${print}, compared`);
    expect(existsSync(join(ssh, "nothing"))).toBe(false);
  }, 120_000);

  it.each<[string, string[], RegExp]>([
    ["a host that cannot be reached", ["away"], /^cannot reach 10\.\S+ on port 23 \(ECONNREFUSED|EHOSTUNREACH/],
    [
      "an unknown host key",
      ["unknown"],
      /^no known_hosts has unknown; it shows the host key SHA256:\S+ .*--host-key SHA256:/,
    ],
    [
      "another one than was compared",
      ["unknown", "--host-key", "SHA256:abc"],
      /^unknown shows the host key SHA256:\S+, which is not/,
    ],
    [
      "a key that opens nothing",
      ["stranger"],
      /^10\.\S+ refused the login of root with the key .*stranger; `ssh stranger` must let you in .*ssh-copy-id stranger/,
    ],
    [
      "a key with a passphrase, and nobody to ask",
      ["locked"],
      /^there is no key .*\n.*locked has a passphrase.*ssh-add/,
    ],
    ["a sudo that asks", ["asked"], /^asked may not use sudo without a password .*NOPASSWD.*sudoers\.d/],
    ["no agent", ["wow", "--agent"], /^there is no key to log in to wow with: no agent has one/],
    [
      "settings that are not there",
      ["wow", "--ssh-config", "/nonexistent"],
      /^ssh does not understand "wow": Can't open/,
    ],
  ])(
    "is stopped by %s, and makes no stack",
    async (_, words, says) => {
      // The last --ssh-config counts.
      const { code, stderr } = await stack.realm([
        "init",
        "--ssh-config",
        sshConfig,
        ...words,
        "--yes",
        "--stack",
        "none",
      ]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(says)]);
      expect(existsSync(fileOf("none"))).toBe(false);
    },
    60_000,
  );

  it("is stopped by another host key than known_hosts has", async () => {
    writeFileSync(join(ssh, "nothing"), `wow ${readFileSync(join(ssh, "stranger.pub"), "utf8")}`);
    const { code, stderr } = await init("unknown", "--yes", "--stack", "none");
    rmSync(join(ssh, "nothing"));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^the host key of 10\.\S+ is not the one in \S+/)]);
    expect(existsSync(fileOf("none"))).toBe(false);
  }, 60_000);

  it("asks nothing without a terminal, and says what to give", async () => {
    const { code, stderr } = await init("wow");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^there is no terminal to ask on; with --yes/)]);
  }, 60_000);

  it("is stopped by a distribution that the stack does not know", async () => {
    await machine.sure("cp -p /etc/os-release /run/os-release && sed -i 's/^ID=.*/ID=gentoo/' /usr/lib/os-release");
    const { code, stderr } = await init("wow", "--yes", "--stack", "none");
    await machine.sure("cat /run/os-release >/usr/lib/os-release && touch -d yesterday /usr/lib/os-release");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^\S+ runs .*, which this stack does not know; it knows/),
    ]);
  }, 60_000);

  it("tells what stands against `pulumi up`, and ends with 1", async () => {
    await machine.sure("install -d -m 700 /var/lib/trinity-stack && echo other/prod >/var/lib/trinity-stack/owner");
    const { code, stdout } = await init("wow", "--yes", "--stack", "later");
    await machine.sure("rm -r /var/lib/trinity-stack");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^against {3}\S+ belongs to the stack other\/prod; to take it over: pulumi config set /m);
    expect(stdout).toMatch(/Next: first put right what stands against it, then npx pulumi up$/m);
  }, 60_000);

  it("asks on a terminal what it cannot know, without showing a secret", async () => {
    const asking = new Stack({ work, program: work, stack: "unused", env: { PULUMI_CONFIG_PASSPHRASE: undefined } });
    const config = ["--ssh-config", sshConfig, "--key", join(ssh, "locked")];
    const { code, screen } = await asking.typed(
      ["init", "unknown", ...config],
      ["Name of the stack [unknown]: ", "by hand\r"],
      ["is not a stack's name", ""],
      ["Name of the stack [unknown]: ", "by-hand\r"],
      ["or the fingerprint from there [no]: ", `${fingerprint()}\r`],
      ["or nothing to pass it over: ", "wrong\r"],
      ["it does not open locked", ""],
      ["or nothing to pass it over: ", "opens the key\r"],
      ["Name of the realm in the client's list [Trinity]: ", "Mine\r"],
      ["players connect to [10.", "2001:db8::1\r"],
      ["the game knows no IPv6", ""],
      ["players connect to [10.", "203.0.113.10\r"],
      ["`pulumi up` asks for it: ", "a secret\r"],
      ["once more: ", "another\r"],
      ["these two are not the same", ""],
      ["`pulumi up` asks for it: ", "lab\r"],
      ["once more: ", "lab\r"],
    );
    expect([code, screen]).toEqual([0, expect.stringContaining("stack by-hand; nothing was changed on the host.")]);
    for (const secret of ["wrong", "opens the key", "a secret", "lab\r"]) expect(screen).not.toContain(secret);
    expect(configOf("by-hand")).toMatchObject({
      "trinitycore:host": { ssh: { privateKeyPassphrase: { secure: expect.any(String) } } },
      "trinitycore:realms": { wotlk: { name: "Mine", address: "203.0.113.10" } },
    });
    expect(expectOk(await stack.run(["preview", "--stack", "by-hand"]))).toMatch(/ {4}\+ \d+ to create$/m);
  }, 120_000);

  it("writes nothing when it is told no, or is stopped", async () => {
    const config = ["--stack", "none", "--ssh-config", sshConfig];
    const no = await stack.typed(["init", "unknown", ...config], ["from there [no]: ", "\r"]);
    const stopped = await stack.typed(["init", "wow", ...config], ["client's list [Trinity]: ", "\u0003"]);
    expect([no.code, no.screen]).toEqual([
      2,
      expect.stringContaining("is not known to be its own; nothing was written"),
    ]);
    expect([stopped.code, stopped.screen]).toEqual([2, expect.stringContaining("stopped; nothing was written")]);
    expect(existsSync(fileOf("none"))).toBe(false);
  }, 60_000);
});
