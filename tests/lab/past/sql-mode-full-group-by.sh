#!/bin/bash
# MariaDB was given the sql_mode that MySQL 8 comes with.
set -eu
printf '[mariadb]\nsql_mode = ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_DATE\n' \
  >/etc/mysql/mariadb.conf.d/90-mode.cnf
systemctl restart mariadb
