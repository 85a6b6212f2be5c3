#!/bin/bash
# MariaDB refuses a password that it cannot check: its length, its kinds of letters, whether it is new.
set -eu
printf '[mysqld]\nplugin_load_add=simple_password_check\nplugin_load_add=password_reuse_check\nsimple_password_check_minimal_length=16\n' \
  >/etc/mysql/mariadb.conf.d/99-theirs.cnf
systemctl restart mariadb
