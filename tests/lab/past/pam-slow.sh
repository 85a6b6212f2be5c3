#!/bin/bash
# Each login waits 20 s for a module of PAM, as it does for a directory server that is away.
set -eu
sed -i '1i account required pam_exec.so /bin/sleep 20' /etc/pam.d/sshd
