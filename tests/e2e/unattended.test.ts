import { pidOf, reaches } from "./outside";
import { preview } from "./preview";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

/**
 * unattended-upgrades, and a repository of one package for it: its upgrade restarts MariaDB, and takes as long as it is
 * let.
 */
const OFFERED = `set -e
  { apt-get update && apt-get install -y --no-install-recommends unattended-upgrades; } >/run/apt.log 2>&1 || { cat /run/apt.log; exit 1; }
  mkdir -p /srv/night /srv/upgrade/DEBIAN && cd /srv/night
  package() {
    printf 'Package: upgrade\\nVersion: %s\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n' $1 >/srv/upgrade/DEBIAN/control
    dpkg-deb -b /srv/upgrade upgrade-$1.deb
  }
  package 1 && dpkg -i upgrade-1.deb && rm upgrade-1.deb
  printf '#!/bin/sh\\nsystemctl restart mariadb\\ntouch /run/upgrading\\nuntil [ -e /run/go-on ]; do sleep 0.1; done\\n' >/srv/upgrade/DEBIAN/postinst
  chmod 755 /srv/upgrade/DEBIAN/postinst && package 2
  sum() { sha256sum $1 | cut -d ' ' -f 1; }
  { dpkg-deb -f upgrade-2.deb; printf 'Filename: ./upgrade-2.deb\\nSize: %s\\nSHA256: %s\\n' $(stat -c %s upgrade-2.deb) $(sum upgrade-2.deb); } >Packages
  printf 'Origin: Lab\\nSHA256:\\n %s %s Packages\\n' $(sum Packages) $(stat -c %s Packages) >Release
  echo 'deb [trusted=yes] file:/srv/night ./' >/etc/apt/sources.list.d/night.list
  printf '%s\\n' 'APT::Periodic::Unattended-Upgrade "1";' '#clear Unattended-Upgrade::Origins-Pattern;' 'Unattended-Upgrade::Origins-Pattern { "origin=Lab"; };' >/etc/apt/apt.conf.d/99night
  apt-get update >/run/apt.log 2>&1`;
/** As its timer does it at night. */
const UPGRADE =
  "systemctl start --no-block apt-daily-upgrade && timeout 120 sh -c 'until [ -e /run/upgrading ]; do sleep 0.1; done'";

describeOnLab("a host that upgrades itself", () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await convergedRealm("unattended");
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  it("has `up` wait for it, and say for whom; MariaDB's restart takes the servers along", async () => {
    const { machine, stack } = realm;
    await machine.sure(OFFERED);
    const pids = () => Promise.all(["mariadb", "authserver", "worldserver"].map((unit) => pidOf(machine, unit)));
    const before = await pids();
    await machine.sure(`dpkg -r p7zip-full && ${UPGRADE}`);

    const run = stack.startUp();
    await machine.sure(
      "timeout 60 sh -c 'until grep -qsE \"Could not get lock|locked by another\" /run/trinity-stack/locks/packages.log; do sleep 0.1; done'; touch /run/go-on",
    );
    expect(expectOk(await run.done)).toMatch(/waiting for another package manager: .* \d+ \(unattended-upgr\)/);
    expect(
      await machine.sure(
        "dpkg -s upgrade p7zip-full | grep -E '^(Status|Version: 2$)'; systemctl is-failed apt-daily-upgrade || true",
      ),
    ).toBe("Status: install ok installed\nVersion: 2\nStatus: install ok installed\ninactive");
    const after = await pids();
    for (const [at, pid] of before.entries()) expect([at, after[at]]).not.toEqual([at, pid]);
    expect(await Promise.all([3724, 8085].map((port) => reaches(machine.address, port)))).toEqual([true, true]);
    const { planned, warns } = await preview(stack);
    expect([planned, warns]).toEqual([[], {}]);
  }, 180_000);
});
