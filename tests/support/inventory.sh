#!/bin/bash
# A picture of a host, for the tests: one line for everything on it that can be told apart: KIND <tab> NAME <tab> WHAT
# IT IS. Runs as root on the host and changes nothing. Leaves out what changes by itself (logs, caches, counters,
# logins).
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
line() { printf '%s\t%s\t%s\n' "$1" "$2" "${3-}"; }
# lines KIND <"NAME REST…"
lines() { local name rest; while read -r name rest; do line "$1" "$name" "$rest"; done; }

if command -v dpkg-query >/dev/null && dpkg-query -W bash >/dev/null 2>&1; then
  dpkg-query -W -f '${binary:Package} ${Version} ${Status}\n' | grep -v ' deinstall ok config-files$' | lines package
  apt-mark showhold | lines held
else
  rpm -qa --qf '%{NAME}.%{ARCH} %{VERSION}-%{RELEASE}\n' | lines package
fi

systemctl list-unit-files --no-legend --plain | awk '$2 ~ /enabled|masked/ && $2 !~ /runtime/ { print $1, $2 }' |
  lines unit-file
# Each start has another InvocationID, so a restart shows.
systemctl list-units --no-legend --plain --state=active --type=service,timer,socket | awk '{ print $1 }' |
  grep -vE \
    '^(systemd-|user@|user-runtime-dir@|getty@|console-getty|run-|apt-|dpkg-|logrotate|fstrim|e2scrub|man-db|polkit|packagekit)' \
    |
  while read -r unit; do
    line active "$unit" "$(systemctl show -P InvocationID "$unit")"
  done

ss -Hltnup | awk '{ split($7, program, "\""); print $1 "/" $5, program[2] }' | grep -vE 'systemd-(network|resolve)' |
  lines listens

getent passwd | while IFS=: read -r name _ rest; do line user "$name" "$rest"; done
getent group | while IFS=: read -r name _ rest; do line group "$name" "$rest"; done
while IFS=: read -r name hash _; do line password "$name" "$(sha256sum <<<"$hash")"; done </etc/shadow

# Accounts have lines of their own above, and zones below. What programs write at any time does not count.
folders=()
for folder in /etc /root /home /srv /opt /usr/local /var/spool/cron /var/www; do
  [[ ! -d $folder ]] || folders+=("$folder")
done
find "${folders[@]}" -xdev \
  \( -regextype posix-extended -regex \
    '/etc/(passwd|group|shadow|gshadow|subuid|subgid|\.pwd\.lock|mtab|resolv\.conf|ld\.so\.cache|machine-id|\.updated)-?|/etc/firewalld/zones/.*|/srv/git/core\.git/.*|.*/\.cache/.*|.*_history' \
    \) -prune -o \
  \( -type f -printf '%p\0' \) | xargs -0 sha256sum |
  while read -r sum file; do line file "$file" "$sum $(stat -c '%a %U:%G' "$file")"; done
find "${folders[@]}" -xdev -type l -printf '%p %l\n' | lines link
find "${folders[@]}" -xdev -type d -printf '%p %m %u:%g\n' | lines folder

if command -v firewall-offline-cmd >/dev/null; then
  line firewalld default-zone "$(firewall-offline-cmd --get-default-zone)"
  zone=""
  firewall-offline-cmd --list-all-zones 2>/dev/null | while IFS= read -r text; do
    case $text in
      [a-zA-Z]*) zone=${text%% *} && continue ;;
    esac
    text=${text#"${text%%[! $'\t']*}"}
    case $text in
      *': '?*) for word in ${text#*: }; do line zone "$zone ${text%%:*} $word"; done ;;
      *'rule '*) line zone "$zone $text" ;;
    esac
  done
fi
if command -v ufw >/dev/null; then
  line ufw status "$(ufw status 2>/dev/null | head -n 1)"
  ufw show added 2>/dev/null | sed -n 's/^ufw //p' | while IFS= read -r rule; do line ufw-rule "$rule"; done
fi

for client in mariadb mysql; do command -v "$client" >/dev/null && break; done
sql() { "$client" --no-defaults -N -B "$@" 2>/dev/null </dev/null; }
if sql -e 'SELECT 1' >/dev/null; then
  while read -r schema; do
    line database "$schema" "$(sql -e "SELECT default_character_set_name, default_collation_name
      FROM information_schema.schemata WHERE schema_name = '$schema'")"
    while read -r table; do
      line table "$schema.$table" "$(sql -e "CHECKSUM TABLE \`$schema\`.\`$table\`" | cut -f 2)"
    done \
      < <(sql -e "SELECT table_name FROM information_schema.tables WHERE table_schema = '$schema' AND table_type = 'BASE TABLE'")
  done \
    < <(sql -e "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')")
  while read -r account; do
    sql -e "SHOW GRANTS FOR $account" | while IFS= read -r grant
    do line grant "$account ${grant%% IDENTIFIED BY *}" "$(sha256sum <<<"$grant")"
    done
  done < <(sql -e "SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.global_priv WHERE User <> ''")
fi

findmnt -rno TARGET,SOURCE,FSTYPE | grep -vE '^(/run/(user|credentials|systemd)|/proc|/sys|/dev)' | lines mount
sysctl -a 2>/dev/null |
  grep -E '^(net\.(core|ipv4|ipv6)\.|vm\.|fs\.(suid|protected)|kernel\.(core|sysrq|unpriv|yama|dmesg|kptr))' |
  grep -vE '\.(conf|neigh)\.[a-z0-9]+\.(mtu|.*_time)|\.(stat|tcp_fastopen_key|route\.)|fib_|nf_conntrack_count' |
  sed 's/ = / /' | lines sysctl
