# shellcheck shell=bash
# MariaDB itself: it runs, starts when the host boots, and lets root in over its socket.
# observed: its unit is there, enabled and runs; it answers as root over its socket; its flavour and version; settings
#   with which no realm can work: read_only, innodb_force_recovery, skip_grant_tables, lower_case_table_names,
#   max_connections, unix_socket, socket, a Galera node
# not observed: its other settings: the stack has none of its own, and the distribution's and the operator's are theirs

observe() {
  local unit load file active other
  unit=${ARG[unit]-}
  read_unit "$unit" LoadState ActiveState
  load=${PROPERTY[LoadState]-} file=$(enabled_state "$unit") active=${PROPERTY[ActiveState]-}
  case $load in
    not-found)
      other=$(mysql_unit)
      say "$unit is not installed${other:+, and $other is of MySQL, beside which MariaDB cannot be put}"
      [[ -n $other ]] || refuse_before_first_realm < <(problems_of_stopped)
      return
      ;;
    masked) say "$unit is masked, should be enabled" ;;
  esac
  [[ $load == masked || $file =~ ^(enabled|static|indirect|generated)$ ]] || say "$unit is not enabled"
  case $active in
    active | reloading) ;;
    inactive) say "$unit is stopped" ;;
    *) say "$unit is $active, should be active" ;;
  esac
  if [[ $active != active ]]; then
    refuse_before_first_realm < <(problems_of_stopped)
    return
  fi
  ask_state || true
  refuse_before_first_realm < <(problems_of_running)
  [[ -n ${HAS[version]-} ]] || why_refused >/dev/null || say "MariaDB does not answer on ${ARG[socket]-}: $NO_ANSWER"
  if is_on strict_password_validation && [[ ${HAS[policy]-NULL} != NULL ]]; then
    foretell "MariaDB's password policy (${HAS[policy]}) takes no hashed password, and a clear one could be read in its logs: the stack's accounts are written into mysql.global_priv"
  fi
}

# refuse_before_first_realm <sentences: what only the operator can change. Refuses where no realm is yet; else says it
# as a drift.
refuse_before_first_realm() {
  local line
  while IFS= read -r line; do
    if completed "$STEP"; then say "$line"; else refuse "$line"; fi
  done
}

# problems_of_running: call ask_state first.
problems_of_running() {
  local flaws
  if [[ -z ${HAS[version]-} ]]; then
    why_refused
    return
  fi
  flaws=$(
    wrong_server
    ! is_another_server || another_server_answers
    setup_problems
  )
  [[ -n $flaws || -z $NO_ANSWER ]] || flaws="MariaDB does not answer on ${ARG[socket]-}: $NO_ANSWER"
  [[ -z $flaws ]] || printf '%s\n' "$flaws"
}
# problems_of_stopped: another program has the port or the socket that it needs.
problems_of_stopped() {
  local holder
  if [[ -S ${ARG[socket]-} ]] && ask_state; then another_server_answers; fi
  read_options
  setup_problems
  holder=$(port_holder)
  [[ -z $holder ]] ||
    echo "MariaDB could not start, as $holder has its port ${HAS[port]:-3306}; stop that, or give MariaDB another (port = under [mysqld])"
}

apply() {
  local unit lines flaws
  unit=${ARG[unit]-}
  case $(unit_property LoadState) in
    masked) die "$unit is masked, so nobody may start it" "if that is no longer wanted: systemctl unmask $unit" ;;
    not-found) die "$unit is not installed" ;;
  esac
  if [[ $(unit_property ActiveState) != active ]]; then
    die_with_all < <(problems_of_stopped)
    note "starting $unit"
  fi
  systemctl enable --now --quiet "$unit" || {
    mapfile -t lines < <(journalctl -u "$unit" -n 8 --no-pager -o cat)
    die "$unit does not start$(why_it_ended "${lines[@]}")" "${lines[@]}" "all of it: journalctl -u $unit"
  }
  wait_for "${MARIADB_SECONDS:-60}" answers_or_refuses || true
  die_with_all < <(problems_of_running)
  [[ -n ${HAS[version]-} ]] || die "MariaDB does not answer on ${ARG[socket]-}: $NO_ANSWER"
  note "${HAS[version]}"
}

# answers_or_refuses: a refusal does not go away by waiting.
answers_or_refuses() { ask_state || why_refused >/dev/null; }

# die_with_all <sentences: ends the step with them, if there are any.
die_with_all() {
  local lines
  mapfile -t lines
  ((${#lines[@]} == 0)) || die "${lines[@]}"
}

# why_it_ended LINE…: the last error in its journal that says more than that it gives up.
why_it_ended() {
  local line why=""
  for line; do [[ $line != *'[ERROR] '* || $line == *'[ERROR] Aborting' ]] || why=": ${line#*'[ERROR] '}"; done
  printf '%s' "$why"
}

unit_property() { systemctl show -P "$1" "${ARG[unit]-}"; }

mysql_unit() {
  local unit
  for unit in mysqld.service mysql.service; do
    if systemctl is-active --quiet "$unit"; then echo "$unit"; fi
  done | tail -n 1
}

# wrong_server: why the core cannot work with this MariaDB; nothing when it can. The core is built with MariaDB's client
# library, and such a build refuses MySQL, and MariaDB before 10.6.3.
wrong_server() {
  local version=${HAS[version]%%-*} major minor patch
  if [[ "${HAS[version]} ${HAS[comment]-}" != *[Mm]aria[Dd][Bb]* ]]; then
    echo "the server on ${ARG[socket]-} is MySQL $version, should be MariaDB 10.6.3 or later"
    return
  fi
  IFS=. read -r major minor patch <<<"$version"
  ((major * 10000 + minor * 100 + ${patch:-0} >= 100603)) || echo "MariaDB is $version, should be 10.6.3 or later"
}
