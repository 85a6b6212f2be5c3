# shellcheck shell=bash
# firewalld: what it lets in; how to open, close and start it.

firewalld_installed() { command -v firewall-cmd >/dev/null; }
firewalld_active() { [[ $(systemctl is-active firewalld) == active ]]; }

firewalld_check() {
  local thing zone now later open port
  firewalld_installed || { say "firewalld is not installed"; return; }
  firewalld_active || { say "firewalld is not running"; return; }
  [[ $(enabled_state firewalld) == enabled ]] || say "firewalld does not start when the host boots"
  read_zone
  [[ -n $later ]] || { say "the firewall has no zone $zone"; return; }
  while read -r thing; do
    open=""
    ! is_listed "$thing" "$now" || open=now
    ! is_listed "$thing" "$later" || open+=later
    case $open in
      nowlater) ;;
      now) say "$(rule_in_words "$thing") is open in the running firewall only (permanent: closed)" ;;
      later) say "$(rule_in_words "$thing") is closed in the running firewall (permanent: open)" ;;
      *) say "$(rule_in_words "$thing") is closed (zone $zone)" ;;
    esac
  done < <(wanted_rules)
  while read -r port _; do firewalld_check_console "$port"; done < <(console_ports)
}
# firewalld_check_console PORT: says when others than the networks of the config get in, now or after the next start.
firewalld_check_console() {
  local thing place listing
  for place in now later; do
    listing=${!place}
    if is_listed "others $1/tcp" "$listing"; then
      while read -r thing; do
        is_listed "$thing" "$listing" ||
          say "$(rule_in_words "${thing% first}") is closed by the stack's own refusal of all others"
      done < <(console_rules "$1")
    elif is_open_to_all "$1" "$listing"; then
      say_open_to_all "$1" " (zone $zone)"
      return
    fi
  done
  [[ $(state_for_others "$1") != open ]] ||
    say_open_to_all "$1" ", by rules that are not the zone's (nft list ruleset; firewall-cmd --direct --get-all-rules)"
}

firewalld_apply() {
  local thing zone now later port open_now=() open_later=()
  firewalld_installed ||
    die "firewalld is not installed" "install it, or: pulumi config set --path trinitycore:host.firewall.kind none"
  if ! firewalld_active; then
    guard_new_filter firewalld /etc/firewalld
    firewalld_start
  fi
  systemctl enable --quiet firewalld || die "firewalld could not be enabled"
  read_zone
  [[ -n $later ]] ||
    die "the firewall has no zone $zone" \
      "see trinitycore:host.firewall.zone; there are: $(firewall-cmd --permanent --get-zones)"
  while read -r thing; do
    is_listed "$thing" "$now" || open_now+=("$(firewall_option add "$thing")")
    is_listed "$thing" "$later" || open_later+=("$(firewall_option add "$thing")")
  done < <(wanted_rules)
  while read -r port _; do
    [[ -n $(firewalld_check_console "$port") ]] || continue
    while read -r thing; do
      is_listed "$thing" "$now" || open_now+=("$(firewall_option add "$thing")")
      is_listed "$thing" "$later" || open_later+=("$(firewall_option add "$thing")")
    done < <(console_rules "$port")
  done < <(console_ports)
  firewall_cmds --permanent "${open_later[@]}"
  firewall_cmds "${open_now[@]}"
}

# firewalld_start: opens every SSH port first, in the zone that SSH comes in through.
firewalld_start() {
  local port zone zones lets_in
  # A run that was cut off may have left it masked.
  systemctl unmask --runtime --quiet firewalld
  mapfile -t zones \
    < <({ offline_zone "$(ssh_device)" && firewall-offline-cmd --get-default-zone; } 2>/dev/null | sort -u)
  for zone in "${zones[@]}"; do
    lets_in=$(firewalld_lets_in "$zone")
    for port in $(ssh_ports); do
      if covers_port "$port/tcp" "$lets_in"; then continue; fi
      firewall-offline-cmd --zone="$zone" --add-port="$port/tcp" >/dev/null 2>&1 ||
        die "firewalld was not started: $port/tcp, the way in over SSH, could not be opened in its zone $zone"
      note_started way firewalld "$port/tcp"
    done
  done
  note "starting firewalld (ssh stays open)"
  systemctl start firewalld || die "firewalld does not start" "journalctl -u firewalld says why"
  # NetworkManager may have put the interface into a zone of its own.
  zone=$(zone_of "$(ssh_device)")
  [[ " ${zones[*]} " == *" $zone "* ]] || for port in $(ssh_ports); do
    firewall_cmd --zone="$zone" --add-port="$port/tcp"
    firewall_cmd --permanent --zone="$zone" --add-port="$port/tcp"
    note_started way firewalld "$port/tcp"
  done
}

# offline_zone DEVICE: the zone of its packets when firewalld runs.
offline_zone() {
  local zone
  if zone=$(firewall-offline-cmd --get-zone-of-interface="$1" 2>/dev/null); then
    printf '%s\n' "$zone"
  else
    firewall-offline-cmd --get-default-zone 2>/dev/null
  fi
}

# firewalld_lets_in [ZONE]: by its configuration, one a line: `PORT/PROTOCOL [NAME]`, or `~ WORDS` for a rule that is
# more than a port.
firewalld_lets_in() {
  local zone=${1-${ARG[zone]-}} line word rules=""
  zone=${zone:-$(offline_zone "$(ssh_device)")}
  while read -r line; do
    case $line in
      target:*ACCEPT*) echo '0-65535 everything' ;;
      services:*) for word in ${line#services:}; do service_ports "$word"; done ;;
      ports:*) for word in ${line#ports:}; do printf '%s\n' "$word"; done ;;
      'rich rules:'*) rules=yes ;;
      *) [[ -z $rules || -z $line ]] || printf '~ %s\n' "$line" ;;
    esac
  done < <(firewall-offline-cmd --zone="$zone" --list-all 2>/dev/null)
}
# service_ports NAME: from the service's file; the operator's comes before the package's.
service_ports() {
  local file
  for file in {/etc,/usr/lib}/firewalld/services/"$1".xml; do
    [[ -f $file ]] || continue
    tr '\n>' ' \n' <"$file" |
      sed -n \
        "/<port /{s/.* port=[\"']\([0-9-]*\)[\"'].*/&\n\1/;s/^[^\n]* protocol=[\"']\([a-z]*\)[\"'][^\n]*\n\(.*\)/\2\/\1 $1/p}"
    return
  done
  printf '~ %s\n' "$1"
}

# keep_firewalld_stopped COMMAND…: runs a command that installs the package, without starting it. Debian's package
# starts and enables firewalld at once, and lets SSH in on port 22 alone.
keep_firewalld_stopped() {
  systemctl mask --runtime --quiet firewalld 2>/dev/null
  (
    trap 'systemctl unmask --runtime --quiet firewalld; systemctl disable --quiet firewalld 2>/dev/null' EXIT
    "$@"
  )
}

# firewall_cmds [--permanent] OPTION…: firewall-cmd takes ports and rich rules in calls of their own.
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

# firewalld_close RULE ZONE [stale]
firewalld_close() {
  local zone now later remove wanted_zone
  remove=$(firewall_option remove "$1")
  if ! firewalld_active; then
    firewall-offline-cmd ${2:+"--zone=$2"} "$remove" >/dev/null 2>&1 || true
    return 0
  fi
  if [[ $3 == stale && ${ARG[backend]-} == firewalld ]] && grep -Fxq -- "$1" <<<"$(wanted_rules && all_console_rules)"; then
    read_zone
    wanted_zone=$zone
  fi
  read_zone "$2"
  [[ $zone != "${wanted_zone-}" ]] || return 0
  ! is_listed_exactly "$1" "$later" || firewall_cmd --permanent --zone="$zone" "$remove"
  ! is_listed_exactly "$1" "$now" || firewall_cmd --zone="$zone" "$remove"
}
