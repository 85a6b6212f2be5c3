#!/bin/bash
# Starts, stops or restarts the servers of a realm (`verb`), each as the receipt of its step has it; `receipts` names
# those, a line each. Players are told as the config says, `now` not at all, or so many `seconds` before.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
load_kind service

# take_up STEP: its parameters, as the last `up` left them.
take_up() {
  local told name
  declare -A told=()
  for name in "${!ARG[@]}"; do told[$name]=${ARG[$name]}; done
  completed "$1" || die "the ${1%%-*} is not on this host yet" "run \`pulumi up\` first"
  STEP=$1
  # shellcheck disable=SC2154 # begin.sh sets `here`
  {
    mkdir -p "$here/requests/$STEP/"{secrets,files} && cp "$RECEIPTS/$STEP"/{kind,args} "$here/requests/$STEP"
  } || die "the parameters of $STEP could not be kept in $here" "is it full? df -h $here"
  load_request "$here/requests/$STEP"
  for name in login worldserver characters; do ARG[$name]=${told[$name]}; done
  know_socket "${told[database]-}"
  case ${told[seconds]-} in
    '') ;;
    0) ARG[restarts]="" ;;
    *) ARG[restarts]=announce ARG[announce_seconds]=${told[seconds]} ;;
  esac
}

# alone: nobody else may be at the databases or the programs.
alone() {
  local schemas schema
  list schemas schemas
  for schema in "${schemas[@]}"; do
    ! job_running "live${schema#schema}" ||
      die "a new release is just going live, which ends with both servers running" \
        "watch it: journalctl -fu $(job_unit "live${schema#schema}")"
  done
}

running() { read_state && [[ ${PROPERTY[ActiveState]} == active ]]; }
# came_up: a unit whose game data is missing is passed over by systemd without an error.
came_up() { running || die "the $(server_name) $(outcome)"; }

start_one() {
  if running; then note "$(server_name) runs already" && return; fi
  require_free_ports
  systemctl reset-failed --quiet "${ARG[unit]-}" 2>/dev/null || true
  start_and_wait start "${ARG[unit]-}" "${ARG[log]-}"
  came_up
  note "$(server_name) runs"
}

stop_one() {
  if ! running && ! unit_runs "${ARG[unit]-}"; then note "$(server_name) is stopped already" && return; fi
  [[ $(core_program) != worldserver ]] || announce_and_stop
  systemctl stop --quiet "${ARG[unit]-}" || die "$(server_name) could not be stopped" "systemctl status ${ARG[unit]-}"
  note "$(server_name) is stopped"
}

# In a job of its own, as whoever asked for it may go away between the stop and the start.
restart_one() {
  local script=$SCRIPTS_DIR/current/units/job.sh
  if ! running; then start_one && return; fi
  [[ -f $script ]] || die "the stack's scripts on this host are too old for this" "run \`pulumi up\` first"
  require_free_ports
  job_start "restart-$(server_name)" "$(server_name)" "$script"
  job_await "restart-$(server_name)"
  came_up
  note "$(server_name) runs"
}

list receipts receipts
verb=${ARG[verb]-}
# shellcheck disable=SC2154 # list fills it
for receipt in "${receipts[@]}"; do
  (
    take_up "$receipt"
    alone
    job_join "restart-$(server_name)" "the restart" || true
    hold_realm "npm run realm -- $verb"
    with_lock "$STEP" "${verb}_one"
  ) || { audit "$verb $receipt" failed && exit 1; }
  audit "$verb $receipt" "done"
done
