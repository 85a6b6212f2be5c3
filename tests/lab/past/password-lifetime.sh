#!/bin/bash
# Passwords in MariaDB expire after three months.
set -eu
printf '[mysqld]\ndefault_password_lifetime=90\n' >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
