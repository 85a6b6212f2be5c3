#!/bin/bash
# A host that does other work already: accounts, a service that players of another game reach, a database, cron, sysctl.
set -eu
useradd -m -s /bin/bash clerk
printf '[Unit]\nDescription=Something of the operator\n[Service]\nExecStart=/usr/bin/socat TCP-LISTEN:9999,fork,reuseaddr EXEC:/bin/true\n[Install]\nWantedBy=multi-user.target\n' \
  >/etc/systemd/system/mine.service
systemctl enable -q --now mine
if systemctl is-active -q firewalld; then
  firewall-cmd -q --add-port=9999/tcp
  firewall-cmd -q --permanent --add-port=9999/tcp
fi
echo '17 3 * * * root /bin/true' >/etc/cron.d/mine
echo 'net.core.somaxconn = 1024' >/etc/sysctl.d/50-mine.conf
sysctl -q -p /etc/sysctl.d/50-mine.conf
if command -v mariadb >/dev/null; then
  mariadb -e "CREATE DATABASE shop; CREATE TABLE shop.stock (item TEXT); INSERT INTO shop.stock VALUES ('bread');
    CREATE USER clerk@localhost; GRANT SELECT ON shop.* TO clerk@localhost"
fi
