# shellcheck shell=bash
# MariaDB itself: it runs, starts with the server, and lets root in over its socket.
# observed: its unit is there, enabled and runs; it answers as root over its socket; its flavour and version
# not observed: its configuration: the stack has none of its own, and the distribution's and the operator's are theirs

observe() {
  local unit load file active answer other
  unit=${ARG[unit]-}
  read_unit "$unit" LoadState ActiveState
  load=${PROPERTY[LoadState]-} file=$(boots_with "$unit") active=${PROPERTY[ActiveState]-}
  case $load in
    not-found)
      other=$(mysql_unit)
      say "$unit is not installed${other:+, and $other is of MySQL, beside which MariaDB cannot be put}"
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
  [[ $active == active ]] || return 0
  if answer=$(ask_version); then
    answer=$(flaw "$answer")
    [[ -z $answer ]] || say "$answer"
  else
    say "MariaDB does not answer on ${ARG[socket]-}: $answer"
  fi
}

apply() {
  local unit answer why lines
  unit=${ARG[unit]-}
  case $(unit_property LoadState) in
    masked) die "$unit is masked, so nobody may start it" "if that is no longer wanted: systemctl unmask $unit" ;;
    not-found) die "$unit is not installed" ;;
  esac
  if [[ $(unit_property ActiveState) != active ]]; then note "starting $unit"; fi
  systemctl enable --now --quiet "$unit" || {
    mapfile -t lines < <(journalctl -u "$unit" -n 8 --no-pager -o cat)
    die "$unit does not start" "${lines[@]}" "all of it: journalctl -u $unit"
  }
  wait_for "${MARIADB_SECONDS:-60}" lets_in_or_refuses || true
  sql_up || not_let_in
  answer=$(ask_version)
  why=$(flaw "$answer")
  [[ -z $why ]] || die "$why"
  note "${answer%%$'\t'*}"
}

# Whom it refuses now it refuses in a minute too.
lets_in_or_refuses() { sql_up || [[ $(ask_version) == *'ERROR 1045'* ]]; }
not_let_in() {
  local why
  why=$(ask_version) || true
  [[ $why != *'ERROR 1045'* ]] || die "MariaDB does not let its root in over ${ARG[socket]-}: $why" \
    "the stack has no password for it and needs none: ALTER USER root@localhost IDENTIFIED VIA unix_socket"
  die "MariaDB does not answer on ${ARG[socket]-}: $why"
}

unit_property() { systemctl show -P "$1" "${ARG[unit]-}"; }

mysql_unit() {
  local unit
  for unit in mysqld.service mysql.service; do
    if systemctl is-active --quiet "$unit"; then echo "$unit"; fi
  done | tail -n 1
}

# ask_version: version and flavour, or why there is no answer.
ask_version() {
  local answer
  mariadb_client >/dev/null || { echo "its client program is not installed" && return 1; }
  if ! answer=$(sql <<<'SELECT @@version, @@version_comment' 2>&1); then
    tail -n 1 <<<"$answer"
    return 1
  fi
  printf '%s\n' "$answer"
}

# flaw ANSWER: why the core cannot work with this server, or nothing. The core is built against MariaDB's client library here, and such a
# build refuses every MySQL, and every MariaDB before 10.6.3.
flaw() {
  local version=${1%%[-$'\t']*} major minor patch
  if [[ $1 != *[Mm]aria[Dd][Bb]* ]]; then
    echo "the server on ${ARG[socket]-} is MySQL $version, should be MariaDB 10.6.3 or later"
    return
  fi
  IFS=. read -r major minor patch <<<"$version"
  ((major * 10000 + minor * 100 + ${patch:-0} >= 100603)) || echo "MariaDB is $version, should be 10.6.3 or later"
}
