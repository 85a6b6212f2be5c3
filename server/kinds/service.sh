# shellcheck shell=bash
# A server that runs: enabled, started with what is there now, and listening.
# observed: it is enabled, runs, listens on its port and its consoles' where the config says, and was started with the
#   present unit, drop-ins, settings, passwords and release; its old name; game data files that are gone since it
#   started, or that it cannot see or read (told, as only you have the client); who else listens on its ports
# not observed: game data by content: gigabytes; what the players' world is like inside

read_state() {
  read_unit "${ARG[unit]-}" LoadState ActiveState SubState MainPID Result ExecMainStatus "${SANDBOX_PROPERTIES[@]}"
}

# empty_needs: folders without which the server cannot run, and that are empty. Their content is the operator's to
# bring.
empty_needs() {
  local needs folder
  list needs needs
  for folder in "${needs[@]}"; do
    [[ -n $(find -L "$folder" -mindepth 1 -print -quit 2>/dev/null) ]] || printf '%s ' "${folder##*/}"
  done
}

# unseen: a sentence for each thing about its game data that keeps the server from reading it.
unseen() { [[ -z ${ARG[needs]-} ]] || unseen_data "${ARG[root]-}/data"; }

# stale: why the running process has to be started again, a sentence each.
stale() {
  local record=/run/trinity-stack/${ARG[unit]%.service}.started present path old
  (half_dead)
  if [[ ! -f $record ]]; then
    printf '%s was not started by the stack: restart needed\n' "$(name)"
    return
  fi
  # shellcheck disable=SC2154 # the runner sets `here`
  present=$(bash "$here/units/started.sh" show "${ARG[unit]%.service}" "${ARG[root]-}")
  ! holds "$record" "$present"$'\n' || return 0
  while read -r old path; do
    [[ $path == release ]] || printf '%s runs with an older %s: restart needed\n' "$(name)" "$path"
  done < <(diff <(sort -k2 "$record") <(sort -k2 <<<"$present") | sed -n 's/^[<>] //p' | sort -uk2,2 || true)
  old=$(sed -n 's/ release$//p' "$record") path=$(sed -n 's/ release$//p' <<<"$present")
  [[ $old == "$path" ]] ||
    printf '%s runs the release %s, the live one is %s: restart needed\n' "$(name)" "${old##*/}" "${path##*/}"
}
name() { local unit; unit=${ARG[unit]-}; printf '%s' "${unit%.service}"; }
# may_wait: it need not be started again before the window. One that has lost MariaDB does not wait, as nothing is
# saved; nor does one whose passwords MariaDB does not take any more, as no new connection opens.
may_wait() {
  held_back && [[ ${old[*]} != *" MariaDB "* ]] && { [[ ${old[*]} != *".env: "* ]] || still_let_in "${ARG[unit]-}"; }
}
listens() { [[ $(ss -Hltnp "sport = :${ARG[port]-}") == *"pid=${PROPERTY[MainPID]},"* ]]; }

# lost_data: game data that is gone since the server started. No step can bring it back, so it is only told; of what was
# sent the data's own step tells.
lost_data() {
  local record lost
  record=/run/trinity-stack/$(name).data
  [[ -n ${ARG[needs]-} && -f $record && ! -f ${ARG[root]-}/data.manifest ]] || return 0
  mapfile -t lost < <(comm -23 "$record" <(bash "$here/units/started.sh" data "$(name)" "${ARG[root]-}"))
  ((${#lost[@]})) || return 0
  hint "${ARG[root]-}/data lacks ${#lost[@]} file$( ((${#lost[@]} == 1)) || echo s) of game data that the $(name) began with, e.g. ${lost[0]}: extract it again from a client 3.3.5a, the stack cannot"
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
  file=$(boots_with "$unit")
  # To systemd it is enabled as long as another name leads to it.
  [[ -L /etc/systemd/system/multi-user.target.wants/$unit || $file != enabled ]] || file=disabled
  [[ $file == enabled ]] || say_without_effect "$(name) does not start with the server (${file:-not enabled})"
  [[ $file != enabled || -L /etc/systemd/system/${ARG[mariadb]-}.wants/$unit ]] ||
    say_without_effect "$(name) does not start again with MariaDB"
  list aliases aliases
  # shellcheck disable=SC2154 # list makes it
  for alias in "${aliases[@]}"; do
    [[ $(readlink -f "/etc/systemd/system/$alias") == "/etc/systemd/system/$unit" ]] ||
      say_without_effect "the name $alias does not lead to $unit"
  done
  [[ ${PROPERTY[ActiveState]} == active ]] || needs=$(empty_needs)
  if [[ -n $needs ]]; then
    hint "the $(name) waits for game data in ${ARG[root]-}/data (empty: ${needs% }): extract it from a client 3.3.5a with the tools in ${ARG[root]-}/run/bin, then run \`pulumi up\`"
    return
  fi
  mapfile -t lines < <(unseen)
  if [[ ${PROPERTY[ActiveState]} == active ]]; then
    for line in "${lines[@]}"; do hint "the $(name) would not start again: $line"; done
  elif ((${#lines[@]})); then
    for line in "${lines[@]}"; do hint "the $(name) waits for its game data: $line; then run \`pulumi up\`"; done
    return
  else
    while IFS= read -r line; do hint "the $(name) cannot start: $line"; done < <(taken)
  fi
  lost_data
  case ${PROPERTY[ActiveState]}/${PROPERTY[SubState]} in
    active/*)
      mapfile -t old < <(stale)
      if ((${#old[@]})) && may_wait; then
        for line in "${old[@]}"; do waits "$line"; done
      else
        for line in "${old[@]}"; do say_unless_repaired_before "$line"; done
      fi
      listens || say "$(name) runs, but does not listen on ${ARG[port]-}/tcp"
      if ((${#old[@]} == 0)); then consoles_say; fi
      ;;
    activating/auto-restart) say_without_effect "$(name) keeps failing ($(ending "$unit")), systemd tries it again" ;;
    activating/*) say_without_effect "$(name) is still starting, ${ARG[port]-}/tcp is not open yet" ;;
    failed/*) say_without_effect "$(name) is not running: it failed ($(ending "$unit"))" ;;
    *) say_without_effect "$(name) is not running" ;;
  esac
}

apply() {
  local unit needs verb=start old
  unit=${ARG[unit]-}
  job_join "restart-$(name)" "the restart" || true
  read_state
  [[ ${PROPERTY[LoadState]} != masked ]] || systemctl unmask --quiet "$unit" ||
    die "$unit is masked and could not be unmasked"
  with_lock systemd systemctl enable --quiet "$unit" || die "$unit could not be enabled"
  needs=$(empty_needs)
  [[ -n $needs ]] || needs=$(unseen)
  if [[ -n $needs && ${PROPERTY[ActiveState]} != active ]]; then
    # One that fails again and again for want of its data is not left to it.
    systemctl stop --quiet "$unit"
    systemctl reset-failed --quiet "$unit" || true
    return 0
  fi
  case ${PROPERTY[ActiveState]}/${PROPERTY[SubState]} in
    active/*)
      mapfile -t old < <(stale)
      if listens && { ((${#old[@]} == 0)) && [[ -z $(ajar) ]] || may_wait; }; then return 0; fi
      [[ -z $needs ]] || die "the $(name) was not restarted, as it would not start again: ${needs%%$'\n'*}"
      nobody_else
      job_start "restart-$(name)" "$(name)" "$here/units/job.sh"
      job_see "restart-$(name)"
      return
      ;;
    activating/auto-restart) verb=restart ;;
    activating/*) [[ -z $(stale) ]] || verb=restart ;;
  esac
  nobody_else
  systemctl reset-failed --quiet "$unit" 2>/dev/null || true
  run_job "$verb" "$unit" "${ARG[log]-}"
  all_doors_open
}

# unattended: from the word to the players to a server that is ready, in a job of its own.
unattended() {
  [[ $(core_program) != worldserver ]] || farewell
  systemctl reset-failed --quiet "${ARG[unit]-}" 2>/dev/null || true
  run_job restart "${ARG[unit]-}" "${ARG[log]-}"
  all_doors_open
}

# all_doors_open: the worldserver's consoles open a moment after the door for players.
all_doors_open() {
  read_state
  wait_for 5 all_open || true
}

manifest() { printf 'unit %s\n' "${ARG[unit]-}"; }

# They would start it again.
settle() {
  local schema
  list schemas schemas
  # shellcheck disable=SC2154 # list makes it
  for schema in "${schemas[@]}"; do job_join "live${schema#schema}" "the change to a new release" || true; done
  job_join "restart-$(name)" "the restart" || true
}

drop() {
  local unit=${1#unit }
  case $1 in
    'unit '*)
      systemctl disable --quiet --now "$unit" 2>/dev/null || systemctl stop --quiet "$unit" 2>/dev/null || true
      systemctl reset-failed --quiet "$unit" 2>/dev/null || true
      # A masked unit is not disabled: its links stay.
      find /etc/systemd/system -type l -lname "*/$unit" -delete
      rm -f "/run/trinity-stack/${unit%.service}.started"
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
