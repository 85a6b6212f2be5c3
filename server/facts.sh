#!/bin/bash
# What the plans need to know of a server, a `key value` line each. Arrives on stdin of a root bash; changes nothing.
# $1: a systemd calendar expression to check, or nothing.
set -u
unset BASH_ENV ENV
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

os_release() {
  # shellcheck disable=SC1091
  (. /etc/os-release 2>/dev/null && printf 'os.id %s\nos.versionId %s\nos.like %s\nos.name %s\n' \
    "${ID-}" "${VERSION_ID-}" "${ID_LIKE-}" "${PRETTY_NAME-}")
}

selinux() {
  if command -v getenforce >/dev/null; then
    getenforce | tr '[:upper:]' '[:lower:]'
  elif [[ -r /sys/fs/selinux/enforce ]]; then
    if [[ $(</sys/fs/selinux/enforce) == 1 ]]; then echo enforcing; else echo permissive; fi
  else
    echo disabled
  fi
}

# Which of the packet filters that the stack knows is active; that one is installed says nothing.
firewall() {
  if [[ $(systemctl is-active firewalld 2>/dev/null) == active ]]; then
    echo firewalld
  elif command -v ufw >/dev/null && iptables -w 5 -n -L ufw-user-input >/dev/null 2>&1; then
    echo ufw
  else
    echo none
  fi
}
# The one that the stack opened its ports in when it was here last.
firewall_used() {
  local receipt=/var/lib/trinity-stack/receipts/firewall
  [[ ! -f $receipt/token ]] || tr '\0' '\n' <"$receipt/args" | sed -n 's/^backend=//p'
}

# As systemd itself finds it; timedatectl would start a service for the question.
timezone() {
  local file
  file=$(readlink /etc/localtime) || file=zoneinfo/UTC
  echo "${file##*zoneinfo/}"
}

memory() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' /proc/meminfo; }

# Existing databases with their character set; no line at all when MariaDB does not answer, or does not show its root all of them.
databases() {
  local socket client seen
  client=$(command -v mariadb || command -v mysql) || return 0
  for socket in /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock; do
    [[ -S $socket ]] || continue
    seen=$("$client" --no-defaults --protocol=socket --socket="$socket" --user=root --connect-timeout=3 -N -B \
      -e 'SELECT CONCAT("database ", schema_name, ":", default_character_set_name) FROM information_schema.schemata' \
      </dev/null 2>/dev/null) || return 0
    [[ $seen != *'database mysql:'* ]] || printf '%s\n' "$seen" 'databases seen'
    return
  done
}

# Passwords that were made at random outlive Pulumi's state here: without them a new state would lock the servers out.
passwords() {
  local file
  for file in /var/lib/trinity-stack/passwords/*; do
    [[ ! -f $file ]] || echo "password ${file##*/} $(base64 -w0 "$file")"
  done
}

# Whether a schedule is one that systemd takes, and has a time to come.
comes() { systemd-analyze calendar "$1" 2>/dev/null | grep -q 'Next elapse: [A-Z]'; }

# The names of the databases as the last run had them: another name in the config would leave the data behind. A run that did not come to
# its end has put no data there.
database_names() {
  local receipt=/var/lib/trinity-stack/receipts/access
  [[ ! -f $receipt/token ]] || tr '\0' '\n' <"$receipt/args" | sed -n 's/^\(auth\|characters\|world\)\.database=/named \1 /p'
}

databases &
os_release
echo "arch $(uname -m)"
echo "cores $(nproc)"
echo "memoryMB $(memory MemTotal)"
echo "swapMB $(memory SwapTotal)"
echo "diskFreeMB $(df -Pm /var/lib 2>/dev/null | awk 'NR == 2 { print $4 }')"
echo "selinux $(selinux)"
echo "firewall $(firewall)"
echo "firewallUsed $(firewall_used)"
echo "timezone $(timezone)"
echo "clock $(date +%s)"
echo "owner $(cat /var/lib/trinity-stack/owner 2>/dev/null)"
echo "installed $([[ -e /usr/local/libexec/trinity-stack/current ]] && echo yes || echo no)"
echo "systemd $([[ -d /run/systemd/system ]] && echo yes || echo no)"
if [[ -n ${1-} ]] && ! comes "$1"; then echo "badSchedule $1"; fi
database_names
passwords
wait
echo 'facts end'
