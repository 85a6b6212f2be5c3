#!/bin/bash
# dev-sec's os and ssh baselines (a public Ansible collection), as far as they concern accounts, modes and sshd. Hosts
# apply them again every night, so the script that does it stays: /usr/local/sbin/harden.
set -eu
cat >/usr/local/sbin/harden <<'END'
#!/bin/bash
set -eu
sed -i -E 's/^UMASK.*/UMASK 027/; s/^#?SYS_UID_MAX.*/SYS_UID_MAX 999/; s/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 60/; s/^PASS_MIN_DAYS.*/PASS_MIN_DAYS 7/; /^HOME_MODE/d' /etc/login.defs
chmod 0444 /etc/login.defs
chmod 0700 /root
while IFS=: read -r name _ uid _ _ home _; do
  if ((uid > 0 && uid <= 999)) && [[ $name != sync && $name != shutdown && $name != halt ]]; then
    usermod -s /usr/sbin/nologin "$name"
    [[ $(getent shadow "$name" | cut -d: -f2) == '!'* ]] || usermod -p '*' "$name"
  elif ((uid >= 1000 && uid <= 60000)); then
    [[ ! -d $home ]] || chmod 0700 "$home"
  fi
done < <(getent passwd)
mkdir -p /etc/systemd/coredump.conf.d /etc/security/limits.d
printf '[Coredump]\nStorage=none\n' >/etc/systemd/coredump.conf.d/custom.conf
echo '* hard core 0' >/etc/security/limits.d/10.hardcore.conf
chmod 0440 /etc/security/limits.d/10.hardcore.conf
printf 'ulimit -S -c 0 >/dev/null 2>&1\n' >/etc/profile.d/pinerolo_profile.sh
printf 'export TMOUT=60\nreadonly TMOUT\n' >/etc/profile.d/tmout.sh
chmod -R og-rwx /etc/cron.d /etc/cron.daily /etc/crontab 2>/dev/null || true
printf 'net.ipv4.ip_forward = 0\nnet.ipv4.tcp_syncookies = 1\nnet.ipv4.conf.all.rp_filter = 1\n' >/etc/sysctl.d/90-dev-sec.conf
sysctl -q -p /etc/sysctl.d/90-dev-sec.conf || true
printf '%s\n' 'PermitRootLogin without-password' 'PasswordAuthentication no' 'MaxAuthTries 2' 'MaxSessions 10' 'MaxStartups 10:30:60' \
  'AllowTcpForwarding no' 'AllowAgentForwarding no' 'X11Forwarding no' 'PermitUserEnvironment no' 'LoginGraceTime 30s' 'UseDNS no' \
  >/etc/ssh/sshd_config.d/hardened.conf
sshd -t
systemctl reload ssh 2>/dev/null || systemctl reload sshd
END
chmod 755 /usr/local/sbin/harden
harden
