import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import { CHECKOUT, type Stack } from "../lab/pulumi";
import { ROOT } from "./breakage";
import { commitToCore, names, pidOf, reaches } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("a release that reads other game data", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  let tip: string;
  const folders = { old: mkdtempSync(join(tmpdir(), "data-10-")), new: mkdtempSync(join(tmpdir(), "data-11-")) };

  beforeAll(async () => {
    realm = await convergedRealm("formats");
    ({ machine, stack } = realm);
    for (const folder of Object.values(folders)) execFileSync(join(CHECKOUT, "tests/lab/core/make-data.sh"), [folder]);
    const eleven =
      "for map in maps/*; do printf '\\13' | dd of=$map bs=1 seek=4 conv=notrunc status=none; done; touch -d '1 hour' maps/*";
    execFileSync("bash", ["-c", eleven], { cwd: folders.new });
    tip = await commitToCore(
      machine,
      "sed -i 's/MapVersionMagic  *= 10/MapVersionMagic      = 11/' src/common/GameFiles.h && echo 'UPDATE version SET cache_id = 779;' >sql/updates/world/2099_01_01_00_world.sql",
    );
    await stack.set({ "trinitycore:core.source.commit": tip });
  }, 1_200_000);
  afterAll(async () => {
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true });
    await destroyLab(realm);
  }, 60_000);

  const live = () => machine.sure(`readlink ${ROOT}/run`);
  const send = (folder: string) => stack.realm(["data", "send", folder, ...stack.where]);
  const map = () => machine.sure(`od -An -t u4 -j 4 -N 4 ${ROOT}/data/maps/0004331.map`);
  const content = () => machine.sure("mariadb -N worldserver -e 'SELECT cache_id FROM version'");

  it("is found before the databases are migrated for it, and the live one goes on", async () => {
    const before = { live: await live(), pid: await pidOf(machine, "worldserver"), content: await content() };
    const { code, stdout, stderr } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      new RegExp(
        `error: releases/${tip.slice(0, 12)}-\\w+ reads maps 11, and the game data has maps 10; ` +
          "nothing was changed, and the live release goes on",
      ),
    );
    expect(await machine.sure(`sed -n 's/^formats=//p' ${ROOT}/candidate/release.info`)).toBe(
      "maps=11 vmaps=4.8 mmaps=15",
    );
    expect({ live: await live(), pid: await pidOf(machine, "worldserver"), content: await content() }).toEqual(before);
    expect(await reaches(machine.address, 8085)).toBe(true);
    expect(expectOk(await stack.preview())).toMatch(
      new RegExp(
        `(releases/${tip.slice(0, 12)}-\\w+) reads maps 11, .* so it cannot go live: extract the game data again: ` +
          "`npm run realm -- data extract` takes the extractors of \\1 and sends what they make",
      ),
    );
  }, 400_000);

  it("goes live together with new data, which waited for it", async () => {
    const pid = await pidOf(machine, "worldserver");
    const before = await live();
    expect(expectOk(await send(folders.new))).toMatch(
      new RegExp(
        `which the live release does not read; \`pulumi up\` brings both live, .* releases/${tip.slice(0, 12)}`,
      ),
    );
    expect([await map(), await live(), await pidOf(machine, "worldserver")]).toEqual([
      expect.stringMatching(/^ *10$/),
      before,
      pid,
    ]);
    expect(expectOk(await stack.preview())).toContain(`new game data waits in ${ROOT}/data.incoming`);
    expectOk(await stack.up());
    expect([await map(), await live(), await content()]).toEqual([
      expect.stringMatching(/^ *11$/),
      expect.stringContaining(tip.slice(0, 12)),
      "779",
    ]);
    expect(await reaches(machine.address, 8085)).toBe(true);
    expect(names(await stack.planned())).toEqual([]);
  }, 400_000);

  it("lets no data in that it does not read", async () => {
    const { code, stderr } = await send(folders.old);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^\S+ has maps 10, and releases\/\S+ reads maps 11; nothing was sent: extract the data/),
    ]);
    expect(await map()).toMatch(/11$/);
  }, 60_000);
});
