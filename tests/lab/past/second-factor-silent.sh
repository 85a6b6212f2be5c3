#!/bin/bash
# A key and a second factor that asks nothing (here: PAM lets everybody through, as it does from a trusted network).
set -eu
useradd -m -s /bin/bash ops
install -d -o ops -g ops -m 700 /home/ops/.ssh
install -o ops -g ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
sed -i 's/^@include common-auth/auth required pam_permit.so/' /etc/pam.d/sshd
printf 'KbdInteractiveAuthentication yes\nMatch User ops\n  AuthenticationMethods publickey,keyboard-interactive\n' \
  >/etc/ssh/sshd_config.d/second-factor.conf
systemctl restart ssh
