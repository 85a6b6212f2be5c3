#!/bin/bash
# A user with an SSH key and sudo, whose shell a hardening script has taken away.
set -eu
useradd -m -s /usr/sbin/nologin ops
install -d -o ops -g ops -m 0700 /home/ops/.ssh
install -o ops -g ops -m 0600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
