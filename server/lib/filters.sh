# shellcheck shell=bash
# What filters packets on this host, what it lets in, and what listens.

# Each of these manages the packet filter alone: a second one undoes the rules of the first, or shuts what it opened.
FILTER_UNITS=(
  firewalld nftables iptables ip6tables netfilter-persistent csf lfd shorewall shorewall6 ferm firehol
  arno-iptables-firewall apf
)

# active_filters: the services that filter packets, or will when the host boots again: `NAME active|enabled`, one a
# line.
active_filters() {
  local line name="" active=""
  if ufw_active; then echo 'ufw active'; elif ufw_boots; then echo 'ufw enabled'; fi
  while IFS= read -r line; do
    case $line in
      Id=*) name=${line#Id=} name=${name%.service} ;;
      ActiveState=*) active=${line#*=} ;;
      UnitFileState=*)
        if [[ $active == active || $active == activating || $active == reloading ]]; then
          echo "$name active"
        elif [[ $line == *=enabled* ]]; then
          echo "$name enabled"
        fi
        ;;
    esac
  done < <(systemctl show "${FILTER_UNITS[@]/%/.service}" -p Id -p ActiveState -p UnitFileState) | sort -u
}
filter_state() { if [[ $1 == active ]]; then echo "is active"; else echo "starts when the host boots"; fi; }
# firewall_kind_for NAME: the value of firewall.kind with which that filter stays the only one.
firewall_kind_for() { case $1 in firewalld | ufw) echo "$1" ;; *) echo none ;; esac; }

# packet_rules: all rules that are loaded, as nft and iptables print them.
packet_rules() {
  if command -v nft >/dev/null; then
    # Without counters, and without the elements of sets, which may be all addresses of a country.
    nft -s -t list ruleset 2>/dev/null
  elif command -v iptables-save >/dev/null; then
    iptables-save 2>/dev/null
  fi
  # nft does not show rules of the kernel's old interface. Asking for them would load that interface, so its list of
  # tables is read first.
  if grep -qs . /proc/net/ip_tables_names && command -v iptables-legacy-save >/dev/null; then
    iptables-legacy-save 2>/dev/null
  fi
}
# ports_let_in PORT…: `PORT open|shut|unsure` for each, by the loaded rules, for TCP over IPv4 from any address.
# shellcheck disable=SC2154 # `here` is the folder of these scripts
ports_let_in() {
  packet_rules |
    awk -v device="$(default_device)" -v besides="${BESIDES-}" -v named="${NAMED-}" -v ports="$*" -f \
      "$here/lib/input-rules.awk"
}
# other_rules_filter FILTER: loaded rules that are not FILTER's shut something. The port of the discard service stands
# for any port.
other_rules_filter() { [[ $(BESIDES=$1 ports_let_in 9) != '9 open' ]]; }

# covers_port PORT/PROTOCOL LINES: one of the lines begins with that port, or with a range around it. A line without a
# protocol is for both.
covers_port() {
  local line range protocol
  while read -r line; do
    line=${line%% *} range=${line%/*} range=${range//:/-} protocol=${1##*/}
    [[ $line != */* ]] || protocol=${line##*/}
    [[ $protocol == "${1##*/}" && $range =~ ^[0-9]+(-[0-9]+)?$ ]] || continue
    ((${1%/*} >= ${range%-*} && ${1%/*} <= ${range#*-})) && return
  done <<<"$2"
  return 1
}

# reachable_ports: what other machines reach as long as nothing filters: `PORT/PROTOCOL PROGRAM`, one a line.
reachable_ports() {
  local protocol address rest program quoted='\(\("([^"]+)"'
  while read -r protocol _ _ _ address _ rest; do
    case $address in 127.* | '[::1]':* | *%lo:*) continue ;; esac
    program=""
    [[ ! $rest =~ $quoted ]] || program=${BASH_REMATCH[1]}
    # A DHCP client listens here for its own answers.
    case ${address##*:}/$protocol in 68/udp | 546/udp) continue ;; esac
    printf '%s/%s %s\n' "${address##*:}" "$protocol" "$program"
  done < <(ss -Hltunp) | sort -nu
}

# and_list WORD…: a, b and c.
and_list() {
  local last=${*: -1} all
  case $# in
    0) ;;
    1) printf '%s' "$1" ;;
    *) printf -v all '%s, ' "${@:1:$#-1}" && printf '%s and %s' "${all%, }" "$last" ;;
  esac
}
