# shellcheck shell=bash
# shellcheck disable=SC2034 # who asks reads what is filled here
# The realm's accounts in MariaDB, and the statements that bring them to what they should be. Only what differs is
# changed.

ROLES=(auth characters world)

# What the servers' statements need at run time, in the order in which MariaDB lists it. TRUNCATE asks for DROP
# (CharacterDatabase.cpp and GuildMgr.cpp truncate the guilds' daily withdrawals and the tickets). The account `service`
# updates the databases, so it makes and changes tables as well.
declare -gA RIGHTS=(
  [auth]="SELECT, INSERT, UPDATE, DELETE"
  [characters]="SELECT, INSERT, UPDATE, DELETE, DROP"
  [world]="SELECT, INSERT, UPDATE, DELETE"
  [service]="ALL PRIVILEGES"
)

# read_account_names: fills, for each role and for `service` (the account named like the service user): USERS (the
# name), QUOTED (as a string), ACCOUNT (as people know it), SQL_ACCOUNT (as statements do), LISTED (as MariaDB lists
# it); and TARGET, for each role, the database as GRANT names it.
read_account_names() {
  local role name
  declare -gA USERS=([service]=${ARG[service]-}) QUOTED=() ACCOUNT=() SQL_ACCOUNT=() LISTED=() TARGET=()
  for role in "${ROLES[@]}"; do
    USERS[$role]=${ARG[$role.user]-}
    # In GRANT `_` and `%` are wildcards.
    name=${ARG[$role.database]-}
    name=${name//\\/\\\\}
    name=${name//_/\\_}
    sql_name -v "TARGET[$role]" "${name//%/\\%}"
    TARGET[$role]+='.*'
  done
  for role in "${!USERS[@]}"; do
    name=${USERS[$role]}
    ACCOUNT[$role]="'$name'@'localhost'"
    sql_quote -v "QUOTED[$role]" "$name"
    SQL_ACCOUNT[$role]="${QUOTED[$role]}@'localhost'"
    sql_name -v "LISTED[$role]" "$name"
    LISTED[$role]+="@\`localhost\`"
  done
}

# is_own_database ROLE OTHER: the account of ROLE may use the database of OTHER.
is_own_database() { [[ $1 == service || $1 == "$2" ]]; }

# The servers run as the service user too, so its account is locked except while an update runs. It keeps its rights:
# views and triggers that an update made belong to it, and nobody could read or dump them without.
# unlock_account ACCOUNT, lock_account ACCOUNT: locking also ends the account's connections.
unlock_account() { sql <<<"ALTER USER $1 ACCOUNT UNLOCK;"; }
lock_account() { sql <<<"ALTER USER IF EXISTS $1 ACCOUNT LOCK; KILL USER $1;"; }
# lock_of ROLE: `locked` or `open`, as it should be now.
lock_of() { if [[ $1 == service ]] && ! job_running "$(of_this_realm schema)"; then echo locked; else echo open; fi; }

# hash_of ROLE: its password as MariaDB stores it. The hash is made here, so that the password itself is in no statement
# and in no log of statements.
hash_of() { secret "$1" | mariadb_hash; }
mariadb_hash() {
  local at sum bytes=""
  sum=$(sha1sum)
  for ((at = 0; at < 40; at += 2)); do bytes+="\\x${sum:at:2}"; done
  sum=$(printf '%b' "$bytes" | sha1sum)
  sum=${sum:0:40}
  printf '*%s' "${sum^^}"
}

# facts_sql: asks whether passwords may be given as hashes; for each database how many tables it has (or `missing`); for
# each user whether it logs in as wanted, whether it is locked, and whether its password expires.
facts_sql() {
  local role login second database changed="JSON_VALUE(Priv, '$.password_last_changed')" days lasts
  days="IF(COALESCE(JSON_VALUE(Priv, '$.password_lifetime'), -1) < 0, @@default_password_lifetime, JSON_VALUE(Priv, '$.password_lifetime'))"
  lasts="IF($changed = 0 OR $days > 0 AND COALESCE($changed, 0) + $days * 86400 < UNIX_TIMESTAMP(), 'expired', IF($days > 0, 'expires', 'lasts'))"
  without_sql_logs
  echo "SELECT 'hashes', IF(@@strict_password_validation AND COUNT(*) > 0, 'refused', 'taken') FROM information_schema.plugins
    WHERE plugin_type = 'PASSWORD VALIDATION' AND plugin_status = 'ACTIVE';"
  for role in "${ROLES[@]}"; do
    sql_quote -v database "${ARG[$role.database]-}"
    printf "SELECT 'database', '%s', IF(COUNT(*) = 0, 'missing', (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s)) %s;\n" \
      "$role" "$database" "FROM information_schema.schemata WHERE schema_name = BINARY $database"
  done
  for role in "${ROLES[@]}" service; do
    second=""
    if [[ $role == service ]]; then
      login="IF(JSON_VALUE(Priv, '$.plugin') = 'unix_socket' AND COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') = '', 'same', 'other')"
    else
      login="IF(JSON_VALUE(Priv, '$.plugin') <> 'mysql_native_password', 'other',
        CASE JSON_VALUE(Priv, '$.authentication_string') WHEN '$(hash_of "$role")' THEN IF(JSON_LENGTH(Priv, '$.auth_or') > 1, 'both', 'same')
        WHEN '$(kept_hash "$role")' THEN 'old' ELSE 'differs' END)"
      # There are two old passwords when each server runs with another one.
      second=" AND NOT (JSON_LENGTH(Priv, '$.auth_or') < 4 AND COALESCE(JSON_VALUE(Priv, '$.auth_or[1].plugin'), '') = 'mysql_native_password'
        AND (JSON_LENGTH(Priv, '$.auth_or') = 2 OR COALESCE(JSON_VALUE(Priv, '$.auth_or[2].plugin'), '') = 'mysql_native_password'))"
    fi
    printf "SELECT 'user', '%s', COALESCE((SELECT CONCAT(IF(COALESCE(JSON_LENGTH(Priv, '$.auth_or'), 0) > 1%s, 'other', %s), ' ',
      IF(JSON_VALUE(Priv, '$.account_locked') IN ('1', 'true'), 'locked', 'open'), ' ', %s) FROM mysql.global_priv
      WHERE User = %s AND Host = 'localhost'), 'missing open lasts');\n" "$role" "$second" "$login" "$lasts" "${QUOTED[$role]}"
  done
}

# grants_sql ROLE…: asks for the grants of each, then for a line that marks the end. MariaDB stops at a user that is
# missing.
grants_sql() {
  local role
  for role in "$@"; do printf "SELECT 'grants', '%s'; SHOW GRANTS FOR %s;\n" "$role" "${SQL_ACCOUNT[$role]}"; done
  echo "SELECT 'all', 'told';"
}

# read_access: after read_account_names. One connection answers all; only when a user is missing, a second one asks for
# the grants of the others. Returns 1 when that fails. Fills HASHES (taken, refused), TABLES[role], LOGIN[role],
# LOCK[role] (locked, open), LASTS[role] (lasts, expires, expired), OWNED["role database"] (the rights it has on its own
# database) and EXTRA[role] (grants it should not have, one a line). LOGIN is: missing; same; differs; other (it logs in
# another way); old (its password is the one kept on the host, and the stack has a new one); both (it takes the stack's
# password and an old one).
read_access() {
  local role there=() told=""
  declare -gA TABLES=() LOGIN=() LOCK=() LASTS=() OWNED=() EXTRA=()
  HASHES=""
  read_answer < <(sql < <(facts_sql && grants_sql "${ROLES[@]}" service) 2>/dev/null)
  ((${#TABLES[@]} == 3 && ${#LOGIN[@]} == 4)) || return 1
  for role in "${!LOGIN[@]}"; do [[ ${LOGIN[$role]} == missing ]] || there+=("$role"); done
  if ((${#there[@]} < 4)); then
    OWNED=() EXTRA=()
    read_answer < <(sql < <(grants_sql "${there[@]}") 2>/dev/null)
  fi
  [[ -n $told ]]
}

# read_answer <answer: sets `told` at the line that marks the end.
read_answer() {
  local line role="" value
  while IFS= read -r line; do
    value=${line##*$'\t'}
    case $line in
      hashes$'\t'*) HASHES=$value ;;
      database$'\t'*) role=${line#*$'\t'} && TABLES[${role%$'\t'*}]=$value ;;
      user$'\t'*)
        role=${line#*$'\t'} role=${role%$'\t'*}
        LOGIN[$role]=${value%% *}
        LASTS[$role]=${value##* }
        value=${value% *}
        LOCK[$role]=${value#* }
        ;;
      grants$'\t'*) role=$value ;;
      all$'\t'*) told=yes ;;
      # MariaDB's client doubles backslashes.
      *) read_grant "$role" "${line//\\\\/\\}" ;;
    esac
  done
}

# read_grant ROLE LINE: sorts one line of SHOW GRANTS into OWNED or EXTRA. What follows IDENTIFIED is dropped, as it may
# be the hash of a password.
read_grant() {
  local role=$1 line=$2 of to=" TO ${LISTED[$1]}" rest=""
  if [[ $line == *"$to"* ]]; then
    rest=${line##*"$to"} line=${line%"$to"*}
    if [[ $rest == *' IDENTIFIED '* ]]; then
      if [[ $rest =~ (\ REQUIRE\ .*|\ WITH\ .*)$ ]]; then rest=${BASH_REMATCH[1]}; else rest=""; fi
    fi
    [[ $line != 'GRANT USAGE ON *.*' || -n $rest ]] || return 0
    for of in "${ROLES[@]}"; do
      if ! is_own_database "$role" "$of" || [[ $line != *" ON ${TARGET[$of]}" ]]; then continue; fi
      line=${line#GRANT }
      OWNED["$role ${ARG[$of.database]-}"]=${line%" ON ${TARGET[$of]}"}
      [[ -n $rest ]] || return 0
      line="GRANT $line"
    done
  fi
  EXTRA[$role]+=$line$rest$'\n'
}

extra_grants() { printf '%s' "${EXTRA[$1]-}"; }

# For the lock of its own tables MariaDB waits without end, whatever lock_wait_timeout says.
limit_statements() { echo 'SET SESSION max_statement_time = 30;'; }

# account_changes: prints the statements that are needed. MariaDB's client prints a statement that fails, so those that
# may fail hold no hash. Open connections keep their rights while these are revoked and granted again.
account_changes() {
  local role of grant has lock
  without_sql_logs
  limit_statements
  for role in "${ROLES[@]}"; do
    [[ ${TABLES[$role]} != missing ]] ||
      printf 'CREATE DATABASE IF NOT EXISTS %s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n' \
        "$(sql_name "${ARG[$role.database]-}")"
  done
  for role in "${ROLES[@]}" service; do
    login_sql "$role"
    lock=$(lock_of "$role")
    [[ "${LOGIN[$role]} ${LASTS[$role]} ${LOCK[$role]}${EXTRA[$role]-}" == "same lasts $lock" ]] || echo "ALTER USER ${SQL_ACCOUNT[$role]} REQUIRE NONE
      WITH MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0 MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE NEVER ACCOUNT $(if [[ $lock == locked ]]; then echo LOCK; else echo UNLOCK; fi);"
    while IFS= read -r grant; do revoke_sql "$role" "$grant"; done < <(extra_grants "$role")
    for of in "${ROLES[@]}"; do
      has=${OWNED["$role ${ARG[$of.database]-}"]-}
      if ! is_own_database "$role" "$of" || [[ $has${EXTRA[$role]-} == "${RIGHTS[$role]}" ]]; then continue; fi
      # No user but `service` has rights on a database that is not its own.
      [[ $role == service || -z $has ]] || echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${SQL_ACCOUNT[$role]};"
      printf 'GRANT %s ON %s TO %s;\n' "${RIGHTS[$role]}" "${TARGET[$of]}" "${SQL_ACCOUNT[$role]}"
    done
  done
}

# login_sql ROLE: creates the account, and sets how it logs in. Where a password policy refuses hashes, one statement
# writes the row that MariaDB would write itself: a clear password could be read in MariaDB's logs.
login_sql() {
  [[ ${LOGIN[$1]} != missing ]] || echo "CREATE USER IF NOT EXISTS ${SQL_ACCOUNT[$1]} IDENTIFIED VIA unix_socket;"
  if [[ $1 == service ]]; then
    [[ "${LOGIN[$1]} ${LASTS[$1]}" =~ ^(same|missing)\ (lasts|expires)$ ]] ||
      echo "ALTER USER ${SQL_ACCOUNT[$1]} IDENTIFIED VIA unix_socket;"
    return
  fi
  case "${LOGIN[$1]} ${LASTS[$1]}" in
    *' expired' | missing* | differs* | other* | old*) ;;
    both*) ! old_needed "$1" || return 0 ;;
    *) return 0 ;;
  esac
  printf "SET @hash = '%s', @user = %s;\n" "$(hash_of "$1")" "${QUOTED[$1]}"
  old_sql "$1"
  if [[ $HASHES == taken ]]; then
    printf "EXECUTE IMMEDIATE CONCAT('ALTER USER ', %s, ' IDENTIFIED VIA mysql_native_password USING ''', @hash, '''', @old);\n" \
      "$(sql_quote "${SQL_ACCOUNT[$1]}")"
    return
  fi
  cat <<'SQL'
DELIMITER //
BEGIN NOT ATOMIC
  UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.plugin', 'mysql_native_password', '$.authentication_string', @hash,
    '$.password_last_changed', UNIX_TIMESTAMP(), '$.auth_or', JSON_COMPACT(@old_rows))
    WHERE User = @user AND Host = 'localhost';
  FLUSH PRIVILEGES;
END//
DELIMITER ;
SQL
}

# revoke_sql ROLE GRANT: GRANT is a line of MariaDB's own, so its names are quoted. REVOKE ALL PRIVILEGES does not take
# roles and proxies away.
revoke_sql() {
  local who=${SQL_ACCOUNT[$1]}
  case $2 in
    'SET DEFAULT ROLE '*) echo "SET DEFAULT ROLE NONE FOR $who;" ;;
    'GRANT PROXY ON '*)
      printf 'REVOKE PROXY ON %s FROM %s;\n' "$(sed 's/^GRANT PROXY ON //; s/ WITH GRANT OPTION$//' <<<"$2")" "$who"
      ;;
    'GRANT `'*) printf 'REVOKE %s FROM %s;\n' "$(sed 's/^GRANT //; s/ WITH ADMIN OPTION$//' <<<"$2")" "$who" ;;
    *) echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM $who;" ;;
  esac
}

# drop_account NAME: at `pulumi destroy`.
drop_account() {
  local said way="put that right"
  # Without MariaDB there are no accounts.
  mariadb_client >/dev/null || return 0
  systemctl is-active --quiet mariadb || way="start it (systemctl start mariadb)"
  mariadb_answers ||
    die "MariaDB does not answer on ${ARG[socket]-}, so its user $1 cannot be removed" "$(why_no_answer)" \
    "$way, then run \`pulumi destroy\` again"
  said=$(sql <<<"$(limit_statements) DROP USER IF EXISTS $(sql_quote "$1")@'localhost'" 2>&1) ||
    die "MariaDB does not remove its user $1: ${said##*$'\n'}" "$(why_no_answer)"
}
