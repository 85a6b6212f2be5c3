import { Machine } from "../lab/machine";
import { difference, noDifference, takeInventory } from "../support/inventory";
import { describeOnLab } from "./realm-lab";

/** What somebody, or a careless program, could do to a host, and where it shows. */
const harm: readonly (readonly [what: string, script: string, shows: RegExp])[] = [
  ["a package is removed", "dpkg --purge --force-depends restic", /^package restic/],
  ["a package is held", "apt-mark hold zstd", /^held zstd/],
  ["a service is restarted", "systemctl restart cron", /^active cron.service: \w+ -> \w+/],
  ["a service is stopped", "systemctl stop cron", /^active cron.service/],
  ["a unit is disabled", "systemctl disable cron", /^unit-file cron.service/],
  ["something listens", "systemd-run -q socat TCP-LISTEN:9999,fork /dev/null", /^listens tcp\/0.0.0.0:9999/],
  [
    "a rule is loaded",
    "nft 'add table ip x; add chain ip x y { type filter hook input priority 0; }'",
    /^filter table ip x/,
  ],
  ["a port is opened", "firewall-cmd -q --permanent --add-port=1/tcp", /^zone public ports 1\/tcp/],
  ["an account is made", "useradd -r robot", /^user robot/],
  ["a group has another member", "gpasswd -a nobody adm", /^group adm/],
  ["a password is set", "echo root:x | chpasswd", /^password root/],
  ["a file below /etc is edited", "echo >>/etc/ssh/sshd_config", /^file \/etc\/ssh\/sshd_config/],
  ["a file's mode is another", "chmod 600 /etc/fstab", /^file \/etc\/fstab/],
  ["a link leads elsewhere", "ln -sfn /x /etc/localtime", /^link \/etc\/localtime/],
  ["a cron job is made", "echo '0 0 * * * true' | crontab -", /^file \/var\/spool\/cron\/crontabs\/root/],
  ["a row is changed", "mariadb -e \"UPDATE shop.stock SET item = 'salt'\"", /^table shop.stock/],
  ["a database is made", "mariadb -e 'CREATE DATABASE other'", /^database other/],
  [
    "a right is given",
    "mariadb -e 'GRANT INSERT ON shop.* TO clerk@localhost'",
    /^grant 'clerk'@'localhost' GRANT SELECT, INSERT/,
  ],
  ["something is mounted", "mkdir -p /srv/m && mount -t tmpfs none /srv/m", /^mount \/srv\/m/],
  ["a kernel setting is another", "sysctl -q -w net.ipv4.ip_default_ttl=63", /^sysctl net.ipv4.ip_default_ttl/],
];

describeOnLab("the inventory of a host", () => {
  it("is the same where nothing happened, and shows each kind of harm", async () => {
    const machine = await Machine.fresh("inventory", "baked");
    try {
      await machine.sure(`apt-get -q update >/dev/null; apt-get -q install -y --no-install-recommends cron >/dev/null
        mariadb -e "CREATE DATABASE shop; CREATE TABLE shop.stock (item TEXT); INSERT INTO shop.stock VALUES ('bread');
          CREATE USER clerk@localhost; GRANT SELECT ON shop.* TO clerk@localhost"`);
      let before = await takeInventory(machine);
      expect(difference(before, await takeInventory(machine))).toEqual(noDifference);
      for (const [what, script, shows] of harm) {
        await machine.sure(script);
        const after = await takeInventory(machine);
        const { added, removed, changed } = difference(before, after);
        expect([what, [...added, ...removed, ...changed]]).toEqual([
          what,
          expect.arrayContaining([expect.stringMatching(shows)]),
        ]);
        before = after;
      }
    } finally {
      await machine.destroy();
    }
  }, 300_000);
});
