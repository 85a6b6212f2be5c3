#!/bin/bash
# ufw as its manual has it: it lets in only SSH, a few ports by range, and one for a network.
set -eu
apt-get -q purge -y firewalld </dev/null >/dev/null
apt-get -q update </dev/null >/dev/null
apt-get -q install -y --no-install-recommends ufw </dev/null >/dev/null
ufw default deny incoming
ufw default allow outgoing
ufw allow OpenSSH
ufw allow 6000:6007/tcp
ufw allow from 10.0.0.0/8 to any port 5432 proto tcp
ufw --force enable
