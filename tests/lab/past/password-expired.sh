#!/bin/bash
# A user whose password has expired, as a hardening rule wants it; sshd still takes the user's key.
set -eu
useradd -m -s /bin/bash ops
install -d -o ops -g ops -m 0700 /home/ops/.ssh
install -o ops -g ops -m 0600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
echo ops:a-password | chpasswd
chage -d 2020-01-01 -M 90 ops
