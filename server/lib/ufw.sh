# shellcheck shell=bash
# ufw: what it lets in, opening and closing, starting it. Its own program is Python and takes 0.2 s a question.

ufw_installed() { command -v ufw >/dev/null; }
# As ufw itself tells it.
ufw_active() { ufw_installed && iptables -w 5 -n -L ufw-user-input >/dev/null 2>&1; }
# ufw_boots: it is switched on, though it may not run. Its unit is there and enabled on a fresh Ubuntu already, where that says nothing.
ufw_boots() { grep -qsix 'ENABLED=yes' /etc/ufw/ufw.conf && [[ $(boots_with ufw) == enabled ]]; }
ufw_rule() { case $1 in *' '*) printf 'from %s to any port %s proto %s' "${1%% *}" "$(cut -d' ' -f2 <<<"$1" | cut -d/ -f1)" "${1##*/}" ;; *) printf '%s' "$1" ;; esac; }

ufw_says() {
  local thing added
  ufw_installed || { say "ufw is not installed"; return; }
  ufw_active || say "ufw is not active"
  added=$(ufw show added 2>/dev/null)
  while read -r thing; do
    grep -Eq "^ufw allow $(ufw_rule "${thing//./\\.}")( comment |$)" <<<"$added" || say "$(in_words "$thing") is closed in ufw"
  done < <(wanted)
}

ufw_apply() {
  local thing words
  ufw_installed || die "ufw is not installed" "install it, or: pulumi config set trinitycore:firewall.kind none"
  # Before the first rule: what is put back is what was there before.
  ufw_active || guard_new_filter ufw /etc/ufw
  while read -r thing; do
    read -ra words <<<"$(ufw_rule "$thing")"
    ufw_run allow "${words[@]}" comment trinity-stack
  done < <(wanted)
  ufw_active || ufw_start
}

ufw_start() {
  local port lets_in
  lets_in=$(ufw_lets_in)
  # What is let in already stays in its own words: `allow` would take the place of the operator's `limit`.
  for port in $(ways_in); do
    if covered "$port/tcp" "$lets_in"; then continue; fi
    ufw_run allow "$port/tcp"
    note_started way ufw "$port/tcp"
  done
  note "starting ufw (ssh stays open)"
  ufw_run --force enable
}

# ufw_lets_in: by its rules as they are, a line each: "PORT/PROTOCOL [NAME]", or "~ WORDS" where it is more than a port.
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
# ufw_profile NAME: the ports of an application as ufw's folder of them has it, such as `80,443/tcp|53/udp`; 1 when it has none.
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
  local words
  read -ra words <<<"$(ufw_rule "$1")"
  ufw delete allow "${words[@]}" >/dev/null 2>&1 </dev/null || true
}
