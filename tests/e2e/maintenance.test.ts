/** `npm run realm -- maintenance`: a realm that is closed for a while. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { pidOf } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a realm", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("maintenance");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const verb = (name: string, args: string[] = []) => stack.realm([name, ...stack.where, ...args]);

  it("lets nobody below a level in while maintenance is on, whatever is restarted or applied meanwhile", async () => {
    const row = () => machine.sure(sql("SELECT allowedSecurityLevel FROM authserver.realmlist WHERE id = 1"));
    const limit = async () => (await verb("console", ["server", "plimit"])).stdout;
    const pid = await pidOf(machine, "worldserver");
    const on = await verb("maintenance", ["on", "--level", "gamemaster"]);
    expect(on).toMatchObject({
      code: 0,
      stdout: "maintenance is on: nobody below gamemaster (level 2) may enter\n",
      stderr: "",
    });
    expect([await row(), await limit()]).toEqual(["2", expect.stringContaining("security level Gamemaster")]);
    expect(await pidOf(machine, "worldserver")).toBe(pid);
    expect((await verb("status")).stdout).toMatch(/^maintenance +on: nobody below gamemaster \(level 2\) may enter$/m);

    // It is no drift, and an `up` that writes the row keeps it.
    const { code, stdout } = await stack.preview(["--expect-no-changes"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("maintenance is on: nobody below level 2 may enter")]);
    await machine.sure(sql("UPDATE authserver.realmlist SET allowedSecurityLevel = 0, port = 1 WHERE id = 1"));
    expectOk(await stack.up());
    expect(await row()).toBe("2");
    await machine.sure("systemctl restart worldserver");
    expect(await limit()).toContain("security level Gamemaster");

    const off = await verb("maintenance", ["off"]);
    expect(off).toMatchObject({ code: 0, stdout: "maintenance is off: everybody may enter\n", stderr: "" });
    expect([await row(), await limit()]).toEqual(["0", expect.stringContaining("security level Player")]);
    expect((await verb("status")).stdout).not.toContain("maintenance");
    expect((await stack.preview(["--expect-no-changes"])).code).toBe(0);

    // A worldserver that cannot be told is not passed over in silence, and one that does not run hears of it when it starts.
    await machine.sure(sql("UPDATE authserver.account SET verifier = REVERSE(verifier)"));
    const untold = await verb("maintenance", ["on"]);
    await machine.sure(sql("UPDATE authserver.account SET verifier = REVERSE(verifier)"));
    expect(untold).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^the running worldserver has not heard of it: the worldserver does not know/),
    });
    await machine.sure("systemctl stop worldserver");
    expect((await verb("maintenance", ["on"])).stdout).toBe(
      "maintenance is on: nobody below moderator (level 1) may enter; the worldserver does not run\n",
    );
    await machine.sure("systemctl start worldserver");
    expect(await limit()).toContain("security level Moderator");
    expect((await verb("maintenance", ["off"])).code).toBe(0);
  }, 240_000);
});
