#!/bin/bash
# Rules that netfilter-persistent loads, as on hosts of some clouds: they let in SSH and one port, and refuse the rest.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q purge -y firewalld </dev/null >/dev/null
apt-get -q update </dev/null >/dev/null
echo 'iptables-persistent iptables-persistent/autosave_v4 boolean false' | debconf-set-selections
apt-get -q install -y --no-install-recommends iptables-persistent </dev/null >/dev/null
cat >/etc/iptables/rules.v4 <<'RULES'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8085 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-host-prohibited
COMMIT
RULES
systemctl restart netfilter-persistent
