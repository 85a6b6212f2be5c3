/**
 * State and host as an earlier version left them, then the present one. `earlier` holds whole programs as they were,
 * so that this also runs in a checkout without history; a new one is made with
 *   git archive --format=tar COMMIT index.ts Pulumi.yaml package.json tsconfig.json program settings ssh steps components server | gzip -9n
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringGameData, earlierConfig, offerDownloads, realmConfig } from "../lab/config";
import { Machine } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { names, realmFromOutside } from "./outside";
import { describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const folder = join(__dirname, "earlier");
const versions = ["6540c0b", "d882ddf", "bba08c6"];

/**
 * What an upgrade leaves as it is: all but the processes of both servers, which are the first two lines, and the database
 * user of the backups, which the earlier versions had not.
 */
const whatStays = ([first, ...rest]: unknown[]) => [
  String(first)
    .split("\n")
    .filter((line) => line !== "" && line !== "trinity-backup")
    .slice(2),
  ...rest,
];

it("each version that is kept is upgraded from", () => {
  const archives = versions.map((version) => `${version}.tar.gz`);
  expect(readdirSync(folder).sort()).toEqual(archives.sort());
});

describeOnLab("an upgrade from", () => {
  let realm: RealmLab;
  let program: string;
  afterEach(async () => {
    await destroyLab(realm);
    rmSync(program, { recursive: true, force: true });
  }, 60_000);

  it.each(versions)(
    "%s builds nothing, restarts each server once for its new unit, and is complete after one `up`",
    async (version) => {
      program = mkdtempSync(join(tmpdir(), "earlier-"));
      execFileSync("tar", ["-C", program, "-xzf", join(folder, `${version}.tar.gz`)]);
      execFileSync("npm", ["install", "--omit=dev", "--no-package-lock", "--no-audit", "--no-fund"], { cwd: program });
      const machine = await Machine.fresh("upgrade", "baked");
      await offerDownloads(machine);
      const earlier = await new Stack({ work: mkdtempSync(join(tmpdir(), "realm-")), program }).init();
      const stack = new Stack({ work: earlier.work });
      realm = { machine, stack };
      const plain = Object.entries(earlierConfig(machine));
      await earlier.must([
        "config",
        "set-all",
        ...earlier.where,
        ...plain.flatMap((each) => ["--plaintext", each.join("=")]),
      ]);
      const secret = "trinitycore:ssh.privateKey";
      await earlier.must(["config", "set-all", ...earlier.where, "--secret", `${secret}=${machine.privateKey}`]);
      expectOk(await earlier.up());
      await bringGameData(machine);
      expectOk(await earlier.up());
      const before = await realmFromOutside(machine);

      await stack.must(["config", "rm-all", ...stack.where, ...plain.map(([key]) => key), secret]);
      await stack.set(realmConfig(machine));
      const others = (await stack.planned()).filter(({ op }) => op !== "update");
      const since =
        /^create .*(::pulumi:providers:command::ssh|::realm-(way-in|game-data|alerts|watch|backup(-(user|account|now|drill))?|two-factor|passwords-two-factor|(accounts|announcer)(-[\w-]+)?)|::trinitycore:(host:Host::host|core:Core::core|servers:Login::login))$/;
      expect(others.map(({ op, urn }) => `${op} ${urn}`).filter((step) => !since.test(step))).toEqual([]);
      expectOk(await stack.up());
      const after = await realmFromOutside(machine);
      expect(whatStays(after)).toEqual(whatStays(before));
      expect(names(await stack.planned())).toEqual([]);

      // What the earlier version's receipts said is the stack's is removed by the present one.
      expectOk(await stack.destroy());
      expect(
        await machine.sure(
          "{ firewall-cmd --list-ports; ls /etc/systemd/system | grep -E 'server|tc-335|trinity'; ls /var/lib/trinity-stack/receipts; ls -d /etc/trinity-stack; } 2>/dev/null || true",
        ),
      ).toBe("");
    },
    600_000,
  );
});
