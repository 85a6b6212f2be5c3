import { type Breakage, drift, ROOT } from "./breakage";
import { realmBreakages } from "./breakages-realm";
import { reaches } from "./outside";

const STATE = "/var/lib/trinity-stack";
const SCRIPTS = "/usr/local/libexec/trinity-stack";
const noReceipt = drift("no receipt of it is on the server, though it is as it should be");

/** At least one a component, but for SELinux, which the lab's Debian has not. */
export const breakages: readonly Breakage[] = [
  {
    name: "scripts: one edited, one taken away",
    by: `cd ${SCRIPTS}/current && echo 'exit 0' >>probe.sh && rm started.sh`,
    look: `cat ${SCRIPTS}/current/*.sh | sha256sum; ls ${SCRIPTS}/current`,
    warns: {
      scripts: drift(
        `${SCRIPTS}/{scripts}/probe.sh is not what the stack put there`,
        `${SCRIPTS}/{scripts}/started.sh is missing`,
      ),
    },
  },
  {
    name: "user: another shell, a folder given away, one opened to all",
    by: `usermod -s /bin/false trinity; chown root:root ${ROOT}/data; chmod 0777 ${ROOT}/logs`,
    look: `getent passwd trinity; stat -c '%a %U:%G' ${ROOT}/data ${ROOT}/logs`,
    warns: {
      user: drift(
        "the shell of trinity is /bin/false, should be /bin/sh",
        `${ROOT}/data belongs to root:root, should be trinity:trinity`,
        `${ROOT}/logs has mode 0777, should be 0750`,
      ),
    },
  },
  {
    name: "packages: one removed",
    by: "dpkg --purge zstd",
    look: "zstd --version",
    warns: { packages: drift("the package zstd is not installed") },
  },
  {
    name: "firewall: a port closed now, another one at the next boot",
    by: "firewall-cmd -q --remove-port=8085/tcp; firewall-cmd -q --permanent --remove-port=3724/tcp",
    look: async (machine) => [
      await reaches(machine.address, 3724),
      await reaches(machine.address, 8085),
      await machine.sure("firewall-cmd --permanent --list-ports | tr ' ' '\\n' | sort"),
    ],
    warns: {
      firewall: drift(
        "3724/tcp is open in the running firewall only (permanent: closed)",
        "8085/tcp is closed in the running firewall (permanent: open)",
      ),
    },
  },
  {
    name: "logs: the timer disabled",
    by: "systemctl disable -q --now trinity-logs.timer",
    look: "systemctl is-enabled trinity-logs.timer; systemctl is-active trinity-logs.timer",
    warns: { logs: drift("trinity-logs.timer does not start with the server", "trinity-logs.timer is not running") },
  },
  {
    name: "source: a file edited, another added",
    by: `cd ${ROOT}/src && echo pwned >>README.md && runuser -u trinity touch added`,
    look: `runuser -u trinity -- git -C ${ROOT}/src status --porcelain`,
    warns: { source: drift(`${ROOT}/src has 2 changed files: README.md, added`) },
  },
  ...realmBreakages,
  {
    name: "one receipt deleted",
    by: `rm -r ${STATE}/receipts/firewall`,
    look: `ls ${STATE}/receipts/firewall`,
    warns: { firewall: noReceipt },
  },
  {
    name: "all receipts deleted",
    by: `rm -r ${STATE}/receipts`,
    look: `ls ${STATE}/receipts/*`,
    warns: Object.fromEntries(
      [
        ...["scripts", "user", "packages", "firewall", "selinux", "logs", "source", "build", "mariadb", "access"],
        ...["tdb", "schema", "release", "row", "authserver", "authserver-config", "authserver-unit"],
        ...["worldserver", "worldserver-config", "worldserver-unit"],
      ].map((step) => [step, noReceipt]),
    ),
  },
];
