#!/bin/bash
# What the plans need to know of a server, a `key value` line each. Arrives after places.sh on stdin of a root bash;
# changes nothing. Arguments: the receipts that name the packet filter, the databases (the first of these that is there)
# and the number of the realm with the wiki page's names; the folders that may have passwords; what the receipt of a
# realm with names of its own begins with; then config keys with the systemd calendar expressions to check, in pairs.
set -u
first() {
  local each
  for each; do [[ ! -e $each ]] || { printf '%s' "$each" && return; }; done
}
filter_receipt=$RECEIPTS/$1 realm_receipt=$RECEIPTS/$3
read -ra each <<<"$2"
databases_receipt=$(first "${each[@]/#/$RECEIPTS/}")
read -ra each <<<"$4"
passwords_folder=$(first "${each[@]}")
own_names=$RECEIPTS/$5
shift 5
exec 3>&1
unset BASH_ENV ENV
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# What waits for something that may be broken (systemd's bus, a file system of the network) is given up; whoever is told
# the answer is told so.
limited() {
  local status=0
  timeout -k 1 10 "$@" || status=$?
  case $status in 124 | 137) echo "late $*" >&3 ;; esac
  return "$status"
}

os_release() {
  # shellcheck disable=SC1091
  (. /etc/os-release 2>/dev/null && printf 'os.id %s\nos.versionId %s\nos.like %s\nos.name %s\n' \
    "${ID-}" "${VERSION_ID-}" "${ID_LIKE-}" "${PRETTY_NAME-}")
}

selinux() {
  if command -v getenforce >/dev/null; then
    limited getenforce | tr '[:upper:]' '[:lower:]'
  elif [[ -r /sys/fs/selinux/enforce ]]; then
    if [[ $(</sys/fs/selinux/enforce) == 1 ]]; then echo enforcing; else echo permissive; fi
  else
    echo disabled
  fi
}

# Which of the packet filters that the stack knows is active; that one is installed says nothing.
firewall() {
  if [[ $(limited systemctl is-active firewalld 2>/dev/null) == active ]]; then
    echo firewalld
  elif command -v ufw >/dev/null && limited iptables -w 5 -n -L ufw-user-input >/dev/null 2>&1; then
    echo ufw
  else
    echo none
  fi
}
# The one that the stack opened its ports in when it was here last.
firewall_used() {
  [[ ! -f $filter_receipt/token ]] || tr '\0' '\n' <"$filter_receipt/args" | sed -n 's/^backend=//p'
}

# As systemd itself finds it; timedatectl would start a service for the question.
timezone() {
  local file
  file=$(readlink /etc/localtime) || file=zoneinfo/UTC
  echo "${file##*zoneinfo/}"
}

memory() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' /proc/meminfo; }

# The processes that this one came from, nearest first.
ancestors() {
  local pid=$$
  while ((pid > 1)); do
    pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || return 0
    echo "${pid:-0}"
  done
}

# Whether sudo stands between this program's input or output and the login's: it does where it records them, and hands
# them on else.
recorded() {
  local child=$$ pid found='' top=''
  for pid in $(ancestors); do
    if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == sudo* ]]; then
      top=$pid
      [[ -n $found ]] || found=$child
    elif [[ -n $top ]]; then
      break
    fi
    child=$pid
  done
  [[ -n $top ]] || return 1
  [[ $(readlink "/proc/$found/fd/0") != "$(readlink "/proc/$top/fd/0")" ||
    $(readlink "/proc/$found/fd/1") != "$(readlink "/proc/$top/fd/1")" ]]
}

# How many new connections in how many seconds a `recent` rule (ufw limit) takes from the address that is connected,
# where one counts it: each further one is refused, and counts again.
new_connections() {
  local pid peer
  compgen -G '/proc/net/xt_recent/*' >/dev/null || return 0
  for pid in $$ $(ancestors); do
    peer=$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=\([^ ]*\) .*/\1/p')
    [[ -z $peer ]] || break
  done
  # An IPv6 address is written another way there.
  [[ $peer == *:* ]] || grep -qs "^src=$peer " /proc/net/xt_recent/* || return 0
  { limited iptables -S && limited ip6tables -S; } 2>/dev/null |
    sed -n 's/.*-m recent .*--seconds \([0-9]*\) .*--hitcount \([0-9]*\).*/\2 \1/p' | sort -n | head -n 1
}

# The number of the realm that has the wiki page's names here.
page_realm() {
  [[ ! -f $realm_receipt/args ]] || tr '\0' '\n' <"$realm_receipt/args" |
    sed -nE 's/^(lines=)?RealmID = "?([0-9]+)"?$/\2/p' | head -n 1
}

# The keys of the realms that have names of their own here.
realm_keys() {
  local receipt
  for receipt in "$own_names"*/; do
    [[ ! -d $receipt ]] || printf 'realmKey %s\n' "$(basename "${receipt#"$own_names"}")"
  done
}

# Existing databases with their character set; no line at all when MariaDB does not answer, or does not show its root
# all of them.
databases() {
  local socket client seen
  client=$(command -v mariadb || command -v mysql) || return 0
  for socket in /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock; do
    [[ -S $socket ]] || continue
    seen=$(timeout -k 1 10 "$client" --no-defaults --protocol=socket --socket="$socket" --user=root --connect-timeout=3 -N -B \
      -e 'SELECT CONCAT("database ", schema_name, ":", default_character_set_name) FROM information_schema.schemata' \
      </dev/null 2>/dev/null) || return 0
    [[ $seen != *'database mysql:'* ]] || printf '%s\n' "$seen" 'databases seen'
    return
  done
}

# Databases whose folders are there; of the signs that MariaDB writes otherwise in a folder's name only the minus is in
# one of the stack's.
stored_databases() {
  local folder
  for folder in /var/lib/mysql/*/; do
    folder=${folder%/} folder=${folder##*/}
    [[ ! ${folder//@002d/-} =~ ^[A-Za-z0-9_-]+$ ]] || echo "stored ${folder//@002d/-}"
  done
}

# Passwords that were made at random outlive Pulumi's state here: without them a new state would lock the servers out.
# So does the master secret of two-factor that is in force.
passwords() {
  local file
  [[ ! -f $STATE_DIR/master-secrets ]] || echo "master $(tail -n 1 "$STATE_DIR/master-secrets" | cut -d ' ' -f 1)"
  for file in "$passwords_folder"/*; do
    [[ ! -f $file ]] || echo "password ${file##*/} $(base64 -w0 "$file")"
  done
}

# schedule KEY TEXT: a line when systemd takes it for none, or when it has no time to come.
schedule() {
  local said
  if ! said=$(limited systemd-analyze calendar -- "$2" 2>/dev/null); then
    echo "noSchedule $1 $2"
  elif [[ ! $said =~ 'Next elapse: '[A-Z] ]]; then
    echo "badSchedule $1 $2"
  fi
}

# The names of the databases as the last run had them: another name in the config would leave the data behind. A run
# that did not come to its end has put no data there. And of which rotation the passwords are that it kept.
last_databases() {
  [[ ! -f $databases_receipt/token ]] || tr '\0' '\n' <"$databases_receipt/args" |
    sed -n 's/^\(auth\|characters\|world\)\.database=/named \1 /p; s/^rotation=/rotation /p'
}

databases &
os_release
echo "arch $(uname -m)"
echo "cores $(nproc)"
echo "memoryMB $(memory MemTotal)"
echo "swapMB $(memory SwapTotal)"
echo "diskFreeMB $(limited df -Pm /var/lib 2>/dev/null | awk 'NR == 2 { print $4 }')"
echo "selinux $(selinux)"
echo "firewall $(firewall)"
echo "firewallUsed $(firewall_used)"
echo "pageRealm $(page_realm)"
realm_keys
echo "timezone $(timezone)"
echo "clock $(date +%s)"
echo "owner $(cat "$STATE_DIR/owner" 2>/dev/null)"
echo "installed $([[ -e $SCRIPTS_DIR/current ]] && echo yes || echo no)"
if recorded; then echo 'recorded yes'; fi
echo "newConnections $(new_connections)"
echo "systemd $([[ -d /run/systemd/system ]] && echo yes || echo no)"
while (($# > 1)); do
  schedule "$1" "$2"
  shift 2
done
last_databases
stored_databases
# What is recorded is no place for a secret.
recorded || passwords
wait
echo 'facts end'
