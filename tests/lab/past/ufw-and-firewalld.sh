#!/bin/bash
# ufw filters; firewalld was installed beside it once, and is off.
set -eu
systemctl disable -q --now firewalld
apt-get -q update </dev/null >/dev/null
apt-get -q install -y --no-install-recommends ufw </dev/null >/dev/null
ufw allow OpenSSH
ufw limit 2200/tcp
ufw default deny incoming
ufw --force enable
