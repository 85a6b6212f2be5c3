#!/bin/bash
# sshd listens on one address and on another port than 22; two filters are installed, both off; a web server runs.
set -eu
systemctl disable -q --now firewalld
apt-get -q update </dev/null >/dev/null
apt-get -q install -y --no-install-recommends ufw </dev/null >/dev/null
echo 'ListenAddress 0.0.0.0:2222' >>/etc/ssh/sshd_config
systemctl restart ssh
printf '[Service]\nExecStart=/usr/bin/socat TCP-LISTEN:443,fork,reuseaddr EXEC:/bin/true\n[Install]\nWantedBy=multi-user.target\n' \
  >/etc/systemd/system/web.service
systemctl enable -q --now web
