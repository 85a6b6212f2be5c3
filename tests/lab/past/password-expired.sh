#!/bin/bash
# A user whose password a hardening rule lets expire; the key still opens the door.
set -eu
useradd -m -s /bin/bash ops
install -d -o ops -g ops -m 0700 /home/ops/.ssh
install -o ops -g ops -m 0600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
echo ops:a-password | chpasswd
chage -d 2020-01-01 -M 90 ops
