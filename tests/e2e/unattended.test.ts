import { preview } from "./looks";
import { pidOf, reaches } from "./outside";
import { convergedRealm, describeOnLab, discard, expectOk, type RealmLab } from "./realm-lab";

/** An upgrade as the distribution's timer does it at night: a real apt, with a package that restarts MariaDB and takes as long as it is let. */
const UPGRADE = `d=$(mktemp -d) && mkdir $d/DEBIAN
  printf 'Package: upgrade\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n' >$d/DEBIAN/control
  printf '#!/bin/sh\\nsystemctl restart mariadb\\ntouch /run/upgrading\\nuntil [ -e /run/go-on ]; do sleep 0.1; done\\n' >$d/DEBIAN/postinst
  chmod 755 $d $d/DEBIAN/postinst && dpkg-deb -b $d /srv/upgrade.deb
  systemd-run --quiet --unit=nightly apt-get -y install /srv/upgrade.deb
  timeout 60 sh -c 'until [ -e /run/upgrading ]; do sleep 0.1; done'`;

describeOnLab("a server that upgrades itself", () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await convergedRealm("unattended");
  }, 1_200_000);
  afterAll(() => discard(realm), 60_000);

  it("has `up` wait for it, and say for whom; MariaDB's restart leaves the servers running", async () => {
    const { machine, stack } = realm;
    const pids = () => Promise.all(["mariadb", "authserver", "worldserver"].map((unit) => pidOf(machine, unit)));
    const [mariadb, ...servers] = await pids();
    await machine.sure(`dpkg -r restic && ${UPGRADE}`);

    const run = stack.startUp();
    await machine.sure(
      "timeout 60 sh -c 'until grep -qsE \"Could not get lock|locked by another\" /run/trinity-stack/locks/packages.log; do sleep 0.1; done'; touch /run/go-on",
    );
    expect(expectOk(await run.done)).toMatch(
      /waiting for another package manager: .* lock .*by (another )?process (with pid )?\d+/,
    );
    expect(
      await machine.sure(
        "dpkg -s upgrade restic | grep -c '^Status: install ok installed'; systemctl is-failed nightly || true",
      ),
    ).toBe("2\ninactive");
    const after = await pids();
    expect(after[0]).not.toBe(mariadb);
    expect(after.slice(1)).toEqual(servers);
    expect(await Promise.all([3724, 8085].map((port) => reaches(machine.address, port)))).toEqual([true, true]);
    const { planned, warns } = await preview(stack);
    expect([planned, warns]).toEqual([[], {}]);
  }, 180_000);
});
