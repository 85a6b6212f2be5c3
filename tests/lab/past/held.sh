#!/bin/bash
# A host whose operator holds a library at another version (apt-mark hold), with package lists of today.
set -eu
dir=$(mktemp -d)
mkdir "$dir/DEBIAN"
printf 'Package: libmariadb3\nVersion: 1:10.11.1-theirs\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n' \
  >"$dir/DEBIAN/control"
dpkg-deb -b "$dir" /var/tmp/libmariadb3.deb >/dev/null
dpkg -i /var/tmp/libmariadb3.deb >/dev/null
apt-mark -q hold libmariadb3
apt-get -q update >/dev/null
