# shellcheck shell=bash
# The mode in which MariaDB reads SQL. The core sets none of its own, so its sessions have the one that the server was
# given for all.

# What MariaDB and MySQL both have unless somebody sets another: what the core's SQL is written for.
# shellcheck disable=SC2034 # who runs the core's updates uses it
CORE_MODE=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION

# unfit_mode MODE: sets `unfit`, the parts of it in which statements of the servers' own are errors (each of them was
# tried), and `fit`, the rest.
unfit_mode() {
  local part parts
  unfit=() fit=""
  IFS=, read -ra parts <<<"$1"
  for part in "${parts[@]}"; do
    case $part in
      # The names of banned accounts are asked for with a GROUP BY that MariaDB refuses then; a column of the mails is
      # called body, a word of Oracle's.
      ONLY_FULL_GROUP_BY | ORACLE) unfit+=("$part") ;;
      *) fit+=${fit:+,}$part ;;
    esac
  done
}

# tell_unfit_mode MODE VERB: refuses, or only hints at, a mode with which the servers do not start.
tell_unfit_mode() {
  local unfit fit
  unfit_mode "$1"
  ((${#unfit[@]} == 0)) ||
    "$2" "MariaDB's sql_mode has ${unfit[*]}, with which TrinityCore's servers do not start; take it out of sql_mode in MariaDB's configuration" \
    "(grep -rn sql_mode /etc/mysql /etc/my.cnf*), and until MariaDB restarts: mariadb -e \"SET GLOBAL sql_mode = '$fit'\""
}
