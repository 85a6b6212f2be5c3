# shellcheck shell=bash
# A server that lost MariaDB for a moment runs on, listens, and is of no use: of a connection that met no server it
# never opens another.

# lost_mariadb: why the running server has to be started again for MariaDB's sake, a sentence each.
lost_mariadb() {
  local began mariadb errors=$RUNTIME_DIR/${ARG[unit]%.service}.errors from log=${ARG[root]-}/logs/DBErrors.log \
    size
  # The authserver has one log for all.
  [[ $(core_program) != authserver ]] || log=${ARG[root]-}/logs/Auth.log
  # The log lies in a folder of the server's own user.
  local user=${PROPERTY[User]:-nobody}
  size=$(stat -c %s "$log" 2>/dev/null) || size=0
  read_unit "${ARG[mariadb]-}" ExecMainStartTimestampMonotonic ActiveState
  mariadb=${PROPERTY[ExecMainStartTimestampMonotonic]-0}
  began=$(systemctl show -P ExecMainStartTimestampMonotonic "${ARG[unit]-}")
  if ((mariadb > began)); then
    printf '%s runs since before MariaDB was started, and may have lost it for good: restart needed\n' "$(server_name)"
  # Shorter than it was at the start it was emptied since, and what the night leaves in it is of this start.
  elif [[ -f $errors ]] && read -r from <"$errors" &&
    as_user "$user" tail -c "+$((size < from ? 1 : from + 1))" "$log" 2>/dev/null | grep -qaF \
    'Unhandled MySQL errno 2002'; then
    printf '%s has lost MariaDB for good (errno 2002 in %s): restart needed\n' "$(server_name)" "$log"
  fi
}
