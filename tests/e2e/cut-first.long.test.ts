import { cuts } from "./cuts";
import { holdAt, holdable, letGo, untilHeld } from "./hold";
import { preview } from "./preview";
import { bareRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

/**
 * What a host has that the stack could have brought, without what a destroy keeps: databases with what the core
 * keeps beside them, and logs with the account whose they are.
 */
const TRACES = `[ "$(find /var/lib/trinity -type f 2>/dev/null)" ] || { getent passwd trinity; getent group trinity; }
  firewall-cmd --list-ports; firewall-cmd --permanent --list-ports
  mariadb -N -B -e 'SELECT user FROM mysql.global_priv WHERE user NOT IN ("root", "mysql", "mariadb.sys") ORDER BY user' 2>/dev/null
  find /etc /usr/local /run/systemd -xdev -regextype posix-extended -regex '.*(trinity|tc-335|authserver|worldserver).*' -not -path '/etc/*-' | sort
  systemctl list-units --all --plain --no-legend '*trinity*' 'authserver*' 'worldserver*' | grep -v not-found
  find /var/lib/trinity-stack -type f ! -name schema ! -name accounts ! -name master-secrets
  find /var/lib/trinity/Projects -type f ! -path '*/data/*' ! -path '*/logs/*' ! -path '*/work/schema-logs/*'`;

describeOnLab("a first `up` that is cut off", () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await bareRealm("cut-first");
    await holdable(realm.machine);
  }, 300_000);
  afterAll(() => destroyLab(realm), 60_000);

  it.each([
    [["user", "firewall"], "a power cut"],
    [["user", "firewall"], "SIGKILL, then pulumi cancel"],
    [["build", "logs"], "the steps killed on the host"],
    [["access", "authserver-unit", "worldserver-unit", "authserver-config"], "a power cut"],
    [["authserver"], "a cut SSH connection"],
  ] as const)(
    "in %j by %s, and then destroyed, leaves nothing on the host",
    async (steps, way) => {
      const { machine, stack } = realm;
      const before = await machine.sure(`${TRACES}; true`);
      // All is made, and no receipt says so.
      await holdAt(machine, Object.fromEntries(steps.map((step) => [step, 0])));
      const up = stack.startUp();
      expect(Object.keys(await untilHeld(machine, up, steps.length)).sort()).toEqual([...steps].sort());
      expect(await machine.sure(`${TRACES}; true`)).not.toBe(before);
      await cuts[way](realm, up);
      await letGo(machine);
      await up.done;
      if (way === "a power cut") {
        const { tells, warns } = await preview(stack);
        for (const step of steps)
          expect([step, tells[step]?.[0]]).toEqual([
            step,
            "not finished: the last `pulumi up` was cut off, or failed, in the middle of it",
          ]);
        expect(Object.values(warns).flat()).toEqual([]);
      }
      expectOk(await stack.destroy());
      expect((await stack.exported()).deployment.resources ?? []).toEqual([]);
      expect(await machine.sure(`${TRACES}; true`)).toBe(before);
    },
    600_000,
  );
});
