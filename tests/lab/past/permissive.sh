#!/bin/bash
# A Debian on which somebody began with SELinux: its policy is there, permissive, without the tools that manage it. The
# lab's kernel has no SELinux, so a program in the place of getenforce answers.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >/dev/null
apt-get -q -y install --no-install-recommends selinux-policy-default >/dev/null 2>&1
printf '#!/bin/sh\necho Permissive\n' >/usr/local/sbin/getenforce
chmod 755 /usr/local/sbin/getenforce
