# shellcheck shell=bash
# Who may do what in MariaDB: a login with a password for each database, and the service user's own, which needs none because MariaDB sees
# who it is (unix_socket); schema updates use it, as they would show a password to everybody on the server.
# It also sees a database that is gone: the resource that made it does not look again.
# observed: the three databases are there and not empty; each login: there, its password, how it logs in, locked or not, its rights,
#   rights it should not have; the mode and content of the kept passwords
# not observed: users of other names and hosts: they may be the operator's own

ROLES=(auth characters world)

# The server's own copies of the passwords, root's alone: one made at random must survive the loss of Pulumi's state.
KEPT=$STATE_DIR/passwords

# know_names: by role, the login of one database, or (service) of the operating system's user: its name (USERS), as a string (QUOTED), as
# people know it (ACCOUNT), as statements do (SQL_ACCOUNT) and as MariaDB lists it (LISTED); and each database as GRANT names it (TARGET).
know_names() {
  local role name
  declare -gA USERS=([service]=${ARG[service]-}) QUOTED=() ACCOUNT=() SQL_ACCOUNT=() LISTED=() TARGET=()
  for role in "${ROLES[@]}"; do
    USERS[$role]=${ARG[$role.user]-}
    # `_` and `%` would be wildcards there.
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

# owns ROLE OTHER: the database of the other role is its own.
owns() { [[ $1 == service || $1 == "$2" ]]; }

# hash_of ROLE: its password as MariaDB keeps it. Made here, so that the password itself is in no statement, and in no log of statements.
hash_of() {
  local at sum bytes=""
  sum=$(secret "$1" | sha1sum)
  for ((at = 0; at < 40; at += 2)); do bytes+="\\x${sum:at:2}"; done
  sum=$(printf '%b' "$bytes" | sha1sum)
  sum=${sum:0:40}
  printf '*%s' "${sum^^}"
}

# facts_sql: for each database how many tables it has (or missing), for each user whether it logs in as wanted.
facts_sql() {
  local role login database
  quietly
  for role in "${ROLES[@]}"; do
    sql_quote -v database "${ARG[$role.database]-}"
    printf "SELECT 'database', '%s', IF(COUNT(*) = 0, 'missing', (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s)) %s;\n" \
      "$role" "$database" "FROM information_schema.schemata WHERE schema_name = BINARY $database"
  done
  for role in "${ROLES[@]}" service; do
    if [[ $role == service ]]; then
      login="IF(JSON_VALUE(Priv, '$.plugin') = 'unix_socket' AND COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') = '', 'same', 'other')"
    else
      login="IF(JSON_VALUE(Priv, '$.plugin') <> 'mysql_native_password', 'other',
        IF(JSON_VALUE(Priv, '$.authentication_string') = '$(hash_of "$role")', 'same', 'differs'))"
    fi
    printf "SELECT 'user', '%s', COALESCE((SELECT CONCAT(IF(COALESCE(JSON_LENGTH(Priv, '$.auth_or'), 0) > 1, 'other', %s), ' ',
      IF(JSON_VALUE(Priv, '$.account_locked') IN ('1', 'true'), 'locked', 'open')) FROM mysql.global_priv WHERE User = %s AND Host = 'localhost'), 'missing');\n" \
      "$role" "$login" "${QUOTED[$role]}"
  done
}

# grants_sql ROLE…: the grants of each; a user that is missing ends the answer.
grants_sql() {
  local role
  for role in "$@"; do printf "SELECT 'grants', '%s'; SHOW GRANTS FOR %s;\n" "$role" "${SQL_ACCOUNT[$role]}"; done
}

# read_access: after know_names, fills TABLES[role], LOGIN[role] (missing, same, differs, other), LOCKED[role], OWNED["role database"]
# (which rights it has of its own database) and EXTRA[role] (grants it should not have, one a line). All in one connection; only when a
# user is missing the grants of the others take a second.
read_access() {
  local role there=()
  declare -gA TABLES=() LOGIN=() LOCKED=() OWNED=() EXTRA=()
  read_answer < <(sql < <(facts_sql && grants_sql "${ROLES[@]}" service) 2>/dev/null)
  ((${#TABLES[@]} == 3 && ${#LOGIN[@]} == 4)) || return 1
  for role in "${!LOGIN[@]}"; do [[ ${LOGIN[$role]} == missing ]] || there+=("$role"); done
  ((${#there[@]} < 4)) || return 0
  OWNED=() EXTRA=()
  read_answer < <(sql < <(grants_sql "${there[@]}"))
}

read_answer() {
  local line role="" value
  while IFS= read -r line; do
    value=${line##*$'\t'}
    case $line in
      database$'\t'*) role=${line#*$'\t'} && TABLES[${role%$'\t'*}]=$value ;;
      user$'\t'*)
        role=${line#*$'\t'} role=${role%$'\t'*}
        LOGIN[$role]=${value% *}
        [[ $value != *' locked' ]] || LOCKED[$role]=yes
        ;;
      grants$'\t'*) role=$value ;;
      # The client doubles backslashes.
      *) read_grant "$role" "${line//\\\\/\\}" ;;
    esac
  done
}

# read_grant ROLE LINE: sorts one line of SHOW GRANTS; nothing behind IDENTIFIED is kept, as it may be a password's hash.
read_grant() {
  local role=$1 line=$2 of to=" TO ${LISTED[$1]}" rest=""
  if [[ $line == *"$to"* ]]; then
    rest=${line##*"$to"} line=${line%"$to"*}
    if [[ $rest == *' IDENTIFIED '* ]]; then
      if [[ $rest =~ (\ REQUIRE\ .*|\ WITH\ .*)$ ]]; then rest=${BASH_REMATCH[1]}; else rest=""; fi
    fi
    [[ $line != 'GRANT USAGE ON *.*' || -n $rest ]] || return 0
    for of in "${ROLES[@]}"; do
      if ! owns "$role" "$of" || [[ $line != *" ON ${TARGET[$of]}" ]]; then continue; fi
      line=${line#GRANT }
      OWNED["$role ${ARG[$of.database]-}"]=${line%" ON ${TARGET[$of]}"}
      [[ -n $rest ]] || return 0
      line="GRANT $line"
    done
  fi
  EXTRA[$role]+=$line$rest$'\n'
}

extras() { printf '%s' "${EXTRA[$1]-}"; }

observe() {
  local role of database grant password
  know_names
  if ! read_access; then
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
        say "database user ${ACCOUNT[$role]} is missing"
        continue
        ;;
      differs) say "the password of ${ACCOUNT[$role]} differs from the stack's" ;;
      other) say "${ACCOUNT[$role]} logs in otherwise than by $(login_of "$role")" ;;
    esac
    [[ -z ${LOCKED[$role]-} ]] || say "${ACCOUNT[$role]} is locked"
    for of in "${ROLES[@]}"; do
      owns "$role" "$of" || continue
      database=${ARG[$of.database]-}
      case ${OWNED["$role $database"]-} in
        'ALL PRIVILEGES') ;;
        '') say "${ACCOUNT[$role]} lacks ALL PRIVILEGES on $database" ;;
        *) say "${ACCOUNT[$role]} lacks ALL PRIVILEGES on $database, it has only ${OWNED["$role $database"]}" ;;
      esac
    done
    [[ -n ${EXTRA[$role]-} ]] || continue
    while IFS= read -r grant; do say "${ACCOUNT[$role]} has a grant it should not: $grant"; done < <(extras "$role")
  done
  look_at "${ROLES[@]/#/$KEPT/}"
  for role in "${ROLES[@]}"; do
    [[ ${LOGIN[$role]} == same ]] || continue
    secret -v password "$role"
    file_says "$KEPT/$role" 0600 root:root "$password"
  done
}

login_of() { if [[ $1 == service ]]; then echo "the socket alone (unix_socket)"; else echo "its password alone"; fi; }

apply() {
  local role statements
  know_names
  if ! read_access; then die "MariaDB does not answer on ${ARG[socket]-}"; fi
  for role in "${ROLES[@]}"; do
    [[ $(secret "$role") != *[\;\"]* ]] || die "the password of databases.$role may not contain ';' or '\"': TrinityCore splits its connection string there"
    ! lost "$role" || die_of_loss "$role"
  done
  statements=$(changes)
  printf '%s' "$statements" | sql || die "MariaDB refused the change of its users"
  install -d -m 0700 "$KEPT"
  for role in "${ROLES[@]}"; do secret "$role" | write_file "$KEPT/$role" 0600 root:root; done
}

# lost ROLE: it was there when this step was last applied, and now it, or all that was in it, is not.
lost() {
  [[ ${ARG[startEmpty]-} != true ]] || return 1
  case ${TABLES[$1]} in
    missing) known_before "$1" ;;
    0) known_before "$1" && completed schema ;;
    *) return 1 ;;
  esac
}

# The record of the schema step is a second witness, for when the receipt is lost along with the database.
known_before() {
  [[ $(field "$STATE_DIR/schema" "$1") != "${ARG[$1.database]-}" ]] || return 0
  completed access && grep -Fxzqs -- "$1.database=${ARG[$1.database]-}" "$RECEIPTS/access/args"
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

# The client prints a statement that fails, so those that may fail do not hold the hash itself.
# A connection that is open keeps its rights while they are taken and given again.
changes() {
  local role of grant
  quietly
  for role in "${ROLES[@]}"; do
    [[ ${TABLES[$role]} != missing ]] ||
      printf 'CREATE DATABASE IF NOT EXISTS %s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n' "$(sql_name "${ARG[$role.database]-}")"
  done
  for role in "${ROLES[@]}" service; do
    if [[ $role == service ]]; then
      echo "SET @login = 'VIA unix_socket';"
    else
      printf "SET @login = 'VIA mysql_native_password USING ''%s''';\n" "$(hash_of "$role")"
    fi
    printf "EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS ', %s, ' IDENTIFIED ', @login);\n" "$(sql_quote "${SQL_ACCOUNT[$role]}")"
    printf "EXECUTE IMMEDIATE CONCAT('ALTER USER ', %s, ' IDENTIFIED ', @login, ' REQUIRE NONE WITH MAX_QUERIES_PER_HOUR 0
      MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0 MAX_USER_CONNECTIONS 0 ACCOUNT UNLOCK');\n" "$(sql_quote "${SQL_ACCOUNT[$role]}")"
    while IFS= read -r grant; do take "$role" "$grant"; done < <(extras "$role")
    for of in "${ROLES[@]}"; do
      ! owns "$role" "$of" || printf 'GRANT ALL PRIVILEGES ON %s TO %s;\n' "${TARGET[$of]}" "${SQL_ACCOUNT[$role]}"
    done
  done
}

# take ROLE GRANT: the line is MariaDB's own, so its names are quoted already. Roles and proxies are not among ALL PRIVILEGES.
take() {
  local who=${SQL_ACCOUNT[$1]}
  case $2 in
    'SET DEFAULT ROLE '*) echo "SET DEFAULT ROLE NONE FOR $who;" ;;
    'GRANT PROXY ON '*) printf 'REVOKE PROXY ON %s FROM %s;\n' "$(sed 's/^GRANT PROXY ON //; s/ WITH GRANT OPTION$//' <<<"$2")" "$who" ;;
    'GRANT `'*) printf 'REVOKE %s FROM %s;\n' "$(sed 's/^GRANT //; s/ WITH ADMIN OPTION$//' <<<"$2")" "$who" ;;
    *) echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM $who;" ;;
  esac
}

manifest() {
  local role
  know_names
  printf 'file %s\n' "${ROLES[@]/#/$KEPT/}"
  for role in "${ROLES[@]}" service; do printf 'user %s@localhost\n' "${USERS[$role]}"; done
}

# Users go, databases never do.
drop() {
  local name=${1#user }
  if [[ $1 == 'file '* ]]; then rm -f -- "${1#file }"; fi
  [[ $1 == 'user '*@localhost ]] || return 0
  # A MariaDB that was uninstalled has nobody to let in.
  mariadb_client >/dev/null || return 0
  sql_up || die "MariaDB does not answer on ${ARG[socket]-}, so its user ${name%@localhost} cannot be removed" \
    "start it (systemctl start mariadb), then run \`pulumi destroy\` again"
  sql <<<"DROP USER IF EXISTS $(sql_quote "${name%@localhost}")@'localhost'"
}

keeps() {
  local backups=${TRINITY_BACKUPS:-/var/backups/trinity}
  note "kept: the databases ${ARG[auth.database]-}, ${ARG[characters.database]-} and ${ARG[world.database]-} with all that is in them$(
    [[ ! -d $backups ]] || echo "; the backups in $backups"
  )"
}
