#!/bin/bash
# MariaDB keeps all names in lower case, like one that was moved here from Windows.
set -eu
printf '[mysqld]\nlower_case_table_names=1\n' >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
