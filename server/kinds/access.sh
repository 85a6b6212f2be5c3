# shellcheck shell=bash
# Who may do what in MariaDB: a login with a password for each database, and the service user's own, which needs none because MariaDB sees
# who it is (unix_socket); schema updates use it, as they would show a password to everybody on the server.
# It also sees a database that is gone: the resource that made it does not look again.

ROLES=(auth characters world)

# user_of ROLE: the login of one database, or (service) of the operating system's user.
user_of() { if [[ $1 == service ]]; then arg service; else arg "$1.user"; fi; }
account() { printf "'%s'@'localhost'" "$(user_of "$1")"; }
account_sql() { printf "%s@'localhost'" "$(sql_quote "$(user_of "$1")")"; }
account_shown() { printf '%s@%s' "$(sql_name "$(user_of "$1")")" "$(sql_name localhost)"; }

# databases_of ROLE: the databases it owns, one a line.
databases_of() {
  local role
  for role in "${ROLES[@]}"; do [[ $1 != service && $1 != "$role" ]] || printf '%s\n' "${ARG[$role.database]-}"; done
}

# grant_target DATABASE: as GRANT names it; `_` and `%` would be wildcards there.
grant_target() {
  local name=${1//\\/\\\\}
  name=${name//_/\\_}
  printf '%s.*' "$(sql_name "${name//%/\\%}")"
}

# The statements carry passwords: they stay out of the general and slow logs.
quietly() { echo 'SET SESSION sql_log_off = 1, slow_query_log = 0, old_passwords = 0;'; }

# facts_sql: for each database how many tables it has (or missing), for each user whether it logs in as wanted.
facts_sql() {
  local role login
  quietly
  for role in "${ROLES[@]}"; do
    printf "SELECT 'database', '%s', IF(COUNT(*) = 0, 'missing', (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s)) %s;\n" \
      "$role" "$(sql_quote "${ARG[$role.database]-}")" \
      "FROM information_schema.schemata WHERE schema_name = BINARY $(sql_quote "${ARG[$role.database]-}")"
  done
  for role in "${ROLES[@]}" service; do
    if [[ $role == service ]]; then
      login="IF(JSON_VALUE(Priv, '$.plugin') = 'unix_socket' AND COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') = '', 'same', 'other')"
    else
      login="IF(JSON_VALUE(Priv, '$.plugin') <> 'mysql_native_password', 'other',
        IF(JSON_VALUE(Priv, '$.authentication_string') = PASSWORD($(sql_quote "$(secret "$role")")), 'same', 'differs'))"
    fi
    printf "SELECT 'user', '%s', COALESCE((SELECT CONCAT(IF(COALESCE(JSON_LENGTH(Priv, '$.auth_or'), 0) > 1, 'other', %s), ' ',
      IF(JSON_VALUE(Priv, '$.account_locked') IN ('1', 'true'), 'locked', 'open')) FROM mysql.global_priv WHERE User = %s AND Host = 'localhost'), 'missing');\n" \
      "$role" "$login" "$(sql_quote "$(user_of "$role")")"
  done
}

# read_access: fills TABLES[role], LOGIN[role] (missing, same, differs, other), LOCKED[role], OWNED["role database"] (which rights it has of
# its own database) and EXTRA[role] (grants it should not have, one a line).
read_access() {
  local kind role value line
  declare -gA TABLES=() LOGIN=() LOCKED=() OWNED=() EXTRA=()
  while IFS=$'\t' read -r kind role value; do
    case $kind in
      database) TABLES[$role]=$value ;;
      user)
        LOGIN[$role]=${value% *}
        [[ $value != *' locked' ]] || LOCKED[$role]=yes
        ;;
    esac
  done < <(sql < <(facts_sql))
  [[ -n ${LOGIN[service]-} ]] || return 1
  role=""
  while IFS= read -r line; do
    # The client doubles backslashes.
    line=${line//\\\\/\\}
    case $line in
      '== '*) role=${line#== } ;;
      *) read_grant "$role" "$line" ;;
    esac
  done < <(sql < <(for role in "${ROLES[@]}" service; do
    [[ ${LOGIN[$role]} == missing ]] || printf "SELECT '== %s'; SHOW GRANTS FOR %s;\n" "$role" "$(account_sql "$role")"
  done))
}

# read_grant ROLE LINE: sorts one line of SHOW GRANTS; nothing behind IDENTIFIED is kept, as it may be a password's hash.
read_grant() {
  local role=$1 line=$2 database target to rest=""
  to=" TO $(account_shown "$role")"
  if [[ $line == *"$to"* ]]; then
    rest=${line##*"$to"} line=${line%"$to"*}
    if [[ $rest == *' IDENTIFIED '* ]]; then
      if [[ $rest =~ (\ REQUIRE\ .*|\ WITH\ .*)$ ]]; then rest=${BASH_REMATCH[1]}; else rest=""; fi
    fi
    [[ $line != 'GRANT USAGE ON *.*' || -n $rest ]] || return 0
    while IFS= read -r database; do
      target=$(grant_target "$database")
      [[ $line == *" ON $target" ]] || continue
      line=${line#GRANT }
      OWNED["$role $database"]=${line%" ON $target"}
      [[ -n $rest ]] || return 0
      line="GRANT $line"
    done < <(databases_of "$role")
  fi
  EXTRA[$role]+=$line$rest$'\n'
}

extras() { printf '%s' "${EXTRA[$1]-}"; }

observe() {
  local role database grant
  if ! sql_up || ! read_access; then
    blind "MariaDB does not answer on ${ARG[socket]-}, so its users cannot be checked"
    return
  fi
  for role in "${ROLES[@]}"; do
    if [[ ${TABLES[$role]} == missing ]]; then
      say "database ${ARG[$role.database]-} does not exist"
    elif lost "$role"; then
      say "database ${ARG[$role.database]-} is empty, though its tables were installed"
    fi
  done
  for role in "${ROLES[@]}" service; do
    case ${LOGIN[$role]} in
      missing)
        say "database user $(account "$role") is missing"
        continue
        ;;
      differs) say "the password of $(account "$role") differs from the stack's" ;;
      other) say "$(account "$role") logs in otherwise than by $(login_of "$role")" ;;
    esac
    [[ -z ${LOCKED[$role]-} ]] || say "$(account "$role") is locked"
    while IFS= read -r database; do
      case ${OWNED["$role $database"]-} in
        'ALL PRIVILEGES') ;;
        '') say "$(account "$role") lacks ALL PRIVILEGES on $database" ;;
        *) say "$(account "$role") lacks ALL PRIVILEGES on $database, it has only ${OWNED["$role $database"]}" ;;
      esac
    done < <(databases_of "$role")
    while IFS= read -r grant; do say "$(account "$role") has a grant it should not: $grant"; done < <(extras "$role")
  done
  for role in "${ROLES[@]}"; do
    [[ ${LOGIN[$role]} != same ]] || secret "$role" | file_says "$(kept "$role")" 0600 root:root
  done
}

# kept ROLE: the server's own copy of a password, root's alone: one made at random must survive the loss of Pulumi's state.
kept() { printf '%s/passwords/%s' "$STATE_DIR" "$1"; }

login_of() { if [[ $1 == service ]]; then echo "the socket alone (unix_socket)"; else echo "its password alone"; fi; }

apply() {
  local role statements
  if ! sql_up || ! read_access; then die "MariaDB does not answer on ${ARG[socket]-}"; fi
  for role in "${ROLES[@]}"; do
    [[ $(secret "$role") != *[\;\"]* ]] || die "the password of databases.$role may not contain ';' or '\"': TrinityCore splits its connection string there"
    ! lost "$role" || die_of_loss "$role"
  done
  statements=$(changes)
  printf '%s' "$statements" | sql || die "MariaDB refused the change of its users"
  install -d -m 0700 "$STATE_DIR/passwords"
  for role in "${ROLES[@]}"; do secret "$role" | write_file "$(kept "$role")" 0600 root:root; done
}

# lost ROLE: it was there when this step was last applied, and now it, or all that was in it, is not.
lost() {
  [[ ${ARG[startEmpty]-} != true ]] || return 1
  case ${TABLES[$1]} in
    missing) known_before "$1" ;;
    0) known_before "$1" && [[ -f $(receipt_dir schema)/token ]] ;;
    *) return 1 ;;
  esac
}

known_before() {
  local args
  args=$(receipt_dir access)/args
  [[ -f $args ]] && grep -Fxzq -- "$1.database=${ARG[$1.database]-}" "$args"
}

die_of_loss() {
  local name newest
  name=${ARG[$1.database]-}
  newest=$(find "${TRINITY_BACKUPS:-/var/backups/trinity}" -type f -name "*$name*" -printf '%T@ %TF %.5TT %p\n' 2>/dev/null | sort -rn | head -n 1 || true)
  if [[ ${TABLES[$1]} == missing ]]; then set -- "is gone"; else set -- "has lost all its tables"; fi
  die "the database $name $1: it was there when the stack last ran; nothing was changed" \
    "newest backup on this server: $(if [[ -n $newest ]]; then cut -d ' ' -f 2- <<<"$newest"; else echo 'none'; fi)" \
    "restore it, or begin with an empty one: pulumi config set trinitycore:databases.startEmpty true"
}

# The statements hold clear passwords only to have MariaDB hash them: what it writes to its binary log has the hash.
# A connection that is open keeps its rights while they are taken and given again.
changes() {
  local role database grant
  quietly
  for role in "${ROLES[@]}"; do
    [[ ${TABLES[$role]} != missing ]] ||
      printf 'CREATE DATABASE IF NOT EXISTS %s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n' "$(sql_name "${ARG[$role.database]-}")"
  done
  for role in "${ROLES[@]}" service; do
    if [[ $role == service ]]; then
      echo "SET @login = 'VIA unix_socket';"
    else
      printf "SET @login = CONCAT('VIA mysql_native_password USING ', QUOTE(PASSWORD(%s)));\n" "$(sql_quote "$(secret "$role")")"
    fi
    printf "EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS ', %s, ' IDENTIFIED ', @login);\n" "$(sql_quote "$(account_sql "$role")")"
    printf "EXECUTE IMMEDIATE CONCAT('ALTER USER ', %s, ' IDENTIFIED ', @login, ' REQUIRE NONE WITH MAX_QUERIES_PER_HOUR 0
      MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0 MAX_USER_CONNECTIONS 0 ACCOUNT UNLOCK');\n" "$(sql_quote "$(account_sql "$role")")"
    while IFS= read -r grant; do take "$role" "$grant"; done < <(extras "$role")
    while IFS= read -r database; do
      printf 'GRANT ALL PRIVILEGES ON %s TO %s;\n' "$(grant_target "$database")" "$(account_sql "$role")"
    done < <(databases_of "$role")
  done
}

# take ROLE GRANT: the line is MariaDB's own, so its names are quoted already. Roles and proxies are not among ALL PRIVILEGES.
take() {
  local who
  who=$(account_sql "$1")
  case $2 in
    'SET DEFAULT ROLE '*) echo "SET DEFAULT ROLE NONE FOR $who;" ;;
    'GRANT PROXY ON '*) printf 'REVOKE PROXY ON %s FROM %s;\n' "$(sed 's/^GRANT PROXY ON //; s/ WITH GRANT OPTION$//' <<<"$2")" "$who" ;;
    'GRANT `'*) printf 'REVOKE %s FROM %s;\n' "$(sed 's/^GRANT //; s/ WITH ADMIN OPTION$//' <<<"$2")" "$who" ;;
    *) echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM $who;" ;;
  esac
}

manifest() {
  local role
  for role in "${ROLES[@]}"; do printf 'file %s\n' "$(kept "$role")"; done
  for role in "${ROLES[@]}" service; do printf 'user %s@localhost\n' "$(user_of "$role")"; done
}

# Users go, databases never do.
drop() {
  local name=${1#user }
  if [[ $1 == 'file '* ]]; then rm -f -- "${1#file }"; fi
  [[ $1 == 'user '*@localhost ]] || return 0
  # A MariaDB that was uninstalled has nobody to let in.
  mariadb_client >/dev/null || return 0
  sql_up || die "MariaDB does not answer on ${ARG[socket]-}, so its user ${name%@localhost} cannot be removed"
  sql <<<"DROP USER IF EXISTS $(sql_quote "${name%@localhost}")@'localhost'"
}
