import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../lab/pulumi";
import { said } from "./cuts";
import { holdAt, holdable, letGo, untilHeld } from "./hold";
import { names } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a second `up` while one is at work", () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await convergedRealm("two-ups");
    await holdable(realm.machine);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  /** The first one, held when it is about to put a closed port right. */
  const first = async () => {
    const { machine, stack } = realm;
    await machine.sure("firewall-cmd -q --remove-port=8085/tcp");
    await holdAt(machine, { firewall: 1 });
    const up = stack.startUp();
    expect(Object.keys(await untilHeld(machine, up))).toEqual(["firewall"]);
    return up;
  };

  it("from the same state is refused by the engine, which says whose lock it is", async () => {
    const up = await first();
    const { code, stderr } = await realm.stack.up();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/the stack is currently locked by 1 lock(.|\n)*created by .* \(pid \d+\)/);
    await letGo(realm.machine);
    expectOk(await up.done);
    expect(names(await realm.stack.planned())).toEqual([]);
  }, 240_000);

  it("from another checkout with a copy of the state waits on the host, says for whom, and has the last word", async () => {
    const { machine, stack } = realm;
    const copy = mkdtempSync(join(tmpdir(), "realm-"));
    try {
      cpSync(stack.work, copy, { recursive: true });
      const other = new Stack({ work: copy });
      const up = await first();
      const second = other.startUp();
      await said(second, /waiting for the firewall lock held by firewall \(process \d+, since [\d:]+ UTC\)/);
      await letGo(machine);
      expectOk(await second.done);
      const { code, stdout, stderr } = await up.done;
      expect([code === 0, stdout + stderr]).toEqual([
        false,
        expect.stringContaining("a later run has taken firewall over"),
      ]);
      expect(await machine.sure("firewall-cmd --list-ports")).toMatch(/\b8085\/tcp\b/);
      expect(names(await other.planned())).toEqual([]);
      // The first one's state has a receipt that is not the host's any more; its next run takes note.
      expect(names(await stack.planned())).toEqual(["realm-firewall"]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  }, 400_000);
});
