#!/bin/bash
# MariaDB lets everybody in: somebody forgot its root password and left it at that.
set -eu
printf '[mysqld]\nskip-grant-tables\n' >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
