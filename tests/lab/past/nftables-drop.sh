#!/bin/bash
# nftables.service loads the operator's rules, which drop everything else; firewalld is not installed.
set -eu
apt-get -q purge -y firewalld </dev/null >/dev/null
cat >/etc/nftables.conf <<'NFT'
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  set banned { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 } }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname "lo" accept
    ip saddr @banned drop
    icmp type echo-request accept
    tcp dport { 22, 443, 3724 } accept comment "ssh, web and logins"
    ip saddr 10.0.0.0/8 udp dport 53 accept
  }
}
NFT
systemctl enable -q --now nftables
