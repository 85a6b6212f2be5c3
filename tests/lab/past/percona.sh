#!/bin/bash
# Percona Server in the place of MariaDB, a program built with its client library, and package lists of today.
set -eu
theirs() {
  local dir
  dir=$(mktemp -d)
  mkdir "$dir/DEBIAN"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n%b' "$@" \
    >"$dir/DEBIAN/control"
  dpkg-deb -b "$dir" "/var/tmp/$1.deb" >/dev/null
  dpkg -i "/var/tmp/$1.deb" >/dev/null
}
theirs percona-server-server 8.0.36-28 \
  'Provides: virtual-mysql-server\nConflicts: virtual-mysql-server\nReplaces: virtual-mysql-server\n'
theirs libmysqlclient-dev 8.0.36 'Conflicts: libmariadb-dev-compat\n'
theirs reporting 1.0 'Depends: libmysqlclient-dev\n'
apt-get -q update >/dev/null
