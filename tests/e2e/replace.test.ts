/** `pulumi up --replace` and `pulumi state taint`: the engine makes the new resource before it deletes the old one. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { names, realmFromOutside } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";
/** What the steps made. */
const MADE = `ls /var/lib/trinity-stack/receipts /usr/local/libexec/trinity-stack ${ROOT} ${ROOT}/releases
  find /etc/systemd/system /etc/trinity-stack ${ROOT}/etc /usr/local/libexec/trinity-stack -type f ! -name '.*' -exec sha256sum {} + | sort -k2
  find /etc/systemd/system -type l -printf '%p %l\\n' | sort
  systemctl is-active trinity-logs.timer authserver worldserver mariadb
  id trinity; dpkg-query -W | sha256sum`;

describeOnLab("a step that is replaced", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("replace");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const steps = async () => {
    const { resources = [] } = (await stack.exported()).deployment;
    return resources.filter(({ type }) => type === "command:remote:Command").map(({ urn }) => urn);
  };
  const look = async () => [await realmFromOutside(machine), await machine.sure(MADE)];

  it("stays as it is, each of them", async () => {
    const urns = await steps();
    expect(urns.length).toBeGreaterThan(18);
    const before = await look();
    await stack.must(["state", "taint", "--yes", "--stack", stack.name, ...urns]);
    expect(expectOk(await stack.up())).toMatch(new RegExp(`\\b${urns.length} replaced`));
    expect(await look()).toEqual(before);
    expect(names(await stack.planned())).toEqual([]);
  }, 300_000);

  it("by name, too; and what has been replaced is still taken away by `destroy`", async () => {
    const before = await look();
    const logs = (await steps()).find((urn) => urn.endsWith("::realm-logs")) as string;
    expect(expectOk(await stack.up(["--replace", logs]))).toContain("1 replaced");
    expect(await look()).toEqual(before);
    expect(names(await stack.planned())).toEqual([]);
    expectOk(await stack.destroy());
    expect(
      await machine.sure("ls /var/lib/trinity-stack; ls /etc/systemd/system | grep -E 'server|tc-335|trinity' || true"),
    ).toBe("accounts\nmaster-secrets\nschema");
  }, 300_000);
});
