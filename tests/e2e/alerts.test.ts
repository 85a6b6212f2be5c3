/** From a unit that fails to the operator's webhook, and to the one screen of `status`. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { program } from "../server/receiver";
import { pidOf } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

describeOnLab("an operator who does not look", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("alerts");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const verb = (name: string, ...args: string[]) => stack.realm([name, ...stack.where, ...args]);
  const got = () => machine.sure("cat /run/receiver/got 2>/dev/null; rm -f /run/receiver/got");
  const arrives = () =>
    machine.sure("for i in {1..150}; do [[ -s /run/receiver/got ]] && exit; sleep 0.2; done; exit 1");

  it("is told by the webhook of the config, which restarts nothing", async () => {
    expect(await verb("alert")).toMatchObject({ code: 2, stderr: expect.stringMatching(/^alerts go nowhere but to/) });
    const before = [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
    await machine.sure(
      `mkdir -p /run/receiver; echo well >/run/receiver/mode; echo ${Buffer.from(program).toString("base64")} | base64 -d >/run/receiver/program.py
        systemd-run --quiet --unit=receiver python3 /run/receiver/program.py`,
    );
    await stack.set({ "trinitycore:alerts.webhook": { secret: "http://127.0.0.1:8099/t0ken-0f-a-hook" } });
    const { code, stdout, stderr } = await stack.up();
    expect([code, (stdout + stderr).includes("t0ken")]).toEqual([0, false]);
    expect([await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")]).toEqual(before);
    expect((await stack.preview(["--expect-no-changes"])).code).toBe(0);
    expect(await verb("alert")).toMatchObject({ code: 0, stderr: "" });
    expect(await got()).toMatch(/^\["\/t0ken-0f-a-hook", "application\/json", \{"event": "test", /);
  }, 240_000);

  it("is told of a backup that failed, and sees it in `status`", async () => {
    await machine.sure("chown root /var/backups/trinity; ! systemctl start trinity-backup");
    await arrives();
    expect(await got()).toMatch(
      /"event": "backup-failed", .*"sentence": "trinity-backup failed: \/var\/backups\/trinity /,
    );
    const told = await verb("status");
    expect([told.code, told.stdout]).toEqual([1, expect.stringMatching(/^realm +RoE \(WotLK\): not well /)]);
    expect(told.stdout).toMatch(
      /^backup +none yet; the last one failed \(.*\): \/var\/backups\/trinity is missing, or/m,
    );
    await machine.sure("chown trinity-backup /var/backups/trinity; systemctl start trinity-backup");
    expect((await verb("status")).stdout).toMatch(/^backup +\d{4}-.* ago: authserver .*, characters .*; 1 kept$/m);
  }, 120_000);

  it("is told of a crash, and reads who did what", async () => {
    await machine.sure(`kill -SEGV ${await pidOf(machine, "worldserver")}`);
    await arrives();
    expect(await got()).toMatch(/"sentence": "worldserver ended by itself \(signal SEGV\), and runs again after /);
    expect((await verb("logs", "audit")).stdout).toMatch(
      /^\S+ \S+ audit: root\b.* \(trinitycore\/lab\): up alerts: done$/m,
    );
  }, 120_000);
});
