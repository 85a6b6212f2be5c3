#!/bin/bash
# A user who may do everything with sudo, but only at a terminal.
set -eu
useradd -m -s /bin/bash ops
install -d -o ops -g ops -m 700 /home/ops/.ssh
install -o ops -g ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
printf 'Defaults requiretty\nops ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/ops
