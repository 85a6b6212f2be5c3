import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { ROOT, sql } from "./breakage";
import { said } from "./cuts";
import { names, reaches } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const PORTS = [3724, 8085];
const account =
  "INSERT INTO authserver.account (username, salt, verifier) VALUES ('A', REPEAT('a', 32), REPEAT('b', 32))";

describeOnLab("pulumi destroy", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeEach(async () => {
    realm = await convergedRealm("destroy");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterEach(() => destroyLab(realm), 60_000);

  const lines = async (command: string) => (await machine.sure(command)).split("\n").filter(Boolean);
  const open = () => Promise.all(PORTS.map((port) => reaches(machine.address, port)));
  const logins = () => lines(sql("SELECT user FROM mysql.global_priv ORDER BY user"));
  /** Whatever bears the stack's names in the folders of programs, settings and state. */
  const left = () =>
    lines(
      "find /etc /usr/local /var/lib /run/systemd -xdev -regextype posix-extended -regex '.*(trinity|tc-335|authserver|worldserver).*' " +
        "-not -path '/var/lib/trinity*/*' -not -path '/var/lib/mysql/*' -not -path '/etc/*-' | sort",
    );
  /** All that is the players' and the operator's. */
  const kept = () =>
    machine.sure(`
      cd ${ROOT} && find data -type f -exec sha256sum {} + | sort -k2
      cat /var/backups/trinity/characters.sql
      mariadb -N -B -e 'SELECT username FROM authserver.account WHERE username <> "TRINITYSTACK"; SELECT item FROM shop.stock; SELECT user FROM mysql.global_priv WHERE user = "clerk"'
      for t in characters.characters worldserver.version; do mariadb -N -B -e "CHECKSUM TABLE $t"; done
      systemctl is-enabled mine; systemctl is-active mine; systemctl show -P MainPID mine mariadb
      firewall-cmd --list-ports | grep -o 9999/tcp; firewall-cmd --permanent --list-ports | grep -o 9999/tcp`);

  async function operatorsOwn(): Promise<void> {
    await machine.sure(`
      mkdir -p /var/backups/trinity && echo 'a dump' >/var/backups/trinity/characters.sql
      firewall-cmd -q --add-port=9999/tcp && firewall-cmd -q --permanent --add-port=9999/tcp
      printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/mine.service
      systemctl daemon-reload && systemctl enable -q --now mine`);
    await machine.sure(sql(account, "CREATE DATABASE shop", "CREATE TABLE shop.stock (item TEXT)"));
    await machine.sure(sql("INSERT INTO shop.stock VALUES ('bread')", "CREATE USER clerk@localhost"));
  }

  it("takes away what the stack made, keeps what is the players' and the operator's, and `up` takes it all up again", async () => {
    await operatorsOwn();
    const before = await kept();
    await machine.sure("rm -r /usr/local/libexec/trinity-stack");

    const said = expectOk(await stack.destroy());
    for (const keeps of [
      "kept: the databases authserver, characters and worldserver with all that is in them; the backups in /var/backups/trinity",
      "kept: the packages",
      /kept: \/var\/lib\/trinity with game data and logs \([\d.]+[KMG]\), and the user trinity, whose they are/,
    ]) {
      expect(said).toMatch(keeps);
    }
    expect(await kept()).toBe(before);
    expect(await open()).toEqual([false, false]);
    expect(await machine.sure("firewall-cmd --list-ports; firewall-cmd --permanent --list-ports")).toBe(
      "9999/tcp\n9999/tcp",
    );
    expect(await logins()).toEqual(["clerk", "mariadb.sys", "mysql", "root"]);
    expect(await left()).toEqual(["/var/lib/trinity", "/var/lib/trinity-stack"]);
    expect(await machine.sure("ls /var/lib/trinity-stack; pgrep -u trinity || echo none; id -un trinity")).toBe(
      "accounts\nmaster-secrets\nschema\nnone\ntrinity",
    );
    expect(await machine.sure(`ls ${ROOT}`)).toBe("data\netc\nlogs\nwork");
    expect((await stack.exported()).deployment.resources ?? []).toEqual([]);

    expectOk(await stack.up());
    expect(await kept()).toBe(before);
    expect(await open()).toEqual([true, true]);
    expect(await machine.sure("systemctl is-active authserver worldserver")).toBe("active\nactive");
    expect(names(await stack.planned())).toEqual([]);
  }, 300_000);

  it("goes on where it was cut off, through a unit that was masked and a step that the state forgot", async () => {
    await machine.sure("cd /etc/systemd/system && ln -sf /dev/null worldserver.service && systemctl daemon-reload");
    await stack.must(["state", "delete", ...stack.where.slice(0, 2), "--yes", await urn(stack, "realm-logs")]);
    // As jobs leave it that failed some day.
    await machine.sure(
      "mkdir -p /run/trinity-jobs/schema; systemd-run -q --unit=trinity-schema false; timeout 10 sh -c 'until systemctl is-failed -q trinity-schema; do sleep 0.1; done'",
    );
    await machine.sure("systemctl stop mariadb");
    const { code, stdout } = await stack.destroy();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(
      /so the (level of the account ESPIONAGE724 cannot be taken|account TRINITYSTACK cannot be removed)/,
    );
    expect(stdout).toContain("start it (systemctl start mariadb), then run the same again");

    await machine.sure(`systemctl start mariadb && find ${ROOT}/data ${ROOT}/logs ${ROOT}/work -type f -delete`);
    const running = stack.start(["destroy", "--yes", "--skip-preview", ...stack.where]);
    await said(running, /realm-build deleting/);
    running.child.kill("SIGKILL");
    await running.done;
    expectOk(await stack.cancel());
    expectOk(await stack.destroy());
    expect(await left()).toEqual(["/var/lib/trinity", "/var/lib/trinity-stack"]);
    expect(await logins()).toEqual(["mariadb.sys", "mysql", "root"]);
    expect(
      await machine.sure("firewall-cmd --list-ports; systemctl list-units --all --plain | grep trinity || true"),
    ).toBe("");
    // Nothing of theirs in it: the account goes, its home does not.
    expect(await machine.sure("getent passwd trinity; getent group trinity; ls -d /var/lib/trinity")).toBe(
      "/var/lib/trinity",
    );
    expect(await machine.sure(sql("SELECT COUNT(*) > 0 FROM worldserver.version"))).toBe("1");
  }, 300_000);
});

async function urn(stack: Stack, name: string): Promise<string> {
  const { resources = [] } = (await stack.exported()).deployment;
  return resources.find((resource) => resource.urn.endsWith(`Command::${name}`))?.urn as string;
}
