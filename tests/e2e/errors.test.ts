import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ed25519 as anotherKey } from "../unit/settings/source";
import { describeOnLab, destroyLab, expectOk } from "./realm-lab";
import { type Config, errorOf, filesLeftOn, unmanagedRealm } from "./refused";

/** A key pair that the host does not know. */
function newKey(folder: string, passphrase: string): string {
  const file = join(mkdtempSync(join(folder, "key-")), "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
  return readFileSync(file, "utf8");
}

describeOnLab("what is wrong with the host or the way to it is told, and nothing was touched", () => {
  let at: Awaited<ReturnType<typeof unmanagedRealm>>;
  let machine: typeof at.machine;
  let stack: typeof at.stack;

  beforeAll(async () => {
    at = await unmanagedRealm("err-server");
    ({ machine, stack } = at);
    // Who may log in: one may do all, one is asked for a password, one may do nothing, and others of whom sudo or PAM
    // wants something.
    await machine.sure(`for user in ops asked nosudo some term kept expired; do
      useradd -m -s /bin/bash $user
      install -d -o $user -g $user -m 700 /home/$user/.ssh
      install -o $user -g $user -m 600 /root/.ssh/authorized_keys /home/$user/.ssh/authorized_keys
    done
    echo asked:secret | chpasswd
    echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
    echo 'asked ALL=(ALL) ALL' >/etc/sudoers.d/asked
    { echo 'some ALL=(ALL) NOPASSWD: /usr/bin/systemctl, /usr/bin/apt'
      printf '%s ALL=(ALL) NOPASSWD: ALL\n' term kept
      echo 'Defaults:term requiretty'
      echo 'Defaults:kept log_input'; } >/etc/sudoers.d/others
    chage -E 0 expired
    rm /usr/share/zoneinfo/Asia/Tokyo
    touch /run/before`);
  }, 120_000);
  afterAll(() => destroyLab(at), 60_000);
  beforeEach(() => at.asNew());
  afterEach(async () => expect(await filesLeftOn(machine)).toBe(""));

  const preview = async (change: Config) => {
    await stack.set(change);
    return stack.preview();
  };

  const login = (user: string): Config => ({ "trinitycore:host.ssh.user": user });
  const jump = (change: Config = {}): Config => ({
    "trinitycore:host.address": "127.0.0.1",
    "trinitycore:host.ssh.jumpHost": machine.address,
    "trinitycore:host.ssh.jumpHostKey": machine.hostKey,
    ...change,
  });
  /** Those with `long` are tried by `npm run test:long` alone: another row is of the same kind. */
  const cases: readonly (readonly [title: string, config: () => Config, told: RegExp, long?: "long"])[] = [
    [
      "a closed port",
      () => ({ "trinitycore:host.ssh.port": 23 }),
      /^cannot reach \S+ on port 23 \(E\w+\); look at trinitycore:host.address and trinitycore:host\.ssh\.port$/,
    ],
    [
      "another host key",
      () => ({ "trinitycore:host.key": anotherKey }),
      /^the host key of \S+ is not the one in trinitycore:host.key \(it shows SHA256:\S+, wanted SHA256:\S+\)\. .*compare/,
    ],
    [
      "a key that opens nothing",
      () => ({ "trinitycore:host.ssh.privateKey": { secret: newKey(stack.work, "") } }),
      /^\S+ refused the login of root; look at trinitycore:host\.ssh\.user, trinitycore:host\.ssh\.privateKey and/,
    ],
    ["a user who does not exist", () => login("nobody-here"), /^\S+ refused the login of nobody-here; look at/, "long"],
    [
      "a wrong passphrase",
      () => ({
        "trinitycore:host.ssh.privateKey": { secret: newKey(stack.work, "opens the key") },
        "trinitycore:host.ssh.privateKeyPassphrase": { secret: "hunter2" },
      }),
      /^trinitycore:host\.ssh\.privateKey cannot be used: its passphrase is wrong .*trinitycore:host\.ssh\.privateKeyPassphrase`$/,
    ],
    ["a sudo that asks", () => login("asked"), /^asked may not use sudo without a password .*NOPASSWD.*sudoers\.d/],
    [
      "a user without sudo",
      () => login("nosudo"),
      /^nosudo may not use sudo without a password .*NOPASSWD.*sudoers\.d/,
      "long",
    ],
    [
      "a sudo for some commands",
      () => login("some"),
      /^some may not use sudo .*\(sudo lets it run \/usr\/bin\/systemctl, \/usr\/bin\/apt alone\); put "some ALL=\(ALL\) NOPASSWD: ALL"/,
      "long",
    ],
    [
      "a sudo that wants a terminal",
      () => login("term"),
      /^sudo on this host wants a terminal .*"Defaults:term !requiretty"/,
    ],
    [
      "an account that has expired",
      () => login("expired"),
      /^\S+ takes the key of expired and then ends the login .*chage -l expired.*it says: Your account has expired/,
    ],
    [
      "a schedule in a time zone that the host does not know",
      () => ({ "trinitycore:host.logs.schedule": "*-*-* 03:00 Asia/Tokyo" }),
      /^trinitycore:host\.logs\.schedule: the systemd of \S+ takes "\*-\*-\* 03:00 Asia\/Tokyo" for no schedule, such as .*nothing was touched$/,
    ],
    [
      "a schedule that never comes",
      () => ({ "trinitycore:host.logs.schedule": "*-02-31 03:00" }),
      /^trinitycore:host\.logs\.schedule: .* knows no time/,
      "long",
    ],
    [
      "a window whose time is over",
      () => ({ "trinitycore:restarts": "window", "trinitycore:window.schedule": "2020-01-01" }),
      /^trinitycore:window\.schedule: .* knows no time to come for "2020-01-01"; .*nothing was touched$/,
      "long",
    ],
    [
      "another host key of the jump host",
      () => jump({ "trinitycore:host.ssh.jumpHostKey": anotherKey }),
      /^the host key of \S+ is not the one in trinitycore:host\.ssh\.jumpHostKey /,
      "long",
    ],
    [
      "a jump host that is not there",
      () => jump({ "trinitycore:host.ssh.jumpPort": 23 }),
      /^cannot reach \S+ on port 23 \(E\w+\); look at trinitycore:host\.ssh\.jumpHost and trinitycore:host\.ssh\.jumpPort$/,
      "long",
    ],
    [
      "a host that the jump host cannot reach",
      () => jump({ "trinitycore:host.ssh.port": 23 }),
      /^the jump host cannot reach 127\.0\.0\.1 on port 23 .* look at trinitycore:host.address and trinitycore:host\.ssh\.port, and/,
    ],
  ];
  const tried = cases.filter(([, , , long]) => !long || process.env.TRINITY_LONG);
  it.each(tried.map(([title, change, says]) => [title, change, says] as const))(
    "%s",
    async (_, change, says) => {
      expect(errorOf(await preview(change()))).toMatch(says);
    },
    60_000,
  );

  it("a host that does not answer, in well under 20 s", async () => {
    const silence = (word: string) => machine.sure(`ip route ${word} blackhole ${machine.address.replace(/2$/, "1")}`);
    await silence("add");
    const since = Date.now();
    const result = await stack.preview();
    const took = Date.now() - since;
    await silence("del");
    expect(errorOf(result)).toMatch(
      /^cannot reach \S+ on port 22 \(no answer in 10 s\); look at trinitycore:host.address/,
    );
    expect(took).toBeLessThan(18_000);
  }, 60_000);

  it("a sudo that records what goes through it, before a secret does", async () => {
    const secret = "never-recorded-1";
    const change = { ...login("kept"), "trinitycore:login.database.password": { secret } };
    expect(errorOf(await preview(change))).toMatch(
      /^sudo on this host records what kept sends .*"Defaults:kept !log_input, !log_output"/,
    );
    const wanted = [secret, Buffer.from(secret).toString("base64")].map((text) => `-e '${text}'`).join(" ");
    // It has recorded: the look itself is there.
    const found = await machine.sure(`cd /var/log/sudo-io && find . -type f -exec zcat -f {} + | grep -c 'facts end'
      find . -type f -exec zcat -f {} + | grep -c ${wanted} || true`);
    await machine.sure("rm -r /var/log/sudo-io");
    expect(found).toMatch(/^[1-9]\d*\n0$/);
  }, 60_000);

  it("a host that cannot be looked at", async () => {
    await machine.sure("mv /usr/bin/tar /usr/bin/tar.away");
    const result = await stack.preview();
    await machine.sure("mv /usr/bin/tar.away /usr/bin/tar");
    expect(errorOf(result)).toMatch(/^observing \S+ failed \(127\): .*tar: command not found$/);
  }, 60_000);

  it("a distribution that the stack does not know, in `up` as well", async () => {
    await machine.sure("cp -p /etc/os-release /run/os-release && sed -i 's/^ID=.*/ID=gentoo/' /usr/lib/os-release");
    const result = await stack.up();
    await machine.sure("cat /run/os-release >/usr/lib/os-release && touch -d yesterday /usr/lib/os-release");
    expect(errorOf(result)).toMatch(/^\S+ runs .*, which this stack does not know; it knows .*Debian.*Fedora/);
  }, 60_000);

  it("a host of another stack, until it is told to take it over", async () => {
    await machine.sure("install -d -m 700 /var/lib/trinity-stack && echo other/prod >/var/lib/trinity-stack/owner");
    const refused = await stack.preview();
    const taken = await preview({ "trinitycore:host.takeover": true });
    await machine.sure("rm -r /var/lib/trinity-stack");
    expect(errorOf(refused)).toMatch(
      /^\S+ belongs to the stack other\/prod; .*pulumi config set --path trinitycore:host.takeover true$/,
    );
    expect(expectOk(taken)).toContain("the host is marked as other/prod, should be trinitycore/lab's");
  }, 60_000);

  it.each([
    ["a user with passwordless sudo", () => login("ops")],
    ["a jump host", () => jump()],
  ])(
    "goes through with %s",
    async (_, change) => {
      expect(expectOk(await preview(change()))).toMatch(/ {4}\+ \d+ to create$/m);
    },
    60_000,
  );
});
