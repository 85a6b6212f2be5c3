import { offerDownloads, realmConfig } from "../lab/config";
import { Machine } from "../lab/machine";
import { BreakableRealm } from "./breakable-realm";
import { breakages } from "./breakages";
import { preview } from "./preview";
import { describeOnLab, expectOk } from "./realm-lab";

describeOnLab("what was changed on the host by hand, each thing that is in the table", () => {
  const realm = new BreakableRealm("drift-long");

  realm.repairsEach(breakages);

  it("is a host replaced by a bare one: `up` makes all of it anew", async () => {
    const { stack } = realm.realm;
    realm.takeLastPreview();
    const machine = await Machine.fresh("drift-bare", "baked");
    try {
      await offerDownloads(machine);
      await stack.set(realmConfig(machine));
      const seen = await preview(stack);
      expect(Object.keys(seen.warns)).toEqual(["stack"]);
      expect(seen.warns.stack?.join()).toMatch(/^until now this stack was on .* is left as it is/);
      expect(Object.values(seen.tells).flat()).toContain(
        `nothing of this stack is on ${machine.address}: all of it will be made there`,
      );
      expect(seen.planned).toEqual(expect.arrayContaining(["user", "access", "schema", "worldserver"]));
      expectOk(await stack.up());
      const { worldserver } = await stack.outputs();
      expect(worldserver).toContain("waits for game data");
      expect(await machine.sure("systemctl is-active authserver")).toBe("active");
      expect(await machine.sure("mariadb -N -e 'SELECT COUNT(*) FROM worldserver.creature_template'")).toBe("600");
      const { planned, warns } = await preview(stack);
      expect([planned, warns]).toEqual([[], {}]);
    } finally {
      await machine.destroy();
    }
  }, 600_000);
});
