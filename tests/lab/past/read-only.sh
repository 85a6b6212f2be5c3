#!/bin/bash
# MariaDB takes no changes: it was a replica once, or is going to be moved.
set -eu
printf '[mysqld]\nread_only=1\n' >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
