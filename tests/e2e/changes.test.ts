import { realmConfig } from "../lab/config";
import type { Machine } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { logsIn, names, passwordOf, pidOf, reaches, watchProcesses } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab, upCompletes } from "./realm-lab";

const SQL = (database: string, statement: string) => `mariadb -N -B ${database} -e ${JSON.stringify(statement)}`;

describeOnLab("a change in the stack config", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeEach(async () => {
    realm = await convergedRealm("changes");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterEach(() => destroyLab(realm), 60_000);

  const up = () => upCompletes(stack);

  it("brings a changed realm address into the row, and touches nothing else", async () => {
    const pids = [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
    await stack.set({ "trinitycore:realms.wotlk.address": "new.lab.test" });
    expect(names(await stack.planned())).toEqual(["realm-row"]);
    await up();
    expect(await machine.sure(SQL("authserver", "SELECT address FROM realmlist WHERE id = 1"))).toBe("new.lab.test");
    expect([await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")]).toEqual(pids);
  }, 120_000);

  it("gives the realm another number: row, settings and what belongs to it go together, or not at all", async () => {
    const rows = () => machine.sure(SQL("authserver", "SELECT id, name, flag FROM realmlist ORDER BY id"));
    const conf = () =>
      machine.sure("grep -rhE '^RealmID' /var/lib/trinity/Projects/trinity-335/etc/worldserver.conf.d || echo default");
    await machine.sure(SQL("authserver", "INSERT INTO account_access VALUES (99, 3, 1, NULL)"));
    await stack.set({ "trinitycore:realms.wotlk.id": 2 });
    const planned = names(await stack.planned());
    expect(planned).toEqual(expect.arrayContaining(["realm-row", "realm-worldserver", "realm-worldserver-config"]));
    await up();
    expect(await rows()).toBe("2\tRoE (WotLK)\t0");
    expect(await conf()).toMatch(/^RealmID *= *2$/);
    expect(await machine.sure(SQL("authserver", "SELECT RealmID FROM account_access WHERE AccountID = 99"))).toBe("2");

    await machine.sure(SQL("authserver", "INSERT INTO realmlist (id, name) VALUES (3, 'Other')"));
    await stack.set({ "trinitycore:realms.wotlk.id": 3 });
    for (const refused of [await stack.preview(), await stack.up()]) {
      expect(refused.code).not.toBe(0);
      expect(refused.stdout + refused.stderr).toContain(
        `row 3 of authserver.realmlist is another realm's, "Other" (127.0.0.1); choose another trinitycore:realms.wotlk.id`,
      );
    }
    expect(await rows()).toBe("2\tRoE (WotLK)\t0\n3\tOther\t2");
    expect(await conf()).toMatch(/^RealmID *= *2$/);
  }, 240_000);

  it("refuses another name for a database while the data is under the old one", async () => {
    await stack.set({ "trinitycore:realms.wotlk.databases.characters.name": "players" });
    const { code, stdout, stderr } = await stack.preview();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(
      "trinitycore:realms.wotlk.databases.characters.name is players, but this host's characters",
    );
    await machine.sure("mariadb -e 'CREATE DATABASE players' && mariadb-dump --routines characters | mariadb players");
    await up();
    expect(await machine.sure("grep -o ';players' /etc/trinity-stack/worldserver.env")).toBe(";players");
    expect(await machine.sure("mariadb -N -e 'SHOW DATABASES' | grep -c '^characters$'")).toBe("1");
  }, 120_000);

  it("changes a database password: the old one fails, the new one works, one restart of what uses it", async () => {
    const old = await passwordOf(machine, "worldserver", "TC_WORLD_DATABASE_INFO");
    const wanted = "N3w pass'word$1 `x` \\ %n";
    const auth = await pidOf(machine, "authserver");
    const starts = "journalctl -q -u worldserver --no-pager | grep -c 'Started worldserver' || true";
    const before = Number(await machine.sure(starts));
    await stack.set({ "trinitycore:realms.wotlk.databases.world.password": { secret: wanted } });
    const watch = await watchProcesses(machine);
    const diff = expectOk(await stack.preview(["--diff"]));
    await up();
    const processes = await watch.end();
    for (const text of [diff, processes, JSON.stringify(await stack.exported())]) expect(text).not.toContain(wanted);
    expect(await logsIn(machine, "worldserver", old)).toBe(false);
    expect(await logsIn(machine, "worldserver", wanted)).toBe(true);
    expect(await pidOf(machine, "authserver")).toBe(auth);
    expect(Number(await machine.sure(starts))).toBe(before + 1);
    expect(await machine.sure("systemctl is-active worldserver")).toBe("active");
  }, 180_000);

  it("opens the ports the config names, closes those taken out of it, and keeps the operator's own", async () => {
    await machine.sure("firewall-cmd -q --add-port=9999/tcp && firewall-cmd -q --permanent --add-port=9999/tcp");
    await stack.set({ "trinitycore:realms.wotlk.console.networks": JSON.stringify(["10.77.0.0/16"]) });
    expect(expectOk(await stack.preview())).toMatch(
      /warning: .*: 3443\/tcp is for 10\.77\.0\.0\/16, and has no encryption/,
    );
    await up();
    expect(await reaches(machine.address, 3443)).toBe(true);
    expect(await reaches(machine.address, 7878)).toBe(false);
    await stack.unset("trinitycore:realms.wotlk.console.networks");
    await stack.set({ "trinitycore:login.port": 3725 });
    await up();
    expect(await machine.sure("firewall-cmd --list-all --permanent; firewall-cmd --list-all")).not.toMatch(/3443|3724/);
    expect(await machine.sure("firewall-cmd --list-ports | tr ' ' '\\n' | sort | xargs")).toBe(
      "3725/tcp 8085/tcp 9999/tcp",
    );
    expect(await reaches(machine.address, 3725)).toBe(true);
  }, 240_000);

  it("comes back in sync without a restart when Pulumi's state is lost", async () => {
    const pids = [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
    const fresh = await new Stack({ work: `${stack.work}-fresh` }).init();
    await fresh.set(realmConfig(machine));
    expectOk(await fresh.up());
    expect([await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")]).toEqual(pids);
    expect(names(await fresh.planned())).toEqual([]);
    await destroyLab({ machine, stack: fresh });
  }, 180_000);
});
