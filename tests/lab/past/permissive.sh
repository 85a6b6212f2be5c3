#!/bin/bash
# A Debian on which somebody began with SELinux: its policy, permissive, without the tools that manage it.
# The lab's kernel has no SELinux, so what it says of itself comes from a program in its place.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >/dev/null
apt-get -q -y install --no-install-recommends selinux-policy-default >/dev/null 2>&1
printf '#!/bin/sh\necho Permissive\n' >/usr/local/sbin/getenforce
chmod 755 /usr/local/sbin/getenforce
