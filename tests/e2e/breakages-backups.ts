import { type Breakage, drift, sql, UNITS } from "./breakage";

const folder = "/var/backups/trinity";
/** In the order of the alphabet: a repaired one comes last in MariaDB's own. */
const grants = `${sql("SHOW GRANTS FOR 'trinity-backup'@'localhost'")} | sort`;

/** The backups' user, its account in MariaDB, and the timers. */
export const backupBreakages: readonly Breakage[] = [
  {
    name: "backup-user: the folder opened to all",
    quick: true,
    by: `chmod 0777 ${folder}`,
    look: `stat -c %a ${folder}`,
    warns: { "backup-user": drift(`${folder} has mode 0777, should be 0700`) },
  },
  {
    name: "backup-account: a right taken, without which a dump has no rows",
    quick: true,
    by: sql("REVOKE SELECT ON characters.* FROM 'trinity-backup'@'localhost'"),
    look: grants,
    warns: {
      "backup-account": drift(
        "trinity-backup lacks: SELECT, SHOW VIEW, EVENT, TRIGGER ON `characters`.*",
        "trinity-backup has a grant it should not: SHOW VIEW, EVENT, TRIGGER ON `characters`.*",
      ),
    },
  },
  {
    name: "backup-account: a right given",
    by: sql("GRANT DELETE ON *.* TO 'trinity-backup'@'localhost'"),
    look: grants,
    warns: { "backup-account": drift("trinity-backup has a grant it should not: DELETE ON *.*") },
  },
  {
    name: "backup-account: a password given",
    by: sql("ALTER USER 'trinity-backup'@'localhost' IDENTIFIED BY 'pwned'"),
    look: "runuser -u trinity-backup -- mariadb -N -B -e 'SELECT 1'",
    warns: {
      "backup-account": drift(
        "trinity-backup logs in to MariaDB another way, is locked or may expire, should log in by the socket alone",
      ),
    },
  },
  {
    name: "backup-account: dropped",
    by: sql("DROP USER 'trinity-backup'@'localhost'"),
    look: grants,
    warns: { "backup-account": drift("MariaDB has no user trinity-backup") },
  },
  {
    name: "backup: the timer disabled",
    quick: true,
    by: "systemctl disable -q --now trinity-backup.timer",
    look: "systemctl is-enabled trinity-backup.timer; systemctl is-active trinity-backup.timer",
    warns: {
      backup: drift("trinity-backup.timer does not start when the host boots", "trinity-backup.timer is not running"),
    },
  },
  {
    name: "backup-now: the service deleted",
    quick: true,
    by: `rm ${UNITS}/trinity-backup-now.service; systemctl daemon-reload`,
    look: "systemctl show -P LoadState trinity-backup-now",
    warns: { "backup-now": drift(`${UNITS}/trinity-backup-now.service is missing`) },
  },
  {
    name: "backup-drill: the service edited",
    quick: true,
    by: `sed -i 's/^PrivateNetwork=.*/PrivateNetwork=no/' ${UNITS}/trinity-backup-drill.service; systemctl daemon-reload`,
    look: "systemctl show -P PrivateNetwork trinity-backup-drill",
    warns: {
      "backup-drill": drift(
        `${UNITS}/trinity-backup-drill.service lacks: PrivateNetwork=yes`,
        `${UNITS}/trinity-backup-drill.service has, and should not: PrivateNetwork=no`,
      ),
    },
  },
];
