#!/bin/bash
# MariaDB's root has a password, as mysql_secure_installation used to make it, and needs it on the socket too.
set -eu
mariadb -e "ALTER USER root@localhost IDENTIFIED BY 'a password'"
