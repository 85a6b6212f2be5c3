#!/bin/bash
# MariaDB has its socket where another distribution has it, and its clients are set to find it there.
set -eu
printf '[mysqld]\nsocket=/var/lib/mysql/mysql.sock\n' >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
printf '[client]\nsocket=/var/lib/mysql/mysql.sock\n' >/etc/mysql/mariadb.conf.d/99-clients.cnf
