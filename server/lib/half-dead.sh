# shellcheck shell=bash
# A server that lost MariaDB for a moment runs on and listens, but is useless: when it finds no MariaDB, it gives the
# connection up and never opens another.

# core_program: prints which of the core's programs the server runs. The receipt of an earlier version does not say it,
# but there the unit has the program's name.
core_program() { printf '%s' "${ARG[server]:-${ARG[unit]%.service}}"; }

# lost_mariadb: prints a sentence for each reason why MariaDB makes a restart of the running server necessary.
lost_mariadb() {
  local began mariadb errors=$RUNTIME_DIR/${ARG[unit]%.service}.errors from log=${ARG[root]-}/logs/DBErrors.log \
    size
  # The authserver writes everything to one log.
  [[ $(core_program) != authserver ]] || log=${ARG[root]-}/logs/Auth.log
  # The service user owns the log's folder and could put a link there, so root does not read the log itself.
  local user=${PROPERTY[User]:-nobody}
  size=$(stat -c %s "$log" 2>/dev/null) || size=0
  read_unit "${ARG[mariadb]-}" ExecMainStartTimestampMonotonic ActiveState
  mariadb=${PROPERTY[ExecMainStartTimestampMonotonic]-0}
  began=$(systemctl show -P ExecMainStartTimestampMonotonic "${ARG[unit]-}")
  if ((mariadb > began)); then
    printf '%s runs since before MariaDB was started, and may have lost it for good: restart needed\n' \
      "${ARG[unit]%.service}"
  # A log that is shorter than at the start was emptied at night. What is in it now is from this start.
  elif [[ -f $errors ]] && read -r from <"$errors" &&
    as_user "$user" tail -c "+$((size < from ? 1 : from + 1))" "$log" 2>/dev/null | grep -qaF \
    'Unhandled MySQL errno 2002'; then
    printf '%s has lost MariaDB for good (errno 2002 in %s): restart needed\n' "${ARG[unit]%.service}" "$log"
  fi
}
