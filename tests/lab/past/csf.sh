#!/bin/bash
# ConfigServer's firewall as it looks from outside: two units, and a policy of DROP. No archive has the real one.
set -eu
apt-get -q purge -y firewalld </dev/null >/dev/null
cat >/usr/sbin/csf <<'CSF'
#!/bin/sh
nft -f - <<'NFT'
table ip filter {
  chain INPUT {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    jump LOCALINPUT
    ct state new tcp dport 22 accept
    jump LOGDROPIN
  }
  chain LOCALINPUT { ip saddr 192.0.2.7 drop; }
  chain LOGDROPIN { limit rate 30/minute log prefix "Firewall: *TCP_IN Blocked* "; drop; }
}
NFT
CSF
chmod 755 /usr/sbin/csf
printf \
  '[Service]\nType=oneshot\nRemainAfterExit=true\nExecStart=/usr/sbin/csf\n[Install]\nWantedBy=multi-user.target\n' \
  >/etc/systemd/system/csf.service
printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' \
  >/etc/systemd/system/lfd.service
systemctl enable -q --now csf lfd
