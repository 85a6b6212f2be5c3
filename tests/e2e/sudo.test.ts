import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offerDownloads, realmConfig } from "../lab/config";
import { Machine } from "../lab/machine";
import { CHECKOUT, Stack } from "../lab/pulumi";
import { ROOT } from "./breakage";
import { names } from "./outside";
import { describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a host whose root may not log in, with a hardened sshd", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    machine = await Machine.fresh("err-sudo", "baked");
    await offerDownloads(machine);
    await machine.sure(`useradd -m -s /bin/bash ops
      install -d -o ops -g ops -m 700 /home/ops/.ssh
      install -o ops -g ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
      echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
      { echo PermitRootLogin no; echo AllowTcpForwarding no; echo AllowStreamLocalForwarding no; echo AllowAgentForwarding no
        echo MaxStartups 10:30:60; echo MaxSessions 10; } >/etc/ssh/sshd_config.d/00-hardened.conf
      # Debian's own line comes after it and would add to it.
      sed -i '/^AcceptEnv/d' /etc/ssh/sshd_config
      systemctl restart ssh`);
    // As many at once as the engine will do: each command is a connection of its own.
    const env = { PULUMI_PARALLEL: "64" };
    stack = await new Stack({ work: mkdtempSync(join(tmpdir(), "realm-")), env }).init();
    await stack.set({ ...realmConfig(machine), "trinitycore:host.ssh.user": "ops" });
    realm = { machine, stack };
  }, 300_000);
  afterAll(() => destroyLab(realm), 60_000);

  it("is brought up through sudo, and has nothing planned afterwards", async () => {
    expectOk(await stack.up());
    expect(await machine.sure("systemctl is-active authserver")).toBe("active");
    expect(names(await stack.planned())).toEqual([]);
    const accepted = await machine.sure("journalctl -q -t sshd --no-pager -o cat | sed -n 's/^Accepted .* for //p'");
    expect(new Set(accepted.split("\n").map((line) => line.split(" ")[0]))).toEqual(new Set(["ops"]));
    // What belongs to root or to the service user does not belong to who logged in.
    expect(
      await machine.sure("find /etc /usr /var /run -xdev -user ops 2>/dev/null | grep -v ^/run/user || true"),
    ).toBe("");
  }, 900_000);

  it("gets its game data through sudo, which becomes the service user's", async () => {
    const folder = mkdtempSync(join(tmpdir(), "data-"));
    execFileSync(join(CHECKOUT, "tests/lab/core/make-data.sh"), [folder]);
    const said = expectOk(await stack.realm(["data", "send", folder, ...stack.where]));
    rmSync(folder, { recursive: true });
    expect(said).toMatch(/^sent /m);
    expect(await machine.sure(`find ${ROOT}/data ! -user trinity`)).toBe("");
    expectOk(await stack.up());
    expect(await machine.sure("systemctl is-active worldserver")).toBe("active");
  }, 300_000);
});
