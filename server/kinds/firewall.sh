# shellcheck shell=bash
# Open ports, permanently and in the running firewall, never by a reload: that would drop the rules of docker, libvirt and fail2ban.
# firewalld and ufw speak through the same words: opened WHAT PORT, open_up, close_up. A thing is "PORT/tcp" or "NETWORK PORT/tcp".
# observed: each of the stack's ports, in the running firewall and permanently; the firewall runs and starts with the server
# not observed: ports and rules that others opened, docker's rules, and the firewall before the server (a cloud's, a router's): they are
#   not the stack's

COMMENT=trinity-stack

# wanted: all things, one a line.
wanted() {
  local thing
  while IFS= read -r thing; do [[ -z $thing ]] || printf '%s\n' "$thing"; done <<<"${ARG[ports]-}"$'\n'"${ARG[sources]-}"
}
in_words() { case $1 in *' '*) printf '%s from %s' "${1#* }" "${1%% *}" ;; *) printf '%s' "$1" ;; esac; }

observe() {
  case ${ARG[backend]-} in
    firewalld) firewalld_says ;;
    ufw) ufw_says ;;
    *) hint "no firewall is managed on this server: every port that something listens on is reachable" ;;
  esac
}

apply() {
  case ${ARG[backend]-} in
    firewalld) firewalld_apply ;;
    ufw) ufw_apply ;;
  esac
}

manifest() {
  local thing in=""
  [[ -z ${ARG[zone]-} || ${ARG[backend]-} != firewalld ]] || in=" in ${ARG[zone]-}"
  [[ ${ARG[backend]-} != none ]] || return 0
  while read -r thing; do
    case $thing in
      '') ;;
      *' '*) printf '%s rich %s%s\n' "${ARG[backend]-}" "$thing" "$in" ;;
      *) printf '%s port %s%s\n' "${ARG[backend]-}" "$thing" "$in" ;;
    esac
  done < <(wanted)
}

drop() {
  local backend thing zone="" stale=stale
  read -r backend thing <<<"$1"
  thing=${thing#port } thing=${thing#rich }
  case $thing in *' in '*) zone=${thing##* in } thing=${thing%% in *} ;; esac
  # A line of the present manifest is undone with the whole step; another one may mean what is wanted still, in other words.
  if grep -Fxq -- "$1" <<<"$(manifest)"; then stale=""; fi
  case $backend in
    firewalld) ! command -v firewall-cmd >/dev/null || firewalld_close "$thing" "$zone" "$stale" ;;
    ufw) ! command -v ufw >/dev/null || ufw_close "$thing" ;;
  esac
}

# --- firewalld ---

running() { [[ $(systemctl is-active firewalld) == active ]]; }

# rules: what a thing is to firewall-cmd, in its own spelling, so that it can be found again in a listing.
rich() {
  local family=ipv4 port=${1#* }
  [[ $1 != *:*' '* ]] || family=ipv6
  printf 'rule family="%s" source address="%s" port port="%s" protocol="%s" accept' \
    "$family" "${1%% *}" "${port%%/*}" "${1##*/}"
}
option() { case $2 in *' '*) printf -- '--%s-rich-rule=%s' "$1" "$(rich "$2")" ;; *) printf -- '--%s-port=%s' "$1" "$2" ;; esac; }

# look_up: what is open in the zone, running and permanent; sets zone, now and later. Asked over D-Bus as firewall-cmd does it, which
# is a Python program that takes 0.2 s a question.
look_up() {
  local device="" line place
  # `look_up ""` asks for the zone that is found, whatever is configured.
  zone=${1-${ARG[zone]-}}
  if [[ -z $zone ]]; then
    while read -r line; do
      [[ -n $device || $line != *' dev '* ]] || { device=${line##* dev } && device=${device%% *}; }
    done < <(ip -o route show default)
    [[ -z $device ]] || zone=$(only_text "$(ask '' zone getZoneOfInterface s "$device")")
    zone=${zone:-$(only_text "$(ask '' '' getDefaultZone)")}
  fi
  now=$(listing "$(ask '' zone getZoneSettings2 s "$zone")")
  place=$(only_text "$(ask /config config getZoneByName s "$zone")")
  later=${place:+$(listing "$(ask "${place#/org/fedoraproject/FirewallD1}" config.zone getSettings2)")}
}
# ask OBJECT INTERFACE METHOD [SIGNATURE ARGUMENT]: both as they are below firewalld's own.
ask() {
  busctl call org.fedoraproject.FirewallD1 "/org/fedoraproject/FirewallD1$1" "org.fedoraproject.FirewallD1${2:+.$2}" "${@:3}" 2>/dev/null || true
}
# read_texts ANSWER COUNT: the first texts of an answer such as `as 2 "one" "two"`, as an array `texts`.
read_texts() {
  local rest=$1 text quoted='"(([^"\\]|\\.)*)"(.*)'
  texts=()
  while ((${#texts[@]} < $2)) && [[ $rest =~ $quoted ]]; do
    rest=${BASH_REMATCH[3]}
    text=${BASH_REMATCH[1]//\\\"/\"}
    texts+=("${text//\\\\/\\}")
  done
}
only_text() { local texts && read_texts "$1" 1 && printf '%s' "${texts[0]-}"; }
# listing SETTINGS: as firewall-cmd would list it; nothing when there is no such zone. What is empty is not among the settings.
listing() {
  local texts=() rest i ports=""
  [[ -n $1 ]] || return 0
  rest=${1#*'"ports" a(ss) '}
  [[ $rest == "$1" ]] || read_texts "$rest" "$((2 * ${rest%% *}))"
  for ((i = 0; i < ${#texts[@]}; i += 2)); do ports+=" ${texts[i]}/${texts[i + 1]}"; done
  printf 'ports:%s\n' "${ports:- }"
  rest=${1#*'"rules_str" as '}
  [[ $rest != "$1" ]] || return 0
  read_texts "$rest" "${rest%% *}"
  printf '%s\n' "${texts[@]}"
}

# listed THING LISTING: a port may also lie in a range that is open.
listed() {
  local range ranges port=${1%/*} protocol=${1##*/}
  if [[ $1 == *' '* ]]; then
    [[ $2 == *"$(rich "$1")"* ]]
    return
  fi
  read -ra ranges <<<"${2#ports:}"
  for range in "${ranges[@]}"; do
    [[ ${range##*/} == "$protocol" ]] || continue
    range=${range%/*}
    ((port >= ${range%-*} && port <= ${range#*-})) && return
  done
  return 1
}

firewalld_says() {
  local thing zone now later open
  command -v firewall-cmd >/dev/null || { say "firewalld is not installed"; return; }
  running || { say "firewalld is not running"; return; }
  [[ $(boots_with firewalld) == enabled ]] || say "firewalld does not start with the server"
  look_up
  [[ -n $later ]] || { say "the firewall has no zone $zone"; return; }
  while read -r thing; do
    open=""
    ! listed "$thing" "$now" || open=now
    ! listed "$thing" "$later" || open+=later
    case $open in
      nowlater) ;;
      now) say "$(in_words "$thing") is open in the running firewall only (permanent: closed)" ;;
      later) say "$(in_words "$thing") is closed in the running firewall (permanent: open)" ;;
      *) say "$(in_words "$thing") is closed (zone $zone)" ;;
    esac
  done < <(wanted)
}

firewalld_apply() {
  local thing zone now later port open_now=() open_later=()
  command -v firewall-cmd >/dev/null || die "firewalld is not installed" "install it, or: pulumi config set trinitycore:firewall.kind none"
  if ! running; then
    # Nobody is to be locked out by a firewall that starts.
    for port in $(ssh_ports); do firewall-offline-cmd --add-port="$port/tcp" >/dev/null 2>&1 || true; done
    note "starting firewalld (ssh stays open)"
    systemctl start firewalld || die "firewalld does not start" "journalctl -u firewalld says why"
  fi
  systemctl enable --quiet firewalld || die "firewalld could not be enabled"
  look_up
  [[ -n $later ]] || die "the firewall has no zone $zone" "see trinitycore:firewall.zone; there are: $(firewall-cmd --permanent --get-zones)"
  while read -r thing; do
    listed "$thing" "$now" || open_now+=("$(option add "$thing")")
    listed "$thing" "$later" || open_later+=("$(option add "$thing")")
  done < <(wanted)
  firewall_cmds --permanent "${open_later[@]}"
  firewall_cmds "${open_now[@]}"
}

# firewall_cmds [--permanent] OPTION…: ports and rich rules each in a call of their own, as firewall-cmd wants them.
firewall_cmds() {
  local option how=() ports=() rules=()
  for option in "$@"; do
    case $option in --permanent) how=("$option") ;; --*-port=*) ports+=("$option") ;; *) rules+=("$option") ;; esac
  done
  ((${#ports[@]} == 0)) || firewall_cmd "${how[@]}" --zone="$zone" "${ports[@]}"
  ((${#rules[@]} == 0)) || firewall_cmd "${how[@]}" --zone="$zone" "${rules[@]}"
}

firewall_cmd() {
  local said
  said=$(firewall-cmd "$@" 2>&1) || die "firewalld refuses: $(tail -n 1 <<<"$said")"
}

# firewalld_close THING ZONE [stale]
firewalld_close() {
  local zone now later remove wanted_zone
  remove=$(option remove "$1")
  if ! running; then
    firewall-offline-cmd ${2:+"--zone=$2"} "$remove" >/dev/null 2>&1 || true
    return 0
  fi
  if [[ $3 == stale && ${ARG[backend]-} == firewalld ]] && grep -Fxq -- "$1" <<<"$(wanted)"; then
    look_up
    wanted_zone=$zone
  fi
  look_up "$2"
  [[ $zone != "${wanted_zone-}" ]] || return 0
  ! exactly "$1" "$later" || firewall_cmd --permanent --zone="$zone" "$remove"
  ! exactly "$1" "$now" || firewall_cmd --zone="$zone" "$remove"
}

# exactly THING LISTING: a range of the operator's is not cut.
exactly() {
  if [[ $1 == *' '* ]]; then listed "$1" "$2"; else grep -Eq "^ *ports:.* ${1}( |$)" <<<"$2"; fi
}

ssh_ports() { sshd -T 2>/dev/null | sed -n 's/^port //p' || true; }

# --- ufw ---

ufw_active() { grep -q '^Status: active' <<<"$(ufw status 2>/dev/null)"; }
ufw_rule() { case $1 in *' '*) printf 'from %s to any port %s proto %s' "${1%% *}" "$(cut -d' ' -f2 <<<"$1" | cut -d/ -f1)" "${1##*/}" ;; *) printf '%s' "$1" ;; esac; }

ufw_says() {
  local thing added
  command -v ufw >/dev/null || { say "ufw is not installed"; return; }
  ufw_active || say "ufw is not active"
  added=$(ufw show added 2>/dev/null)
  while read -r thing; do
    grep -Eq "^ufw allow $(ufw_rule "${thing//./\\.}")( comment |$)" <<<"$added" || say "$(in_words "$thing") is closed in ufw"
  done < <(wanted)
}

ufw_apply() {
  local thing port words
  command -v ufw >/dev/null || die "ufw is not installed" "install it, or: pulumi config set trinitycore:firewall.kind none"
  while read -r thing; do
    read -ra words <<<"$(ufw_rule "$thing")"
    ufw_run allow "${words[@]}" comment "$COMMENT"
  done < <(wanted)
  ufw_active && return
  for port in $(ssh_ports); do ufw_run allow "$port/tcp"; done
  note "starting ufw (ssh stays open)"
  ufw_run --force enable
}

ufw_run() {
  local said
  said=$(ufw "$@" 2>&1 </dev/null) || die "ufw refuses: $(tail -n 1 <<<"$said")"
}

ufw_close() {
  local words
  read -ra words <<<"$(ufw_rule "$1")"
  ufw delete allow "${words[@]}" >/dev/null 2>&1 </dev/null || true
}
