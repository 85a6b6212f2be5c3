#!/bin/bash
# A user who may do everything with sudo, which keeps what is typed and shown.
set -eu
useradd -m -s /bin/bash ops
install -d -o ops -g ops -m 700 /home/ops/.ssh
install -o ops -g ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
printf 'Defaults log_input, log_output\nops ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/ops
