import { type Breakage, drift, noReceipt, ROOT, SCRIPTS, STATE, UNITS } from "./breakage";
import { accountBreakages } from "./breakages-accounts";
import { alertBreakages } from "./breakages-alerts";
import { backupBreakages } from "./breakages-backups";
import { coreBreakages } from "./breakages-core";
import { realmBreakages } from "./breakages-realm";
import { reaches } from "./outside";

const passwd = "getent passwd trinity";
const permanentPorts = "firewall-cmd --permanent --list-ports | tr ' ' '\\n' | sort";
const stackPorts = "for how in '' --permanent; do firewall-cmd $how --list-ports | tr ' ' '\\n' | grep -v ^9999; done";
const inSrc = "runuser -u trinity -- git -C";
const head = `${inSrc} ${ROOT}/src rev-parse HEAD`;

const steps = [
  ...["scripts", "user", "packages", "firewall", "way-in", "selinux", "logs", "source", "build", "mariadb", "access"],
  ...[
    "tdb",
    "schema",
    "release",
    "row",
    "accounts",
    "two-factor",
    "authserver",
    "authserver-config",
    "authserver-unit",
  ],
  ...["announcer", "game-data", "worldserver", "worldserver-config", "worldserver-unit"],
  ...["backup-user", "backup-account", "backup", "backup-now", "backup-drill"],
  ...["alerts", "watch"],
];
const lostState = {
  scripts: ["to do: the host is marked as nobody's, should be trinitycore/lab's"],
  source: [`to do: it is not on record which commit ${ROOT}/src should be on`],
  build: ["to do: it is not on record what is checked out, so it cannot be told whether that is what was built"],
  access: [
    ...["auth", "characters", "world"].map((role) => `to do: ${STATE}/passwords/${role} is missing`),
    "applying this restarts nothing by itself; a changed password restarts the servers that use it",
  ],
  accounts: ["to do: the account ESPIONAGE724 is the stack's, and is not on record as such"],
  schema: [
    "to do: the databases were not yet brought up to date for releases/{release}",
    "applying this stops both servers while the databases are updated",
  ],
};

/** Every component's, but SELinux's rules, which the lab's Debian has not. */
export const breakages: readonly Breakage[] = [
  {
    name: "scripts: one edited",
    quick: true,
    by: `echo 'exit 0' >>${SCRIPTS}/current/probe.sh`,
    look: `sha256sum ${SCRIPTS}/current/probe.sh`,
    warns: { scripts: drift(`${SCRIPTS}/{scripts}/probe.sh is not what the stack put there`) },
  },
  {
    name: "scripts: one taken away",
    by: `rm ${SCRIPTS}/current/units/migrate.sh`,
    look: `ls ${SCRIPTS}/current/units`,
    warns: { scripts: drift(`${SCRIPTS}/{scripts}/units/migrate.sh is missing`) },
  },
  {
    name: "scripts: the runner open to all",
    by: `chmod 0777 ${SCRIPTS}/current/step.sh`,
    look: `stat -c %a ${SCRIPTS}/current/step.sh`,
    warns: { scripts: drift(`${SCRIPTS}/{scripts}/step.sh may be changed by others than root`) },
  },
  {
    name: "scripts: the owner's mark gone",
    by: `rm ${STATE}/owner`,
    look: `cat ${STATE}/owner`,
    warns: { scripts: drift("the host is marked as nobody's, should be trinitycore/lab's") },
  },
  {
    name: "user: another shell",
    by: "usermod -s /bin/bash trinity",
    look: passwd,
    warns: { user: drift("the shell of trinity is /bin/bash, should be /usr/sbin/nologin") },
  },
  {
    name: "user: another home",
    by: "sed -i 's,:/var/lib/trinity:,:/tmp:,' /etc/passwd",
    look: passwd,
    warns: { user: drift("the home of trinity is /tmp, should be /var/lib/trinity") },
  },
  {
    name: "user: a password to log in with",
    by: "echo trinity:pwned | chpasswd",
    look: "passwd -S trinity | cut -d ' ' -f 2",
    warns: { user: drift("trinity can log in by password, should have none") },
  },
  {
    name: "user: a folder given away",
    quick: true,
    by: `chown root:root ${ROOT}/data`,
    look: `stat -c %U:%G ${ROOT}/data`,
    warns: { user: drift(`${ROOT}/data belongs to root:root, should be trinity:trinity`) },
  },
  {
    name: "user: a folder opened to all",
    by: `chmod 0777 ${ROOT}/logs`,
    look: `stat -c %a ${ROOT}/logs`,
    warns: { user: drift(`${ROOT}/logs has mode 0777, should be 0750`) },
  },
  {
    name: "packages: one removed",
    quick: true,
    by: "dpkg --purge zstd",
    look: "zstd --version",
    warns: { packages: drift("the package zstd is not installed") },
  },
  {
    name: "firewall: a port closed in the running one",
    quick: true,
    by: "firewall-cmd -q --remove-port=8085/tcp",
    look: (machine) => reaches(machine.address, 8085),
    warns: { firewall: drift("8085/tcp is closed in the running firewall (permanent: open)") },
  },
  {
    name: "firewall: a port closed at the next boot",
    by: "firewall-cmd -q --permanent --remove-port=3724/tcp",
    look: permanentPorts,
    warns: { firewall: drift("3724/tcp is open in the running firewall only (permanent: closed)") },
  },
  {
    name: "firewall: the stack's port closed, one of the operator's opened",
    by: `for how in "" --permanent; do firewall-cmd -q $how --add-port=9999/tcp; firewall-cmd -q $how --remove-port=3724/tcp; done`,
    look: stackPorts,
    stays: "for how in '' --permanent; do firewall-cmd $how --query-port=9999/tcp; done",
    warns: { firewall: drift("3724/tcp is closed (zone public)") },
  },
  {
    name: "firewall: stopped and disabled",
    by: "systemctl disable -q --now firewalld",
    look: "systemctl is-enabled firewalld; systemctl is-active firewalld",
    warns: { firewall: drift("firewalld is not running") },
    tells: { "way-in": ["will be checked after realm-firewall, as firewalld does not run"] },
  },
  {
    name: "logs: the timer disabled",
    by: "systemctl disable -q --now trinity-logs.timer",
    look: "systemctl is-enabled trinity-logs.timer; systemctl is-active trinity-logs.timer",
    warns: {
      logs: drift("trinity-logs.timer does not start when the host boots", "trinity-logs.timer is not running"),
    },
  },
  {
    name: "logs: the timer edited",
    quick: true,
    by: `sed -i 's/^OnCalendar=.*/OnCalendar=yearly/' ${UNITS}/trinity-logs.timer; systemctl daemon-reload`,
    look: "systemctl show -P TimersCalendar trinity-logs.timer | cut -d ';' -f 1",
    warns: {
      logs: drift(
        `${UNITS}/trinity-logs.timer lacks: OnCalendar=*-*-* 03:00:00`,
        `${UNITS}/trinity-logs.timer has, and should not: OnCalendar=yearly`,
      ),
    },
  },
  {
    name: "source: a file edited, another added",
    quick: true,
    by: `cd ${ROOT}/src && echo pwned >>README.md && runuser -u trinity touch added`,
    look: `${inSrc} ${ROOT}/src status --porcelain`,
    warns: { source: drift(`${ROOT}/src has 2 changed files: README.md, added`) },
  },
  {
    name: "source: on a foreign commit",
    by: `${inSrc} ${ROOT}/src -c user.name=A -c user.email=a@b.c commit -q --allow-empty -m foreign`,
    look: head,
    warns: { source: drift(`${ROOT}/src is on {checkout}, should be on {head}`) },
  },
  {
    name: "source: following another repository",
    by: `${inSrc} ${ROOT}/src remote set-url origin https://example.net/core.git`,
    look: `${inSrc} ${ROOT}/src remote get-url origin`,
    warns: {
      source: drift(
        `${ROOT}/src follows another repository: https://example.net/core.git, should be /srv/git/core.git`,
      ),
    },
  },
  {
    name: "source: gone",
    by: `rm -rf ${ROOT}/src`,
    look: head,
    warns: { source: drift(`${ROOT}/src is missing`) },
  },
  ...coreBreakages,
  ...realmBreakages,
  ...accountBreakages,
  ...alertBreakages,
  ...backupBreakages,
  {
    name: "receipts: one deleted",
    quick: true,
    by: `rm -r ${STATE}/receipts/selinux`,
    // For which resource of the state's a thing was made is not known again: whoever deletes that may then take the
    // thing away.
    look: `ls ${STATE}/receipts/selinux | grep -vx birth`,
    warns: { selinux: noReceipt },
  },
  {
    name: "receipts: all deleted",
    by: `rm -r ${STATE}/receipts`,
    // That it was the stack that started the firewall is known from there alone.
    look: `ls ${STATE}/receipts/* | grep -vxE 'started|birth'`,
    warns: Object.fromEntries(steps.map((step) => [step, noReceipt])),
  },
  {
    // What the databases have had is no longer on record, so their updater is asked.
    name: "receipts: all of the stack's state on the server deleted",
    quick: true,
    by: `rm -r ${STATE}`,
    // What was alerted before is not told again.
    look: `ls ${STATE} ${STATE}/receipts/* | grep -vxE 'birth|alerts'; cat ${STATE}/owner ${STATE}/source; cat ${STATE}/passwords/* | sha256sum`,
    warns: {
      ...Object.fromEntries(steps.filter((step) => !(step in lostState)).map((step) => [step, noReceipt])),
      stack: [
        "{address} knows nothing of this stack, though the last run was there: the host was replaced, or lost /var/lib/trinity-stack. " +
          "`pulumi up` builds what is missing; a database that is missing begins empty. To restore one, do so first",
      ],
    },
    tells: lostState,
    starts: ["authserver", "worldserver"],
  },
];
