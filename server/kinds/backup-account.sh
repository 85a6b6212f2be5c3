# shellcheck shell=bash
# The account in MariaDB that makes the backups, and tries them. MariaDB recognizes its user of the host without a
# password (unix_socket). It may read the databases that are backed up, and change only those with the scratch name.
# TRIGGER and EVENT are needed to see what a dump must have.
# observed: the account is there; how it logs in; it is not locked and does not expire; its rights, and no others
# not observed: accounts of other names and hosts

observe() {
  local line account wanted has
  ask_account
  if [[ -z ${account-} ]]; then
    blind "MariaDB does not answer on ${ARG[socket]-}, so the account of the backups cannot be looked at"
    return
  fi
  [[ $account != missing ]] || { say "MariaDB has no user ${ARG[user]-}" && return; }
  [[ $account == same ]] ||
    say "${ARG[user]-} logs in to MariaDB another way, is locked or may expire, should log in by the socket alone"
  while IFS= read -r line; do [[ -z $line ]] || say "${ARG[user]-} lacks: $line"; done < <(lacking_grants)
  while IFS= read -r line; do [[ -z $line ]] || say "${ARG[user]-} has a grant it should not: $line"; done < <(extra_rights)
}

# ask_account: fills account (missing, same or other; empty when MariaDB does not answer), wanted and has (grants, one a
# line).
ask_account() {
  local answer quoted version log_bin
  account="" wanted="" has=""
  sql_quote -v quoted "${ARG[user]-}"
  answer=$(sql 2>/dev/null <<SQL
SELECT @@version, @@log_bin;
SELECT COALESCE((SELECT IF(JSON_VALUE(Priv, '$.plugin') = 'unix_socket' AND COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') = ''
  AND COALESCE(JSON_LENGTH(Priv, '$.auth_or'), 0) < 2 AND COALESCE(JSON_VALUE(Priv, '$.account_locked'), '0') NOT IN ('1', 'true')
  AND COALESCE(JSON_VALUE(Priv, '$.password_lifetime'), -1) = 0 AND COALESCE(JSON_VALUE(Priv, '$.password_last_changed'), 1) <> 0, 'same', 'other')
  FROM mysql.global_priv WHERE User = $quoted AND Host = 'localhost'), 'missing');
SQL
  ) || return 0
  read -r version log_bin <<<"${answer%%$'\n'*}"
  account=${answer##*$'\n'}
  wanted=$(wanted_grants "$version" "$log_bin")
  [[ $account == missing ]] || has=$(sql <<<"SHOW GRANTS FOR $quoted@'localhost'" 2>/dev/null | tidy_grants)
}

# tidy_grants <SHOW GRANTS: `RIGHTS ON THING`, one a line; a line with something else besides stays as it is. What
# follows IDENTIFIED is dropped, as it may be the hash of a password. MariaDB's client doubles backslashes.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
tidy_grants() {
  sed -E -e 's/\\\\/\\/g' -e 's/ IDENTIFIED .*( (REQUIRE|WITH) .*)$/\1/; s/ IDENTIFIED .*$//' \
    -e '/^GRANT USAGE ON \*\.\* TO `[^`]*`@`localhost`$/d' -e 's/^GRANT (.*) TO `[^`]*`@`localhost`$/\1/'
}

# wanted_grants VERSION LOG_BIN
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
wanted_grants() {
  local names name major minor rights="SELECT, SHOW VIEW, EVENT, TRIGGER"
  list databases names
  IFS=. read -r major minor _ <<<"$1"
  # Since 11.3 there is a right of its own to read how a routine is made.
  if ((major > 11 || (major == 11 && minor >= 3))); then
    rights+=", SHOW CREATE ROUTINE"
  else
    echo 'SELECT ON `mysql`.`proc`'
  fi
  # With this it keeps what it restores as a trial out of the binary log, which replicas read.
  [[ $2 == 0 ]] || echo 'BINLOG ADMIN ON *.*'
  for name in "${names[@]}"; do printf '%s ON `%s`.*\n' "$rights" "${name//_/\\_}"; done
  printf 'ALL PRIVILEGES ON `%s%%`.*\n' "${ARG[scratch]//_/\\_}"
}
lacking_grants() { LC_ALL=C comm -23 <(LC_ALL=C sort <<<"$wanted") <(LC_ALL=C sort <<<"$has"); }
extra_rights() { LC_ALL=C comm -13 <(LC_ALL=C sort <<<"$wanted") <(LC_ALL=C sort <<<"$has"); }

# The accounts' library knows by this how statements name the account.
apply() {
  local account wanted has who line said
  mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  ask_account
  declare -gA SQL_ACCOUNT=([backup]="$(sql_quote "${ARG[user]-}")@'localhost'")
  who=${SQL_ACCOUNT[backup]}
  said=$({
    limit_statements
    echo "CREATE USER IF NOT EXISTS $who IDENTIFIED VIA unix_socket; ALTER USER $who IDENTIFIED VIA unix_socket REQUIRE NONE
      WITH MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0 MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;"
    while IFS= read -r line; do
      case $line in '') ;; 'GRANT '* | 'SET '*) revoke_sql backup "$line" ;; *) revoke_sql backup "GRANT $line" ;; esac
    done < <(extra_rights)
    while IFS= read -r line; do printf 'GRANT %s TO %s;\n' "$line" "$who"; done <<<"$wanted"
  } | sql 2>&1) || die "MariaDB refused the change of its user ${ARG[user]-}: ${said##*$'\n'}"
}

manifest() { printf 'user %s@localhost\n' "${ARG[user]-}"; }

# Scratch databases are copies that a trial left which was cut off.
drop() {
  local name=${1#user } each
  [[ $1 == 'user '*@localhost ]] || return 0
  drop_account "${name%@localhost}"
  sql <<<"SHOW DATABASES LIKE $(sql_quote "${ARG[scratch]//_/\\_}%")" 2>/dev/null | while IFS= read -r each; do
    sql <<<"SET SESSION sql_log_bin = 0; DROP DATABASE $(sql_name "$each")"
  done
}
