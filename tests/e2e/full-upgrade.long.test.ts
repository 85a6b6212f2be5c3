import { ROOT, sql } from "./breakage";
import { pidOf, reaches } from "./outside";
import { preview } from "./preview";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("Debian 12 that was upgraded to Debian 13, its MariaDB and libraries with it", () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await convergedRealm("full-upgrade");
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 120_000);

  it("is a running realm again after one `up`, with all it had", async () => {
    const { machine, stack } = realm;
    await machine.sure(sql("INSERT INTO characters.characters (guid, account, name) VALUES (7, 1, 'Jaina')"));
    await machine.sure(`sed -i 's/\\bbookworm\\b/trixie/g' $(grep -rl bookworm /etc/apt/sources.list /etc/apt/sources.list.d)
      export DEBIAN_FRONTEND=noninteractive
      apt() { apt-get -y -q -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" </dev/null >>/root/upgrade.log 2>&1 || { tail /root/upgrade.log >&2; exit 1; }; }
      apt update; apt full-upgrade; apt autoremove`);
    await machine.stop();
    await machine.up();

    const { planned, warns } = await preview(stack);
    expect(planned).toEqual(["authserver", "backup-account", "build", "packages", "release", "schema", "worldserver"]);
    expect(warns.build?.join()).toMatch(/built with system debian 12 \S+, should be debian 13 /);
    // Since 11.3 MariaDB has a right of its own to read how a routine is made, and backups need it.
    expect(warns["backup-account"]?.join()).toContain(
      "lacks: SELECT, SHOW VIEW, EVENT, TRIGGER, SHOW CREATE ROUTINE ON ",
    );
    expectOk(await stack.up());
    const after = await preview(stack);
    expect([after.planned, after.warns]).toEqual([[], {}]);
    expect(await machine.sure(`grep ^system= ${ROOT}/run/release.info`)).toMatch(/^system=debian 13 /);
    expect(await machine.sure(`readlink /proc/${await pidOf(machine, "worldserver")}/exe`)).toContain("/releases/");
    expect(await reaches(machine.address, 8085)).toBe(true);
    expect(await machine.sure(sql("SELECT name FROM characters.characters WHERE guid = 7"))).toContain("Jaina");
    expect(await machine.sure("mariadb --version")).toMatch(/ 11\./);
  }, 1_800_000);
}, ["trixie"]);
