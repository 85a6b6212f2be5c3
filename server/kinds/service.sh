# shellcheck shell=bash
# A server that runs: it starts with the host, was started with what is on the host now, and listens.
# observed: it is enabled, runs, listens on its port and its consoles' ports where the config says, and was started with
#   the present unit, drop-ins, settings, passwords and release, or has read the settings since; its old name; game data
#   files that are gone since it started, or that it cannot see or read (only told, as only you have the client); who
#   else listens on its ports
# not observed: game data by content: gigabytes; what the players' world is like inside

# shellcheck disable=SC2034 # the runner reads it
CHANGES_REALM=yes

read_state() {
  read_unit "${ARG[unit]-}" LoadState ActiveState SubState MainPID Result ExecMainStatus "${SANDBOX_PROPERTIES[@]}"
}

# empty_needs: prints the empty folders among those that the server needs. The operator has to fill them.
empty_needs() {
  local needs folder
  list needs needs
  for folder in "${needs[@]}"; do
    [[ -n $(find -L "$folder" -mindepth 1 -print -quit 2>/dev/null) ]] || printf '%s ' "${folder##*/}"
  done
}

# unseen_game_data: prints a sentence for each reason why the server cannot read its game data.
unseen_game_data() { [[ -z ${ARG[needs]-} ]] || unseen_data "${ARG[root]-}/data"; }

# restart_reasons: prints a sentence for each reason why the running server must be restarted.
restart_reasons() {
  local record=$RUNTIME_DIR/${ARG[unit]%.service}.started present path old
  (lost_mariadb)
  [[ $(core_program) != authserver ]] || ! former_master_runs ||
    printf 'authserver runs with the former master secret of two-factor: restart needed\n'
  if [[ ! -f $record ]]; then
    printf '%s was not started by the stack: restart needed\n' "$(server_name)"
    return
  fi
  # shellcheck disable=SC2154 # the runner sets `here`
  present=$(bash "$here/units/started.sh" show "${ARG[unit]%.service}" "${ARG[root]-}")
  ! has_content "$record" "$present"$'\n' || return 0
  while read -r old path; do
    if [[ $path == release || ($path == "$(conf_file)" && -n $(reload_reason)) ]]; then continue; fi
    printf '%s runs with an older %s: restart needed\n' "$(server_name)" "$path"
  done < <(diff <(sort -k2 "$record") <(sort -k2 <<<"$present") | sed -n 's/^[<>] //p' | sort -uk2,2 || true)
  old=$(sed -n 's/ release$//p' "$record") path=$(sed -n 's/ release$//p' <<<"$present")
  [[ $old == "$path" ]] ||
    printf '%s runs the release %s, the live one is %s: restart needed\n' "$(server_name)" "${old##*/}" "${path##*/}"
}
server_name() { local unit; unit=${ARG[unit]-}; printf '%s' "${unit%.service}"; }
# restart_may_wait: the restart can wait for the window. It cannot when the server has lost MariaDB, as nothing is
# saved; nor when MariaDB no longer takes the server's passwords, as no new connection opens.
restart_may_wait() {
  must_wait_for_window && [[ ${old[*]} != *" MariaDB "* ]] && { [[ ${old[*]} != *".env: "* ]] || passwords_still_valid "${ARG[unit]-}"; }
}
is_listening() { [[ $(ss -Hltnp "sport = :${ARG[port]-}") == *"pid=${PROPERTY[MainPID]},"* ]]; }

# tell_lost_data: hints at game data that is gone since the server started, which no step can bring back. Where
# `data send` brought the data, the game-data step tells it.
tell_lost_data() {
  local record lost
  record=$RUNTIME_DIR/$(server_name).data
  [[ -n ${ARG[needs]-} && -f $record && ! -f ${ARG[root]-}/data.manifest ]] || return 0
  mapfile -t lost < <(comm -23 "$record" <(bash "$here/units/started.sh" data "$(server_name)" "${ARG[root]-}"))
  ((${#lost[@]})) || return 0
  hint "${ARG[root]-}/data lacks ${#lost[@]} file$( ((${#lost[@]} == 1)) || echo s) of game data that the $(server_name) began with, e.g. ${lost[0]}: \`npm run realm -- data extract\` makes it again of a client 3.3.5a"
}

observe() {
  local alias unit needs="" line lines file old
  unit=${ARG[unit]-}
  read_state
  case ${PROPERTY[LoadState]} in
    loaded) ;;
    masked) say_unless_repaired_before "$unit is masked"; return ;;
    *) say_unless_repaired_before "$unit does not exist"; return ;;
  esac
  file=$(enabled_state "$unit")
  # systemd says `enabled` as long as another name leads to the unit.
  [[ -L /etc/systemd/system/multi-user.target.wants/$unit || $file != enabled ]] || file=disabled
  [[ $file == enabled ]] || say_without_effect "$(server_name) does not start when the host boots (${file:-not enabled})"
  [[ $file != enabled || -L /etc/systemd/system/${ARG[mariadb]-}.wants/$unit ]] ||
    say_without_effect "$(server_name) does not start again with MariaDB"
  list aliases aliases
  # shellcheck disable=SC2154 # list makes it
  for alias in "${aliases[@]}"; do
    [[ $(readlink -f "/etc/systemd/system/$alias") == "/etc/systemd/system/$unit" ]] ||
      say_without_effect "the name $alias does not lead to $unit"
  done
  [[ ${PROPERTY[ActiveState]} == active ]] || needs=$(empty_needs)
  if [[ -n $needs ]]; then
    hint "the $(server_name) waits for game data in ${ARG[root]-}/data (empty: ${needs% }): \`npm run realm -- data extract\` makes it of a client 3.3.5a, then run \`pulumi up\`"
    return
  fi
  mapfile -t lines < <(unseen_game_data)
  if [[ ${PROPERTY[ActiveState]} == active ]]; then
    for line in "${lines[@]}"; do hint "the $(server_name) would not start again: $line"; done
  elif ((${#lines[@]})); then
    for line in "${lines[@]}"; do hint "the $(server_name) waits for its game data: $line; then run \`pulumi up\`"; done
    return
  else
    while IFS= read -r line; do hint "the $(server_name) cannot start: $line"; done < <(taken_ports)
  fi
  tell_lost_data
  case ${PROPERTY[ActiveState]}/${PROPERTY[SubState]} in
    active/*)
      mapfile -t old < <(restart_reasons)
      if ((${#old[@]})) && restart_may_wait; then
        for line in "${old[@]}"; do hint_waiting "$line"; done
      else
        for line in "${old[@]}"; do say_unless_repaired_before "$line"; done
      fi
      is_listening || say "$(server_name) runs, but does not listen on ${ARG[port]-}/tcp"
      if ((${#old[@]} == 0)) || restart_may_wait; then check_reload; fi
      if ((${#old[@]} == 0)); then check_consoles; fi
      ;;
    activating/auto-restart) say_without_effect "$(server_name) keeps failing ($(ending "$unit")), systemd tries it again" ;;
    activating/*) say_without_effect "$(server_name) is still starting, ${ARG[port]-}/tcp is not open yet" ;;
    failed/*) say_without_effect "$(server_name) is not running: it failed ($(ending "$unit"))" ;;
    *) say_without_effect "$(server_name) is not running" ;;
  esac
}

apply() {
  local unit needs verb=start old
  unit=${ARG[unit]-}
  job_join "restart-$(server_name)" "the restart" || true
  read_state
  [[ ${PROPERTY[LoadState]} != masked ]] || systemctl unmask --quiet "$unit" ||
    die "$unit is masked and could not be unmasked"
  with_lock systemd systemctl enable --quiet "$unit" || die "$unit could not be enabled"
  needs=$(empty_needs)
  [[ -n $needs ]] || needs=$(unseen_game_data)
  if [[ -n $needs && ${PROPERTY[ActiveState]} != active ]]; then
    # Without its data the server would fail and be started again without end, so it is stopped.
    systemctl stop --quiet "$unit"
    systemctl reset-failed --quiet "$unit" || true
    return 0
  fi
  case ${PROPERTY[ActiveState]}/${PROPERTY[SubState]} in
    active/*)
      mapfile -t old < <(restart_reasons)
      if is_listening && { ((${#old[@]} == 0)) && [[ -z $(wrong_consoles) ]] || restart_may_wait; }; then
        [[ -z $(reload_reason) ]] || reload_settings
        return 0
      fi
      [[ -z $needs ]] || die "the $(server_name) was not restarted, as it would not start again: ${needs%%$'\n'*}"
      require_free_ports
      job_start "restart-$(server_name)" "$(server_name)" "$here/units/job.sh"
      job_await "restart-$(server_name)"
      return
      ;;
    activating/auto-restart) verb=restart ;;
    activating/*) [[ -z $(restart_reasons) ]] || verb=restart ;;
  esac
  require_free_ports
  if [[ -n $(worlds_in_the_way) ]] && ! must_wait_for_window; then
    job_start "restart-$(server_name)" "$(server_name)" "$here/units/job.sh"
    job_await "restart-$(server_name)"
    return
  fi
  systemctl reset-failed --quiet "$unit" 2>/dev/null || true
  start_and_wait "$verb" "$unit" "${ARG[log]-}"
  all_ports_open
}

# unattended: the whole restart in a job of its own, from the message to the players until the server is ready.
unattended() {
  local worlds rc=0
  mapfile -t worlds < <(worlds_in_the_way)
  if [[ $(core_program) == worldserver ]]; then announce_and_stop; fi
  if ((${#worlds[@]})); then
    announce_and_stop
    note "stopping ${worlds[*]%.service}, which runs with the former master secret of two-factor"
    systemctl stop --quiet "${worlds[@]}"
  fi
  systemctl reset-failed --quiet "${ARG[unit]-}" 2>/dev/null || true
  (start_and_wait restart "${ARG[unit]-}" "${ARG[log]-}") || rc=$?
  # Its own step waits until it is ready.
  ((${#worlds[@]} == 0)) || systemctl start --quiet --no-block "${worlds[@]}"
  ((rc == 0)) || exit "$rc"
  all_ports_open
}

# worlds_in_the_way: the worldservers that have to stop before this authserver takes another master secret.
worlds_in_the_way() {
  [[ -z ${ARG[environment]-} ]] || worlds_with_another_master "$(wanted_master "${ARG[environment]}")"
}

# all_ports_open: the worldserver opens its consoles a moment after the port for players.
all_ports_open() {
  read_state
  wait_for 5 consoles_are_right || true
}

manifest() { printf 'unit %s\n' "${ARG[unit]-}"; }

# These jobs would start the server again, so they must end first.
settle() {
  local schema
  list schemas schemas
  # shellcheck disable=SC2154 # list makes it
  for schema in "${schemas[@]}"; do job_join "live${schema#schema}" "the change to a new release" || true; done
  job_join "restart-$(server_name)" "the restart" || true
}

drop() {
  local unit=${1#unit }
  case $1 in
    'unit '*)
      systemctl disable --quiet --now "$unit" 2>/dev/null || systemctl stop --quiet "$unit" 2>/dev/null || true
      systemctl reset-failed --quiet "$unit" 2>/dev/null || true
      # systemd does not disable a masked unit, so the links to it would stay.
      find /etc/systemd/system -type l -lname "*/$unit" -delete
      rm -f "$RUNTIME_DIR/${unit%.service}."{started,conf,conf.asked}
      ;;
  esac
}

# For the stack's outputs: what the server does, or what it waits for.
outcome() {
  local needs
  needs=$(empty_needs)
  read_state
  if [[ ${PROPERTY[ActiveState]} != active && -n $needs ]]; then
    printf 'waits for game data in %s/data (empty: %s)\n' "${ARG[root]-}" "${needs% }"
  else
    printf '%s\n' "${PROPERTY[ActiveState]}"
  fi
}
