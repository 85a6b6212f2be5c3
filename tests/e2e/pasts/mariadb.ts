import type { Past } from "./past";

const cnf = "/etc/mysql/mariadb.conf.d/99-theirs.cnf";
const back = "take it out there, then systemctl restart mariadb";

/** MariaDB as others have set it up. */
const setUp: readonly Past[] = [
  {
    name: "password-policy",
    what: "a policy plugin refuses hashed passwords",
    expectWords: [
      "MariaDB's password policy (simple_password_check, password_reuse_check) takes no hashed password, and a clear one could be read in its logs: the stack's accounts are written into mysql.global_priv",
    ],
    holds:
      "systemctl is-active authserver && [[ $(mariadb -N -B -e 'SELECT @@strict_password_validation, @@simple_password_check_minimal_length') == 1?16 ]]",
  },
  {
    name: "password-lifetime",
    what: "passwords expire, but not the stack's",
    holds: `systemctl is-active authserver && mariadb -e "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.password_last_changed', 5) WHERE User LIKE '%server'; FLUSH PRIVILEGES" && systemctl restart authserver`,
  },
  {
    name: "lower-case-names",
    what: "names are kept in lower case, and one in the config has capitals",
    config: { "trinitycore:login.database.name": "WowAuth" },
    refused: [
      `lower_case_table_names is 1, set in ${cnf}`,
      "trinitycore:login.database.name may not be WowAuth; pulumi config set --path trinitycore:login.database.name wowauth",
    ],
  },
  {
    name: "read-only",
    what: "MariaDB takes no changes",
    refused: [`read_only is ON, set in ${cnf}`, back],
  },
  {
    name: "skip-grants",
    what: "MariaDB lets everybody in",
    refused: [`skip_grant_tables is on, set in ${cnf}`, back],
  },
  {
    name: "socket-elsewhere",
    what: "MariaDB's socket is where another distribution has it",
    refused: [
      `MariaDB listens on /var/lib/mysql/mysql.sock (socket, set in ${cnf}), not on /run/mysqld/mysqld.sock`,
      back,
    ],
    quick: true,
  },
  {
    name: "root-by-password",
    what: "MariaDB's root needs a password",
    refused: [
      "MariaDB does not let its root in over /run/mysqld/mysqld.sock: ERROR 1045",
      "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('the present one')",
    ],
  },
  {
    name: "connections-full",
    what: "other programs have every connection",
    refused: [`MariaDB takes no more connections: all are in use (max_connections, set in ${cnf})`, "SHOW PROCESSLIST"],
  },
  {
    name: "database-in-docker",
    what: "the port of MariaDB is a container's",
    refused: [/MariaDB could not start, as docker-proxy \(process \d+\) has its port 3306; /],
  },
];

export const mariadb: readonly Past[] = [...setUp];
