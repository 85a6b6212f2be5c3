/** `trinitycore:databases.rotation`: new passwords in place of those made at random. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { logsIn, names, passwordOf, pidOf, reaches } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const of = {
  authserver: "TC_LOGIN_DATABASE_INFO",
  characters: "TC_CHARACTER_DATABASE_INFO",
  worldserver: "TC_WORLD_DATABASE_INFO",
};

describeOnLab("a rotation of the databases' passwords", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeEach(async () => {
    realm = await convergedRealm("rotation");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterEach(() => destroyLab(realm), 60_000);

  const passwords = async (): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const [user, key] of Object.entries(of)) found[user] = await passwordOf(machine, "worldserver", key);
    return found;
  };

  /**
   * Logs in with the password over and over; a line for each: the worldserver's process then, whether MariaDB took it,
   * how many it takes.
   */
  async function keepLoggingIn(user: string, password: string): Promise<void> {
    await machine.sure(
      `umask 077; cat >/root/old.cnf; cat >/root/old.sh <<'END'
while true; do
  before=$(systemctl show -P MainPID worldserver)
  taken=$(mariadb --defaults-file=/root/old.cnf -N -e "SELECT 'in'" 2>/dev/null)
  many=$(mariadb -N -e "SELECT JSON_LENGTH(Priv, '$.auth_or') FROM mysql.global_priv WHERE User = '${user}'")
  after=$(systemctl show -P MainPID worldserver)
  [[ $before != "$after" ]] || echo "$before \${taken:-out} $many" >>/root/old.log
done
END
systemd-run -q --unit=old-logins bash /root/old.sh`,
      `[client]\nuser=${user}\npassword="${password}"\nprotocol=socket\n`,
    );
  }

  it("gives each database another one, and takes the old until the servers run with the new", async () => {
    const old = await passwords();
    const world = await pidOf(machine, "worldserver");
    await keepLoggingIn("worldserver", old.worldserver as string);

    await stack.set({ "trinitycore:databases.rotation": 1 });
    expect(names(await stack.planned())).toEqual(
      expect.arrayContaining(["realm-access", "realm-authserver-config", "realm-worldserver-config"]),
    );
    expectOk(await stack.up());
    expect(names(await stack.planned())).toEqual([]);
    await machine.sure("systemctl stop old-logins");

    const tried = (await machine.sure("cat /root/old.log")).split("\n").map((line) => line.split(" "));
    const before = tried.filter(([pid]) => pid === world);
    expect(before.filter(([, taken]) => taken !== "in")).toEqual([]);
    expect(before.some(([, , many]) => many === "2")).toBe(true);

    const now = await passwords();
    for (const user of Object.keys(of)) {
      expect(now[user]).not.toBe(old[user]);
      expect(await logsIn(machine, user, old[user] as string)).toBe(false);
      expect(await logsIn(machine, user, now[user] as string)).toBe(true);
    }
    expect(await pidOf(machine, "worldserver")).not.toBe(world);
    for (const port of [3724, 8085]) expect(await reaches(machine.address, port)).toBe(true);

    const pids = [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
    expectOk(await stack.up());
    expect([await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")]).toEqual(pids);
    expect(await passwords()).toEqual(now);
  }, 300_000);
});
