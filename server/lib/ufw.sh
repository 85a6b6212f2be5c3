# shellcheck shell=bash
# ufw: what it lets in; how to open, close and start it. Its program is Python and takes 0.2 s for each question, so
# files and iptables are read where they suffice.

ufw_installed() { command -v ufw >/dev/null; }
# ufw itself asks in this way.
ufw_active() { ufw_installed && iptables -w 5 -n -L ufw-user-input >/dev/null 2>&1; }
# ufw_boots: it starts when the host boots, though it may not run now. Ubuntu installs and enables its unit, so the unit
# alone does not tell.
ufw_boots() { grep -qsix 'ENABLED=yes' /etc/ufw/ufw.conf && [[ $(enabled_state ufw) == enabled ]]; }
# ufw_ipv4_only: it does not filter IPv6.
ufw_ipv4_only() { ! grep -qsiE '^IPV6="?yes' /etc/default/ufw; }
# ufw_rule RULE: in ufw's own words; it shows a single address without a prefix length.
ufw_rule() {
  local network port
  read -r network port _ <<<"$1"
  case $network in
    */tcp) printf '%s' "$network" ;;
    *)
      if [[ $network == *:* ]]; then network=${network%/128}; else network=${network%/32}; fi
      printf 'from %s to any port %s proto %s' "$network" "${port%/*}" "${port##*/}"
      ;;
  esac
}

ufw_check() {
  local thing added
  ufw_installed || { say "ufw is not installed"; return; }
  ufw_active || say "ufw is not active"
  added=$(ufw show added 2>/dev/null)
  while read -r thing; do
    grep -Eq "^ufw allow $(ufw_rule "${thing//./\\.}")( comment |$)" <<<"$added" ||
      say "$(rule_in_words "$thing") is closed in ufw"
  done < <(wanted_rules)
  if ufw_active; then ufw_check_consoles; fi
}
# ufw_check_consoles: says when others than the networks of the config get in.
ufw_check_consoles() {
  local port
  while read -r port _; do
    [[ $(state_for_others "$port") != open ]] || say_open_to_all "$port" " in ufw"
  done < <(console_ports)
}
# all_addresses: in two halves. For ufw, a refusal of all addresses is the same rule as a permission for all, and would
# replace it.
all_addresses() {
  printf '%s\n' 0.0.0.0/1 128.0.0.0/1
  ufw_ipv4_only || printf '%s\n' ::/1 8000::/1
}
# ufw_narrow PORT: each rule goes to the head, so the last one counts first.
ufw_narrow() {
  local network
  while read -r network; do ufw_put_first deny "$network $1/tcp"; done < <(all_addresses)
  while read -r network; do ufw_put_first allow "$network $1/tcp"; done < <(named_networks "$1")
}
# ufw_put_first VERB RULE: ahead of all other rules, wherever it was.
ufw_put_first() {
  local words
  read -ra words <<<"$(ufw_rule "$2")"
  ufw delete "$1" "${words[@]}" >/dev/null 2>&1 </dev/null || true
  ufw_run prepend "$1" "${words[@]}" comment "$UFW_COMMENT"
}
# ufw_refuses_others PORT/PROTOCOL: a rule of the stack's does.
ufw_refuses_others() {
  ufw show added 2>/dev/null | grep -Fq "ufw deny $(ufw_rule "0.0.0.0/1 $1") comment '$UFW_COMMENT'"
}

ufw_apply() {
  local thing words port
  ufw_installed ||
    die "ufw is not installed" "install it, or: pulumi config set --path trinitycore:host.firewall.kind none"
  # The guard saves what was there before the first rule.
  ufw_active || guard_new_filter ufw /etc/ufw
  while read -r thing; do
    # A rule behind the refusal of all others would open nothing.
    if [[ $thing == *' '* ]] && ufw_refuses_others "${thing#* }"; then
      ufw_put_first allow "$thing"
      continue
    fi
    read -ra words <<<"$(ufw_rule "$thing")"
    ufw_run allow "${words[@]}" comment "$UFW_COMMENT"
  done < <(wanted_rules)
  ufw_active || ufw_start
  while read -r port _; do
    [[ $(state_for_others "$port") != open ]] || ufw_narrow "$port"
  done < <(console_ports)
}

ufw_start() {
  local port lets_in
  lets_in=$(ufw_lets_in)
  # A port that is let in already keeps the operator's rule: `allow` would replace a `limit`.
  for port in $(ssh_ports); do
    if covers_port "$port/tcp" "$lets_in"; then continue; fi
    ufw_run allow "$port/tcp"
    note_started way ufw "$port/tcp"
  done
  note "starting ufw (ssh stays open)"
  ufw_run --force enable
}

# ufw_lets_in: by its rules, one a line: `PORT/PROTOCOL [NAME]`, or `~ WORDS` for a rule that is more than a port.
ufw_lets_in() {
  local verb what port ports
  if grep -qsE '^DEFAULT_INPUT_POLICY="?ACCEPT' /etc/default/ufw; then printf '0-65535 everything\n'; fi
  while read -r _ verb what; do
    what=${what%% comment *} what=${what//\'/}
    case $verb in allow | limit) ;; *) printf '~ %s %s\n' "$verb" "$what" && continue ;; esac
    if [[ $what =~ ^[0-9:,]+(/(tcp|udp))?$ ]]; then
      for port in $(tr , ' ' <<<"${what%/*}"); do printf '%s%s\n' "$port" "${BASH_REMATCH[1]}"; done
    elif ports=$(ufw_profile "$what"); then
      for port in $ports; do printf '%s %s\n' "$port" "$what"; done
    else
      printf '~ %s %s\n' "$verb" "$what"
    fi
  done < <(ufw show added 2>/dev/null | grep '^ufw ')
}
# ufw_profile NAME: the ports of an application in ufw's folder, such as `80,443/tcp|53/udp`; 1 when it is not there.
ufw_profile() {
  awk -v name="[$1]" '
    /^\[/ { found = ($0 == name) }
    found && /^ports=/ {
      n = split(substr($0, 7), groups, "|")
      for (i = 1; i <= n; i++) {
        split(groups[i], part, "/")
        m = split(part[1], port, ",")
        for (k = 1; k <= m; k++) print port[k] (part[2] ? "/" part[2] : "")
      }
      any = 1
      exit
    }
    END { exit !any }' /etc/ufw/applications.d/* 2>/dev/null
}

ufw_run() {
  local said
  said=$(ufw "$@" 2>&1 </dev/null) || die "ufw refuses: $(tail -n 1 <<<"$said")"
}

ufw_close() {
  local words network
  case $1 in
    # For ufw it is the same rule as the one without `first`, and goes with that one.
    *' first') return 0 ;;
    'others '*)
      ufw_refuses_others "${1#* }" || return 0
      while read -r network; do
        read -ra words <<<"$(ufw_rule "$network ${1#* }")"
        ufw delete deny "${words[@]}" >/dev/null 2>&1 </dev/null || true
      done < <(all_addresses)
      return 0
      ;;
  esac
  read -ra words <<<"$(ufw_rule "$1")"
  ufw delete allow "${words[@]}" >/dev/null 2>&1 </dev/null || true
}
