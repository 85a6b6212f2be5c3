# shellcheck shell=bash
# One of the stack's timers, and the service that it starts: for old logs, for restarts in the window, for backups and
# their trial, for nightly updates. Where the service keeps a record of how it ended, a failure and a run that did not
# come are told. A service without a timer is started by whoever needs it, and told how it ended. What a service needs
# to log in somewhere is in files that root alone reads.
# observed: the service and the timer, by their text; the timer is enabled and runs; the record; the files of a login,
#   by name alone
# not observed: what the service works on: logs and backups come and go, and restarts that wait are the servers' own
#   matter

unit_path() { printf '/etc/systemd/system/%s.%s' "${ARG[unit]-}" "$1"; }
has_timer() { [[ -n ${ARG[timer]-} ]]; }

observe() {
  check_file "$(unit_path service)" 0644 root:root "${ARG[service]-}" show
  observe_login
  ! has_timer || observe_timer
  [[ -z ${ARG[record]-} ]] || hint_record
}

# observe_login: of a secret that is not known yet only the file is looked at.
# shellcheck disable=SC2154 # list fills it
observe_login() {
  local name names file wanted
  list secrets names
  for name in "${names[@]}"; do
    file=${ARG[login]-}/$name
    check_mode "$file" 0600 root:root || continue
    if has_secret "$name"; then
      secret -v wanted "$name"
      has_content "$file" "$wanted" || say "$file has other content than it should"
    fi
  done
}

observe_timer() {
  check_file "$(unit_path timer)" 0644 root:root "${ARG[timer]-}" show
  [[ -e /etc/systemd/system/${ARG[unit]-}.timer ]] || return 0
  [[ $(enabled_state "${ARG[unit]-}.timer") == enabled ]] || say "${ARG[unit]-}.timer does not start when the host boots"
  [[ $(systemctl is-active "${ARG[unit]-}.timer") == active ]] || say "${ARG[unit]-}.timer is not running"
}

# hint_record: nothing that the step could put right, so it is only told. A service without a schedule tells whoever
# asked for it.
hint_record() {
  local ended at why well late since=service
  [[ -n ${ARG[schedule]-} ]] || return 0
  ! has_timer || since=timer
  [[ -e $(unit_path "$since") ]] || return 0
  read_record
  [[ $ended == success || -z $at ]] ||
    hint "${ARG[unit]-} failed ($(date -d "@$at" '+%a %F %H:%M')): $why; journalctl -u ${ARG[unit]-} has the rest"
  late=$(overdue)
  [[ -z $late ]] || hint "$late"
}

# overdue: a sentence where the last run did not come. Without a record the first one is due after the unit was made.
overdue() {
  local ended at why well due since=service
  # What is started on demand alone is never late.
  [[ -n ${ARG[schedule]-} ]] || return 0
  ! has_timer || since=timer
  read_record
  due=$(calendar_after "${well:-$(stat -c %Y "$(unit_path "$since")")}" "${ARG[schedule]-}") || return 0
  ((due + 6 * 3600 > $(printf '%(%s)T' -1))) ||
    printf '%s is overdue: it should have run at %s, and last went well %s\n' "${ARG[unit]-}" \
      "$(date -d "@$due" '+%a %F %H:%M')" "$(
        if [[ -n $well ]]; then date -d "@$well" '+%a %F %H:%M'; else echo never; fi
      )"
}

# read_record: fills ended, at, why and well. The record is in the folder of the service's user.
read_record() {
  local key value
  ended="" at="" why="" well=""
  while IFS=$'\t' read -r key value; do
    case $key in
      ended) ended=$value ;;
      why) why=${value:0:300} ;;
      at | well) [[ $value == *[!0-9]* ]] || printf -v "$key" %s "$value" ;;
    esac
  done < <(read_as_user "${ARG[user]-}" "${ARG[record]-}/last")
}

outcome() {
  local ended at why well
  [[ -n ${ARG[record]-} ]] || return 0
  read_record
  if [[ -z $at ]]; then
    echo "not run yet"
  elif [[ $ended == success ]]; then
    date -d "@$at" '+went well %F %H:%M'
  else
    date -d "@$at" '+failed %F %H:%M'
  fi
}

# shellcheck disable=SC2154 # list fills it
apply() {
  local name names
  list secrets names
  ((${#names[@]} == 0)) || install -d -m 0700 "${ARG[login]-}"
  for name in "${names[@]}"; do secret "$name" | write_file "${ARG[login]-}/$name" 0600 root:root; done
  arg service | write_file "$(unit_path service)" 0644 root:root
  if has_timer; then apply_timer; else reread_units; fi
}
reread_units() { daemon_reload || die "systemd could not read its units again"; }

apply_timer() {
  local said
  said=$(systemd-analyze calendar "${ARG[schedule]-}" 2>&1) ||
    die "trinitycore:${ARG[key]-}: systemd refuses \"${ARG[schedule]-}\"" "$(head -n 1 <<<"$said")" \
      "try it with \`systemd-analyze calendar\`"
  arg timer | write_file "$(unit_path timer)" 0644 root:root
  reread_units
  with_lock systemd systemctl enable --quiet "${ARG[unit]-}.timer" || die "${ARG[unit]-}.timer could not be enabled"
  systemctl restart "${ARG[unit]-}.timer" ||
    die "${ARG[unit]-}.timer does not start" "systemctl status ${ARG[unit]-}.timer says why"
  note "next: $(systemctl show -p NextElapseUSecRealtime --value "${ARG[unit]-}.timer")"
}

# shellcheck disable=SC2154 # list fills it
manifest() {
  local name names
  list secrets names
  ((${#names[@]} == 0)) || printf 'folder %s\n' "${ARG[login]-}"
  for name in "${names[@]}"; do printf 'file %s/%s\n' "${ARG[login]-}" "$name"; done
  printf 'file %s\n' "$(unit_path service)"
  ! has_timer || printf 'file %s\n' "$(unit_path timer)"
  # What the service leaves in a folder of somebody else's.
  [[ -z ${ARG[leaves]-} ]] || printf 'file %s\n' "${ARG[leaves]}"
  # In this order, as the last one is dropped first.
  [[ -z ${ARG[record]-} ]] || printf 'record %s\n' "${ARG[unit]-}"
  if has_timer; then printf 'timer %s.timer\n' "${ARG[unit]-}"; else printf 'service %s\n' "${ARG[unit]-}"; fi
}

drop() {
  case $1 in
    'timer '*)
      systemctl disable --quiet --now "${1#timer }" 2>/dev/null || true
      # The record of when it ran last.
      systemctl clean --what=state "${1#timer }" 2>/dev/null || true
      stop_service
      ;;
    'service '*) stop_service ;;
    'folder '*) rmdir --ignore-fail-on-non-empty -- "${1#folder }" 2>/dev/null || true ;;
    'record '*) systemctl clean --what=state,cache "${1#record }.service" 2>/dev/null || true ;;
    'file '*)
      rm -f -- "${1#file }"
      daemon_reload
      ;;
  esac
}
# A run that is at work or has failed would stay in systemd's list without its unit.
stop_service() {
  systemctl stop --quiet "${ARG[unit]-}.service" 2>/dev/null || true
  systemctl reset-failed --quiet "${ARG[unit]-}.service" 2>/dev/null || true
}
