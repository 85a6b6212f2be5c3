import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine } from "../lab/machine";
import { CHECKOUT } from "../lab/pulumi";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("the host's extractors on a machine of another distribution release", () => {
  let realm: RealmLab;
  let other: Machine;
  const top = mkdtempSync(join(tmpdir(), "abroad "));

  beforeAll(async () => {
    realm = await convergedRealm("client-home");
    other = await Machine.fresh("abroad", "bare-trixie");
  }, 2_400_000);
  afterAll(async () => {
    await other?.destroy();
    await destroyLab(realm);
    rmSync(top, { recursive: true, force: true });
  }, 240_000);

  it("run there with the libraries that they brought, and without them do not", async () => {
    const client = join(top, "client");
    execFileSync(join(CHECKOUT, "tests/lab/core/make-client.sh"), [client]);
    expectOk(await realm.stack.realm(["data", "extract", client, "--keep", ...realm.stack.where]));
    const brought = execFileSync("tar", ["-C", top, "-c", "client", "client.extract/tools"], { maxBuffer: 512 << 20 });
    const scripts = execFileSync("tar", ["-C", join(CHECKOUT, "server"), "-c", "extract"]);
    await other.sure("mkdir /srv/x && base64 -d | tar -C /srv/x -x", brought.toString("base64"));
    await other.sure("base64 -d | tar -C /srv/x -x", scripts.toString("base64"));
    const alone = await other.exec("cd /srv/x/client && ../client.extract/tools/mapextractor -f 0");
    expect([alone.code, alone.stderr]).toEqual([127, expect.stringMatching(/libboost_\w+\.so\.1\.74\.0: cannot open/)]);
    await other.sure("mv /srv/x/client.extract/tools /srv/x/tools && rmdir /srv/x/client.extract");
    const made = "bash /srv/x/extract/run.sh make /srv/x/client /srv/x/made /srv/x/tools 'maps buildings vmaps mmaps'";
    expect(await other.sure(made)).toMatch(/^done mmaps \d+ \d+$/m);
    const sums = "find dbc maps vmaps Cameras -type f | sort | xargs sha256sum";
    expect(await other.sure(`cd /srv/x/made && ${sums}`)).toBe(
      execFileSync("bash", ["-c", `cd "$1" && ${sums}`, "-", `${client}.extract`], { encoding: "utf8" }).trim(),
    );
  }, 600_000);
}, ["trixie"]);
