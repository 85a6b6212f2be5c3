/** `npm run realm -- restore`: databases come back from a backup and from dumps, or all stays as it was. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { names, pidOf } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a restore", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  const folder = mkdtempSync(join(tmpdir(), "dumps-"));
  beforeAll(async () => {
    realm = await convergedRealm("restore");
    ({ machine, stack } = realm);
    await stack.set({ "trinitycore:update.probe": 3 });
    expectOk(await stack.up());
  }, 1_200_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await destroyLab(realm);
  }, 60_000);

  const restore = (...args: string[]) => stack.realm(["restore", ...stack.where, ...args]);
  const asks = (statement: string) => machine.sure(sql(statement));
  const heroes = () => asks("SELECT GROUP_CONCAT(name ORDER BY name) FROM characters.characters");
  const enters = (guid: number, name: string) =>
    asks(`INSERT INTO characters.characters (guid, account, name) VALUES (${guid}, 1, '${name}')`);
  const pids = async () => [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
  const rests = () =>
    machine.sure(`mariadb -N -e "SHOW DATABASES LIKE '%\\_\\_%'"; ls /var/lib/trinity-stack/swaps 2>/dev/null
      ls -d /var/lib/trinity-stack/restore /var/lib/trinity-stack/dumps 2>/dev/null || true`);
  const sums = () => asks("CHECKSUM TABLE characters.characters, authserver.account, authserver.realmlist");
  const list = async () =>
    JSON.parse((await restore("--json")).stdout).backups as { name: string; note: string; sizes: object }[];

  it("brings characters and accounts back, and keeps what was there before", async () => {
    await enters(1, "Arthas");
    await machine.sure("systemctl start trinity-backup");
    const [backup] = await list();
    expect(Object.keys(backup?.sizes ?? {})).toEqual(["auth", "characters"]);
    await asks("DELETE FROM characters.characters");
    await enters(2, "Uther");
    await asks("UPDATE authserver.account SET email = 'CHANGED'");

    const shown = await restore();
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/^# +when .*\n1 .* newest$/m)]);
    const asked = await restore("1");
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining("nobody can be asked here: --yes")]);
    expect(await heroes()).toBe("Uther");

    const before = await pids();
    const told = await restore("newest", "--yes");
    expect([told.code, told.stdout]).toEqual([0, expect.stringContaining("characters is restored")]);
    expect(told.stderr).toContain("This replaces authserver and characters as they are now");
    expect([await heroes(), await asks("SELECT COUNT(*) FROM authserver.account WHERE email = 'CHANGED'")]).toEqual([
      "Arthas",
      "0",
    ]);
    expect((await pids()).map((pid, at) => pid !== before[at])).toEqual([true, true]);
    expect(await rests()).toBe("");
    expect(names(await stack.planned())).toEqual([]);
    expect((await list()).map(({ note }) => note)).toEqual(["before restore", ""]);
  }, 240_000);

  it("brings back what was there before a restore, of one database alone, when its name is typed", async () => {
    const { code, screen } = await stack.typed(
      ["restore", ...stack.where, "--only", "characters"],
      ["restore which?: ", "1\n"],
      ["go on (wotlk): ", "else\n"],
      ["go on (wotlk): ", "wotlk\n"],
    );
    expect([code, screen]).toEqual([0, expect.stringContaining("it is wotlk; Ctrl-C ends this")]);
    expect([await heroes(), await rests()]).toEqual(["Uther", ""]);
  }, 120_000);

  it("takes dumps as the wiki page makes them", async () => {
    const file = join(folder, "characters-database-auto-2026-11-26.sql.gz");
    writeFileSync(
      file,
      Buffer.from(await machine.sure("mariadb-dump --single-transaction characters | gzip | base64 -w 0"), "base64"),
    );
    await asks("DELETE FROM characters.characters");
    const told = await restore(file, "--yes");
    expect([told.code, told.stderr]).toEqual([0, expect.stringContaining("a dump of characters, made 20")]);
    expect([await heroes(), await rests()]).toEqual(["Uther", ""]);
    expect(names(await stack.planned())).toEqual([]);
  }, 120_000);

  it("changes nothing, and stops no server, when a dump is not whole", async () => {
    const [before, running] = [await sums(), await pids()];
    const file = join(folder, "half.sql");
    writeFileSync(file, (await machine.sure("mariadb-dump authserver")).split("\n").slice(0, -3).join("\n"));
    const told = await restore(file, "--yes");
    expect([told.code, told.stderr]).toEqual([2, expect.stringContaining("1-half.sql has no end")]);
    expect([await sums(), await pids()]).toEqual([before, running]);
    expect(await machine.sure("ls -d /var/lib/trinity-stack/restore 2>/dev/null || true")).toBe("");
  }, 120_000);

  it("leaves all as it was when it is killed after the swap", async () => {
    const before = await sums();
    const [, , first] = await list();
    const job = stack.startRealm(["restore", ...stack.where, first?.name ?? "", "--yes"]);
    await machine.sure(`until grep -qx stage=starting /var/lib/trinity-stack/restore/state 2>/dev/null; do sleep 0.1; done
      systemctl kill --signal=KILL trinity-restore`);
    const { code, stderr } = await job.done;
    expect([code, stderr]).toEqual([2, expect.stringContaining("trinity-restore.service was ended from outside")]);
    await machine.sure("until [[ ! -d /var/lib/trinity-stack/restore ]]; do sleep 0.2; done");
    expect([await sums(), await rests()]).toEqual([before, ""]);
    expect(await machine.sure("systemctl is-active authserver worldserver")).toBe("active\nactive");
  }, 120_000);
});
