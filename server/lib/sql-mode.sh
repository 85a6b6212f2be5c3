# shellcheck shell=bash
# MariaDB's sql_mode. The core sets none, so its sessions have the global one.

# The default of MySQL and MariaDB, for which the core's SQL is written.
# shellcheck disable=SC2034 # who runs the core's updates uses it
CORE_MODE=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION

# unfit_mode MODE: sets `unfit` to the parts with which statements of the servers fail (each was tried), and `fit` to
# the rest.
unfit_mode() {
  local part parts
  unfit=() fit=""
  IFS=, read -ra parts <<<"$1"
  for part in "${parts[@]}"; do
    case $part in
      # ONLY_FULL_GROUP_BY refuses the query for the names of banned accounts; in ORACLE mode `body`, a column of the
      # mails, is a reserved word.
      ONLY_FULL_GROUP_BY | ORACLE) unfit+=("$part") ;;
      *) fit+=${fit:+,}$part ;;
    esac
  done
}

# tell_unfit_mode MODE WORD: with WORD (refuse or hint) tells of a mode with which the servers do not start.
tell_unfit_mode() {
  local unfit fit
  unfit_mode "$1"
  ((${#unfit[@]} == 0)) ||
    "$2" "MariaDB's sql_mode has ${unfit[*]}, with which TrinityCore's servers do not start; take it out of sql_mode in MariaDB's configuration" \
    "(grep -rn sql_mode /etc/mysql /etc/my.cnf*), and until MariaDB restarts: mariadb -e \"SET GLOBAL sql_mode = '$fit'\""
}
