import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { ed25519 as anotherKey } from "../unit/settings/source";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

interface Health {
  readonly ok: boolean;
  readonly checks: readonly { readonly what: string; readonly result: string; readonly text: string }[];
}

const ADDRESS = "trinitycore:realms.wotlk.address";

describeOnLab("doctor", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    realm = await convergedRealm("doctor");
    ({ machine, stack } = realm);
    // The lab's own name for it is known on the host alone.
    await stack.set({ [ADDRESS]: machine.address });
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const doctor = async () => {
    const { code, stdout, stderr } = await stack.realm(["doctor", "--json", ...stack.where]);
    if (code === 2) throw new Error(stderr);
    const { ok, checks } = JSON.parse(stdout) as Health;
    expect(code).toBe(ok ? 0 : 1);
    return checks;
  };
  const failing = async () =>
    (await doctor()).flatMap(({ what, result, text }) => (result === "fail" ? [`${what}: ${text}`] : []));

  it("finds nothing that fails on a realm that runs, and shows it as a table", async () => {
    expect(await failing()).toEqual([]);
    const { code, stdout } = await stack.realm(["doctor", ...stack.where]);
    expect(code).toBe(0);
    for (const what of ["login", "clock", "disk", "authserver", "worldserver", "console", "soap"])
      expect(stdout).toMatch(new RegExp(`^ok    ${what} `, "m"));
  }, 60_000);

  it.each<[string, string, string, RegExp]>([
    [
      "a worldserver that does not run",
      "systemctl stop worldserver",
      "systemctl start worldserver",
      /^worldserver: \S+ (refuses connections|cannot be reached \(E\w+\)) on port 8085$/,
    ],
    [
      "a port that the filter shuts",
      "firewall-cmd -q --remove-port=3724/tcp",
      "firewall-cmd -q --add-port=3724/tcp",
      /^authserver: \S+ (does not answer|cannot be reached \(E\w+\)) on port 3724$/,
    ],
    [
      "a console that somebody opened",
      "firewall-cmd -q --add-port=3443/tcp && systemd-run -q --unit open-console socat TCP-LISTEN:3443,fork OPEN:/dev/null",
      "systemctl stop open-console; firewall-cmd -q --remove-port=3443/tcp",
      /^console: port 3443 can be reached from here, though trinitycore:realms\.\S+\.console\.networks names no network$/,
    ],
  ])(
    "finds %s",
    async (_, breaks, mends, says) => {
      await machine.sure(breaks);
      const found = await failing();
      await machine.sure(mends);
      expect(found).toEqual([expect.stringMatching(says)]);
    },
    60_000,
  );

  it("goes on where nobody gets in, and says why", async () => {
    await stack.set({ "trinitycore:host.key": anotherKey });
    const checks = await doctor();
    await stack.set({ "trinitycore:host.key": machine.hostKey });
    expect(checks.find(({ what }) => what === "login")).toMatchObject({
      result: "fail",
      text: expect.stringMatching(/^the host key of \S+ is not the one in trinitycore:host\.key/),
    });
    expect(checks.find(({ what }) => what === "worldserver")).toMatchObject({ result: "ok" });
  }, 60_000);

  it("says which line of sudo's settings lets the stack in", async () => {
    await machine.sure(`useradd -m -s /bin/bash asked && usermod -p '*' asked
      install -d -o asked -g asked -m 700 /home/asked/.ssh
      install -o asked -g asked -m 600 /root/.ssh/authorized_keys /home/asked/.ssh/authorized_keys
      echo 'asked ALL=(ALL) ALL' >/etc/sudoers.d/asked`);
    await stack.set({ "trinitycore:host.ssh.user": "asked" });
    const found = await failing();
    await stack.unset("trinitycore:host.ssh.user");
    await machine.sure("rm /etc/sudoers.d/asked");
    expect(found).toEqual([
      expect.stringMatching(
        /^login: asked may not use sudo without a password .*; put "asked ALL=\(ALL\) NOPASSWD: ALL" into a file under \/etc\/sudoers\.d/,
      ),
    ]);
  }, 60_000);

  it("finds a name without an address", async () => {
    await stack.set({ [ADDRESS]: "nowhere.invalid" });
    const found = await failing();
    await stack.set({ [ADDRESS]: machine.address });
    expect(found).toEqual([expect.stringMatching(/^address: nowhere\.invalid is not known to the DNS here$/)]);
  }, 60_000);
});
