#!/bin/bash
# Stock Ubuntu Server: apport takes the core dumps, and its package conflicts with systemd's package for core dumps.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >/dev/null
apt-get -q -y install --no-install-recommends apport >/dev/null 2>&1
