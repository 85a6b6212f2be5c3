import { bringGameData } from "../lab/config";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { edit, ROOT, sql } from "./breakage";
import { logins, logsIn, passwordOf, reaches } from "./outside";
import { preview } from "./preview";
import { bareRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

/** The other distributions that a host may have; what is said of Debian 12 elsewhere holds there too. */
const rows = [
  {
    suite: "trixie",
    name: "Debian GNU/Linux 13",
    prepare: "true",
    close: "firewall-cmd -q --remove-port=8085/tcp",
    closed: "8085/tcp is closed in the running firewall (permanent: open)",
    mariadb: /^11\./,
  },
  {
    suite: "noble",
    name: "Ubuntu 24.04",
    prepare: "ufw allow ssh && ufw --force enable",
    close: "ufw delete allow 8085/tcp",
    closed: "8085/tcp is closed in ufw",
    mariadb: /^10\.11\./,
  },
];

for (const row of rows) {
  describeOnLab(`a bare host with ${row.name} becomes a running realm`, () => {
    let realm: RealmLab;
    let machine: Machine;
    let stack: Stack;

    beforeAll(async () => {
      realm = await bareRealm(`on-${row.suite}`, `bare-${row.suite}`);
      ({ machine, stack } = realm);
      await machine.sure(row.prepare);
    }, 600_000);
    afterAll(() => destroyLab(realm), 240_000);

    const processes = () => machine.sure("systemctl show -P MainPID authserver worldserver mariadb");
    const nothingPlanned = async () => {
      const { planned, warns } = await preview(stack);
      expect([planned, warns]).toEqual([[], {}]);
    };

    it("by one `up`, and one more when the game data is there", async () => {
      expect(await machine.sure("sed -n 's/^PRETTY_NAME=//p' /etc/os-release")).toContain(row.name);
      expectOk(await stack.up());
      expect((await stack.outputs()).worldserver).toContain("waits for game data");
      await nothingPlanned();
      await bringGameData(machine);
      expectOk(await stack.up());
      await nothingPlanned();
    }, 1_500_000);

    it("that lets players in, runs the release that was built there, and has the content of the world", async () => {
      expect(await machine.sure("systemctl is-active authserver worldserver mariadb | xargs")).toBe(
        "active active active",
      );
      expect(await Promise.all([3724, 8085, 3443].map((port) => reaches(machine.address, port)))).toEqual([
        true,
        true,
        false,
      ]);
      expect(await machine.sure(`cat ${ROOT}/run/release.info`)).toContain(
        `system=${await machine.sure(". /etc/os-release && echo $ID $VERSION_ID $(uname -m)")}`,
      );
      expect(await machine.sure(sql("SELECT VERSION()"))).toMatch(row.mariadb);
      expect(await machine.sure(sql("SELECT COUNT(*) FROM worldserver.creature_template"))).toBe("600");
      expect(
        await logsIn(machine, "worldserver", await passwordOf(machine, "worldserver", "TC_WORLD_DATABASE_INFO")),
      ).toBe(true);
      expect(await machine.sure("systemctl list-units --failed --plain --no-legend")).toBe("");
    });

    it("on which a second `up` does nothing", async () => {
      const [before, began] = [await processes(), await logins(machine)];
      expect(expectOk(await stack.up())).not.toMatch(/to (create|update|delete|replace)|\d+ (created|updated|deleted)/);
      // The program's own look; a command would be another login.
      expect((await logins(machine)) - began).toBe(1);
      expect(await processes()).toBe(before);
    }, 60_000);

    it("whose drift is named and repaired", async () => {
      await machine.sure(`${row.close}; systemctl stop authserver; dpkg --force-depends -r socat
        ${edit(`${ROOT}/etc/worldserver.conf.d/stack.conf`, "^BirthdayTime.*", "BirthdayTime = 1")}`);
      const { planned, warns } = await preview(stack);
      expect(planned).toEqual(["authserver", "firewall", "packages", "worldserver", "worldserver-config"]);
      expect(Object.values(warns).flat()).toEqual(
        expect.arrayContaining([
          `drift: ${row.closed}`,
          "drift: authserver is not running",
          "drift: the package socat is not installed",
        ]),
      );
      expectOk(await stack.up());
      expect(await Promise.all([3724, 8085].map((port) => reaches(machine.address, port)))).toEqual([true, true]);
      await nothingPlanned();
    }, 240_000);
  }, [row.suite]);
}
