/**
 * State and server as an earlier version left them, then the present one. `earlier` holds whole programs as they were, so that this
 * also runs in a checkout without history; a new one is made with
 *   git archive --format=tar COMMIT index.ts Pulumi.yaml package.json tsconfig.json program settings ssh steps components server | gzip -9n
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringGameData, realmConfig, seed } from "../lab/config";
import { Machine } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { names, realmFromOutside } from "./outside";
import { describeOnLab, discard, expectOk, type RealmLab } from "./realm-lab";

const folder = join(__dirname, "earlier");

/** All but the processes of both servers, which are the first two lines. */
const withoutServers = ([first, ...rest]: unknown[]) => [String(first).split("\n").filter(Boolean).slice(2), ...rest];

describeOnLab("an upgrade from", () => {
  let realm: RealmLab;
  let program: string;
  afterEach(async () => {
    await discard(realm);
    rmSync(program, { recursive: true, force: true });
  }, 60_000);

  it.each(readdirSync(folder))(
    "%s builds nothing, restarts each server once for its new unit, and is complete after one `up`",
    async (archive) => {
      program = mkdtempSync(join(tmpdir(), "earlier-"));
      execFileSync("tar", ["-C", program, "-xzf", join(folder, archive)]);
      execFileSync("npm", ["install", "--omit=dev", "--no-package-lock", "--no-audit", "--no-fund"], { cwd: program });
      const machine = await Machine.fresh("upgrade", "baked");
      await seed(machine);
      const earlier = await new Stack({ work: mkdtempSync(join(tmpdir(), "realm-")), program }).init();
      const stack = new Stack({ work: earlier.work });
      realm = { machine, stack };
      await earlier.set(realmConfig(machine));
      expectOk(await earlier.up());
      await bringGameData(machine);
      expectOk(await earlier.up());
      const before = await realmFromOutside(machine);

      const others = (await stack.planned()).filter(({ op }) => op !== "update");
      const since = /^create .*(::pulumi:providers:command::ssh|::realm-way-in)$/;
      expect(others.map(({ op, urn }) => `${op} ${urn}`).filter((step) => !since.test(step))).toEqual([]);
      expectOk(await stack.up());
      const after = await realmFromOutside(machine);
      expect(withoutServers(after)).toEqual(withoutServers(before));
      expect(names(await stack.planned())).toEqual([]);

      // What the earlier version's receipts said is the stack's is removed by the present one.
      expectOk(await stack.destroy());
      expect(
        await machine.sure("firewall-cmd --list-ports; ls /etc/systemd/system | grep -E 'server|tc-335' || true"),
      ).toBe("");
    },
    600_000,
  );
});
