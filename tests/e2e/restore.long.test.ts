/** A restore that is cut off in each of its stages leaves all as it was. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

const RECORD = "/var/lib/trinity-stack/restore";

describeOnLab("a restore that is cut off", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("restore-cut");
    ({ machine, stack } = realm);
    await machine.sure(sql("INSERT INTO characters.characters (guid, account, name) VALUES (1, 1, 'Arthas')"));
    await machine.sure("systemctl start trinity-backup");
    await machine.sure(sql("UPDATE characters.characters SET name = 'Uther'"));
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const oldest = async () => {
    const { stdout } = await stack.realm(["restore", ...stack.where, "--json"]);
    return (JSON.parse(stdout).backups as { name: string }[]).at(-1)?.name as string;
  };
  const state = () =>
    machine.sure(`mariadb -N -e "CHECKSUM TABLE characters.characters, authserver.account; SHOW DATABASES"
      ls /var/lib/trinity-stack/swaps; ls -d ${RECORD} 2>/dev/null || true`);
  const serves = () => machine.sure("systemctl is-active authserver worldserver || true");

  it.each<[how: string, stage: string]>(
    ["killed", "power cut"].flatMap((how) =>
      ["loading", "stopping", "swapping", "starting"].map((stage): [string, string] => [how, stage]),
    ),
  )(
    "%s while %s",
    async (how, stage) => {
      await machine.sure("mkdir -p /var/lib/trinity-stack/swaps");
      const before = await state();
      const job = stack.startRealm(["restore", ...stack.where, await oldest(), "--yes"]);
      await machine.sure(`until grep -qx stage=${stage} ${RECORD}/state 2>/dev/null; do sleep 0.02; done`);
      if (how === "killed") await machine.sure("systemctl kill --signal=KILL trinity-restore");
      else {
        await machine.kill();
        await machine.up();
      }
      expect((await job.done).code).toBe(2);
      await machine.sure(`for i in $(seq 120); do [[ -d ${RECORD} ]] || break; sleep 0.5; done
        for i in $(seq 120); do systemctl is-active --quiet authserver worldserver && break; sleep 0.5; done`);
      expect([await state(), await serves()]).toEqual([before, "active\nactive"]);
    },
    240_000,
  );

  it("can be done again after that", async () => {
    const told = await stack.realm(["restore", ...stack.where, await oldest(), "--yes"]);
    expect([told.code, told.stderr]).toEqual([0, expect.anything()]);
    expect(await machine.sure(sql("SELECT name FROM characters.characters"))).toBe("Arthas");
    expect(await machine.sure(`ls -d ${RECORD} 2>/dev/null || true`)).toBe("");
  }, 120_000);
});
