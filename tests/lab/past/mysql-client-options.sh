#!/bin/bash
# MariaDB's client has the operator's options: for another host, with words that it does not know, and in a folder that
# only root may read.
set -eu
mkdir -p /etc/mysql/conf.d /root/.mysql
printf '%s\n' '[client]' 'host=203.0.113.1' 'user=report' 'default-character-set=latin1' '[mysql]' 'no-such-option' \
  'init-command=SET sql_mode=ANSI_QUOTES' \
  '[client-mariadb]' 'safe-updates' >/etc/mysql/conf.d/mine.cnf
printf '!includedir /root/.mysql\n' >>/etc/mysql/my.cnf
