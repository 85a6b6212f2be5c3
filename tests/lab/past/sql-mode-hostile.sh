#!/bin/bash
# Another program on this host needs a MariaDB that reads SQL as the standard has it.
set -eu
printf '[mariadb]\nsql_mode = ANSI,NO_BACKSLASH_ESCAPES,TRADITIONAL\n' >/etc/mysql/mariadb.conf.d/90-mode.cnf
systemctl restart mariadb
