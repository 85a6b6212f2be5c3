# shellcheck shell=bash
# What listens on a port of this host, in words: program, process, what started it, user, and since when.

# listeners PORT…: `PORT PID NAME` for each process that listens there over TCP; no PID and NAME where the kernel gives
# none.
listeners() {
  local port filter="" from users shape='\("([^"]*)",pid=([0-9]+),fd=[0-9]+\)(.*)'
  for port; do filter+="${filter:+ or }sport = :$port"; done
  while read -r _ _ _ from _ users; do
    if [[ ! $users =~ $shape ]]; then printf '%s\n' "${from##*:}"; fi
    while [[ $users =~ $shape ]]; do
      printf '%s %s %s\n' "${from##*:}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}"
      users=${BASH_REMATCH[3]}
    done
  done < <(ss -Hltnp "$filter" 2>/dev/null) | sort -u
}

# own_server_units: the stack's units that start a game server, by their files, whatever receipts there are.
own_server_units() {
  local file
  for file in /etc/systemd/system/*.service; do
    if [[ ! -L $file ]] && is_stack_unit "$file" && grep -qsE '^ExecStart=.*/run/bin/(auth|world)server ' "$file"; then
      printf '%s\n' "${file##*/}"
    fi
  done
}
# is_stack_unit UNIT_FILE: the stack wrote the unit, whatever its name or receipt.
is_stack_unit() { grep -qs "$SCRIPTS_DIR/" "$1"; }

# is_own_process PID: a server of the stack's, by its unit or by the release that it runs from.
is_own_process() {
  local unit exe
  exe=$(readlink "/proc/$1/exe" 2>/dev/null)
  [[ ! -f ${exe%/bin/*}/release.info ]] || return 0
  unit=$(unit_of "$1")
  [[ $unit == *.service ]] && is_stack_unit "/etc/systemd/system/$unit"
}

# describe_process PID NAME PORT: in words. Never its command line, which may hold a password.
describe_process() {
  local pid=$1 unit exe since where=""
  exe=$(readlink "/proc/$pid/exe" 2>/dev/null)
  since=$(ps -o lstart= -p "$pid" 2>/dev/null)
  [[ -z $since ]] || since=", since $(date -d "$since" '+%F %H:%M' 2>/dev/null)"
  unit=$(unit_of "$pid")
  case $2/$unit in
    docker-proxy/*) where=", for $(container_of_port "$3")" ;;
    */docker-*.scope | */libpod-*.scope | */cri-*.scope) where=", in the container ${unit%.scope}" ;;
    systemd/init.scope | systemd/) where=", for a socket unit (systemctl list-sockets)" ;;
    */session-*.scope) where=", started by hand$(terminal_of "$pid")" ;;
    */?*.service) where=", of $unit" ;;
  esac
  if [[ $where != *container* &&
    $(</proc/"$pid"/cgroup) =~ /(docker|lxc|lxc.payload[^/]*|kubepods[^/]*)/([^/$'\n']+) ]]; then
    where=", in the container ${BASH_REMATCH[2]:0:12}"
  elif [[ -z $where ]]; then
    where=$(terminal_of "$pid")
  fi
  printf '%s (%sprocess %s, user %s%s%s)' "$2" "${exe:+$exe, }" "$pid" "$(stat -c %U "/proc/$pid" 2>/dev/null)" \
    "$where" "$since"
}

# terminal_of PID: the program that keeps it running after its user has left.
terminal_of() {
  local pid=$1 name hops=0
  while ((pid > 1 && hops++ < 20)); do
    name=$(cat "/proc/$pid/comm" 2>/dev/null) || return 0
    case ${name,,} in screen | tmux* | dtach | abduco) printf ', in %s' "${name,,}" && return ;; esac
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
  done
}

# container_of_port PORT: its name, if docker tells it.
container_of_port() {
  local name=""
  ! command -v docker >/dev/null ||
    name=$(timeout 5 docker ps --filter "publish=$1" --format '{{.Names}} ({{.Image}})' 2>/dev/null | head -n 1)
  printf 'the container %s' "${name:-whose port it is (docker ps)}"
}

# forwarded_to PORT: where the packet filter sends connections to it, though nothing on this host listens. Legacy tables
# are read only where there are some: the question alone would load them.
forwarded_to() {
  local to=""
  ! command -v nft >/dev/null ||
    to=$(nft list ruleset 2>/dev/null | sed -nE "s/.*tcp dport (\{[^}]*[ ,])?$1[ ,].*dnat (ip6? )?to ([^ ]+).*/\3/p" |
      head -n 1)
  if [[ -z $to ]] &&
    { grep -qsx nat /proc/net/ip_tables_names /proc/net/ip6_tables_names ||
    [[ $(iptables --version 2>/dev/null) == *nf_tables* ]]; }; then
    to=$({ iptables-save -t nat; ip6tables-save -t nat; } 2>/dev/null |
      sed -nE "s/.*--dport $1 .*-j DNAT --to-destination ([^ ]+).*/\1/p" | head -n 1)
  fi
  printf '%s' "$to"
}
