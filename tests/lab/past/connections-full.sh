#!/bin/bash
# Other programs have every connection that MariaDB takes, also the one for an administrator.
set -eu
printf '[mysqld]\nmax_connections=10\n' >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
for each in $(seq 11); do systemd-run --quiet --unit="busy-$each" mariadb -e 'SELECT SLEEP(3600)'; done
until [[ $(ss -Hx state established src /run/mysqld/mysqld.sock | wc -l) -ge 11 ]]; do sleep 0.1; done
