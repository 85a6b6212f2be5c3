# shellcheck shell=bash
# The servers that are stopped for an update of the databases, and started again after it.

# servers_to_restart: prints the units of the servers that have to run again after the update, in the order in which to
# stop them; also a server that systemd starts again and again. ARG[servers] has a line for each server, in this order:
# PROGRAM UNIT LOG ENVIRONMENT RECEIPT. ENVIRONMENT is the file with its environment, RECEIPT that of its unit.
servers_to_restart() {
  local program own unit
  while read -r program own _; do
    for unit in $(former_units "$program") "$own"; do
      # A link is only another name of one of the stack's own units.
      [[ -L /etc/systemd/system/$unit ]] || ! unit_runs "$unit" || printf '%s\n' "$unit"
    done
  done <<<"${ARG[servers]-}"
}
# shellcheck disable=SC2086 # names of units
stop_realm() { stop_servers ${LIVE[units]-}; }
# stop_servers UNIT…: players are told before; the worldserver may stop with that already.
stop_servers() {
  local unit
  announce_and_stop
  for unit; do
    note "stopping ${unit%.service}"
    systemctl stop "$unit"
  done
}

# realms_with_id: prints how many rows this realm has in the realmlist: no server starts without one.
realms_with_id() {
  [[ -z ${ARG[realm]-} ]] ||
    sql <<<"SELECT COUNT(*) FROM $(sql_name "${ARG[auth]-}").realmlist WHERE id = ${ARG[realm]}"
}

# start_again: starts the units in `stopped`, which ran before.
stopped=()
start_again() {
  ((${#stopped[@]})) || return 0
  note "starting again: ${stopped[*]}"
  give_former_passwords "${stopped[@]}"
  systemctl start --no-block "${stopped[@]}" || true
}
