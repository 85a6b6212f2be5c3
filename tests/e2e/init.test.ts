import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { InitLab } from "./init-lab";
import { describeOnLab, expectOk } from "./realm-lab";
import { filesLeftOn } from "./refused";

describeOnLab("init", () => {
  let lab: InitLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    lab = await InitLab.make();
    ({ machine, stack } = lab);
  }, 120_000);
  afterAll(() => lab?.destroy(), 60_000);
  const init = (...words: string[]) => stack.realm(["init", "--ssh-config", lab.ssh("config"), ...words]);
  afterEach(async () => expect(await filesLeftOn(machine)).toBe(""));

  it("makes a stack from what ssh knows, with which a preview works", async () => {
    const made = expectOk(await init("wow", "--yes", "--stack", "home", "--name", "It's mine"));
    expect(made).toMatch(/^key {7}SHA256:\S+, in .*known_hosts$/m);
    expect(made).toMatch(/^login {5}with the key .*\/client\/key$/m);
    expect(made).toMatch(/^system {4}Debian .*firewalld is active/m);
    expect(made).toMatch(/^note .* is 10\.\S+, a private address/m);
    expect(made).toMatch(/^set {7}host\.ssh\.privateKey {2}\[secret\]$/m);
    expect(made).toMatch(/^stack home; nothing was changed on the host\. Next: npx pulumi up$/m);
    expect(readFileSync(lab.fileOf("home"), "utf8")).not.toContain("PRIVATE KEY");
    expect(lab.configOf("home")).toEqual({
      "trinitycore:host": {
        address: machine.address,
        key: machine.hostKey.split(" ").slice(0, 2).join(" "),
        ssh: { privateKey: { secure: expect.any(String) } },
      },
      "trinitycore:realms": { wotlk: { name: "It's mine" } },
      "trinitycore:update": { schedule: "nightly" },
    });
    expect(expectOk(await stack.run(["preview", "--stack", "home"]))).toMatch(/ {4}\+ \d+ to create$/m);
  }, 120_000);

  it("keeps what is set when it is run again, and says what it would have set", async () => {
    const before = readFileSync(lab.fileOf("home"), "utf8");
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
    expect(readFileSync(lab.fileOf("home"), "utf8")).toBe(
      before.replace(/(name: .*)/, "$1\n      address: 203.0.113.10"),
    );
  }, 120_000);

  it("goes through a jump host, and takes a host key that was compared", async () => {
    const print = lab.fingerprint;
    const inner = expectOk(await init("inner", "--yes", "--stack", "inner"));
    expect(inner).toMatch(/^host {6}root@127\.0\.0\.1:22, through root@10\.\S+:22$/m);
    expect(lab.configOf("inner")["trinitycore:host"]).toMatchObject({
      address: "127.0.0.1",
      ssh: { jumpHost: machine.address, jumpHostKey: machine.hostKey.split(" ").slice(0, 2).join(" ") },
    });
    const unknown = expectOk(await init("unknown", "--yes", "--stack", "unknown", "--host-key", print));
    expect(unknown).toContain(`key       ${print}, compared`);
    expect(existsSync(lab.ssh("nothing"))).toBe(false);
  }, 120_000);

  it("uses a key of the agent, and leaves it there", async () => {
    const socket = lab.ssh("agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    await once(agent.stdout, "data");
    const env = { SSH_AUTH_SOCK: socket };
    for (const name of ["stranger", "key"])
      execFileSync("ssh-add", ["-q", lab.ssh(name)], { env: { ...process.env, ...env } });
    writeFileSync(lab.ssh("key.pub"), execFileSync("ssh-keygen", ["-yf", lab.ssh("key")]));
    const withAgent = lab.stackWith(env);
    const words = ["init", "wow", "--ssh-config", lab.ssh("config"), "--yes", "--stack", "agent"];
    const { stdout } = await withAgent.realm(words);
    const preview = await withAgent.run(["preview", "--stack", "agent"]);
    agent.kill();
    expect(stdout).toMatch(/^login {5}with the agent's key SHA256:\S+$/m);
    expect((lab.configOf("agent")["trinitycore:host"] as { ssh: unknown }).ssh).toEqual({
      agent: true,
      agentKey: expect.stringMatching(/^SHA256:/),
    });
    expect(expectOk(preview)).toMatch(/ {4}\+ \d+ to create$/m);
  }, 120_000);

  it.each<[string, string[], RegExp]>([
    [
      "a host that cannot be reached",
      ["away"],
      /^cannot reach 10\.\S+ on port 23 \(E\w+\); look at HostName and Port of away in your ssh settings/,
    ],
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
    [
      "jump hosts one after the other",
      ["chained"],
      /^ssh reaches chained through several jump hosts \(ProxyJump wow,inner\), and .* one only; set ProxyJump to one/,
    ],
    [
      "a jump host behind another",
      ["further"],
      /^inner is itself behind the jump host wow, and .* one only; set ProxyJump to one/,
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
      const { code, stderr } = await init(...words, "--yes", "--stack", "none");
      expect([code, stderr]).toEqual([2, expect.stringMatching(says)]);
      expect(existsSync(lab.fileOf("none"))).toBe(false);
    },
    60_000,
  );

  it("is stopped by another host key than known_hosts has", async () => {
    writeFileSync(lab.ssh("nothing"), `wow ${readFileSync(lab.ssh("stranger.pub"), "utf8")}`);
    const { code, stderr } = await init("unknown", "--yes", "--stack", "none");
    rmSync(lab.ssh("nothing"));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^the host key of 10\.\S+ is not the one in \S+/)]);
    expect(existsSync(lab.fileOf("none"))).toBe(false);
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
    const asking = lab.stackWith({ PULUMI_CONFIG_PASSPHRASE: undefined });
    const config = ["--ssh-config", lab.ssh("config"), "--key", lab.ssh("locked")];
    const { code, screen } = await asking.typed(
      ["init", "unknown", ...config],
      ["Name of the stack [unknown]: ", "by hand\r"],
      ["is not a stack's name", ""],
      ["Name of the stack [unknown]: ", "by-hand\r"],
      ["or the fingerprint from there [no]: ", `${lab.fingerprint}\r`],
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
    expect(lab.configOf("by-hand")).toMatchObject({
      "trinitycore:host": { ssh: { privateKeyPassphrase: { secure: expect.any(String) } } },
      "trinitycore:realms": { wotlk: { name: "Mine", address: "203.0.113.10" } },
    });
    expect(expectOk(await stack.run(["preview", "--stack", "by-hand"]))).toMatch(/ {4}\+ \d+ to create$/m);
  }, 120_000);

  it("writes nothing when it is told no, or is stopped", async () => {
    const config = ["--stack", "none", "--ssh-config", lab.ssh("config")];
    const no = await stack.typed(["init", "unknown", ...config], ["from there [no]: ", "\r"]);
    const stopped = await stack.typed(["init", "wow", ...config], ["client's list [Trinity]: ", "\u0003"]);
    expect([no.code, no.screen]).toEqual([
      2,
      expect.stringContaining("is not known to be its own; nothing was written"),
    ]);
    expect([stopped.code, stopped.screen]).toEqual([2, expect.stringContaining("stopped; nothing was changed")]);
    expect(existsSync(lab.fileOf("none"))).toBe(false);
  }, 60_000);
});
