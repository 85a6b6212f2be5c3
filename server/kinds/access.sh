# shellcheck shell=bash
# The accounts in MariaDB: one with a password for each database, with the rights that the servers need; and one for the
# service user, which MariaDB recognizes without a password (unix_socket). Only updates of the databases use that one,
# as a password would be on the updater's command line for every user to see; it is locked while none runs. This step
# also sees a lost database, as the resource that made it does not look again.
# observed: the three databases are there and not empty; each login: there, its password, an old one that no server runs
#   with any more, how it logs in, locked or not, whether its password expires, its rights, rights it should not have;
#   the mode and content of the kept passwords
# not observed: users of other names and hosts: they may be the operator's own

observe() {
  local role of database grant password kept
  read_account_names
  if ! read_access; then
    blind "MariaDB does not answer on ${ARG[socket]-}, so its users cannot be checked"
    return
  fi
  for role in "${ROLES[@]}"; do
    if [[ ${TABLES[$role]} == missing ]]; then
      say "database ${ARG[$role.database]-} does not exist"
    elif is_database_lost "$role"; then
      say "database ${ARG[$role.database]-} is empty, though its tables were installed"
    fi
  done
  for role in "${ROLES[@]}" service; do
    case ${LOGIN[$role]} in
      missing)
        say "database user ${ACCOUNT[$role]} is missing"
        continue
        ;;
      both)
        old_needed "$role" || say "a second password of ${ACCOUNT[$role]} is taken, though no server runs with it"
        ;;
      differs | old) say "the password of ${ACCOUNT[$role]} differs from the stack's" ;;
      other) say "${ACCOUNT[$role]} logs in otherwise than by $(describe_login "$role")" ;;
    esac
    if [[ ${LOCK[$role]} != "$(lock_of "$role")" ]]; then
      case ${LOCK[$role]} in
        locked) say "${ACCOUNT[$role]} is locked" ;;
        open) say "${ACCOUNT[$role]} may log in and change every table, though no update of the databases is running" ;;
      esac
    fi
    case ${LASTS[$role]} in
      expired) say "the password of ${ACCOUNT[$role]} has expired" ;;
      expires) say "the password of ${ACCOUNT[$role]} will expire, should last" ;;
    esac
    for of in "${ROLES[@]}"; do
      is_own_database "$role" "$of" || continue
      database=${ARG[$of.database]-}
      case ${OWNED["$role $database"]-} in
        "${RIGHTS[$role]}") ;;
        '') say "${ACCOUNT[$role]} lacks ${RIGHTS[$role]} on $database" ;;
        *) say "${ACCOUNT[$role]} has ${OWNED["$role $database"]} on $database, should have ${RIGHTS[$role]}" ;;
      esac
    done
    [[ -n ${EXTRA[$role]-} ]] || continue
    while IFS= read -r grant; do say "${ACCOUNT[$role]} has a grant it should not: $grant"; done < <(extra_grants "$role")
  done
  kept=$(kept_passwords)
  read_modes "${ROLES[@]/#/$kept/}"
  for role in "${ROLES[@]}"; do
    [[ ${LOGIN[$role]} == same || ${LOGIN[$role]} == both ]] || continue
    secret -v password "$role"
    check_file "$kept/$role" 0600 root:root "$password"
  done
}

describe_login() { if [[ $1 == service ]]; then echo "the socket alone (unix_socket)"; else echo "its password alone"; fi; }

apply() {
  local role statements said kept
  read_account_names
  if ! read_access; then
    said=$(why_no_answer)
    die "MariaDB's accounts cannot be read: ${said:-it did not answer, and does now}"
  fi
  for role in "${ROLES[@]}"; do
    [[ $(secret "$role") != *[\;\"]* ]] ||
      die "the password of $(database_key "$role") may not contain ';' or '\"': TrinityCore splits its connection string there"
    ! is_database_lost "$role" || die_of_loss "$role"
  done
  statements=$(account_changes)
  if any_old_needed; then : >"$(old_passwords_marker)"; else rm -f "$(old_passwords_marker)"; fi
  said=$(printf '%s' "$statements" | sql 2>&1) || die "MariaDB refused the change of its users: ${said##*$'\n'}"
  kept=$(kept_passwords)
  install -d -m 0700 "$kept"
  for role in "${ROLES[@]}"; do secret "$role" | write_file "$kept/$role" 0600 root:root; done
}

# is_database_lost ROLE: it had tables when this step was last applied, and is missing or empty now.
is_database_lost() {
  [[ ${ARG[startEmpty]-} != true ]] || return 1
  case ${TABLES[$1]} in
    missing) was_known_before "$1" ;;
    0) was_known_before "$1" && completed "$(of_this_realm schema)" ;;
    *) return 1 ;;
  esac
}

# The schema step's record counts too, as the receipt may be lost along with the database.
was_known_before() {
  [[ $(field "$(schema_record)" "$1") != "${ARG[$1.database]-}" ]] || return 0
  completed "$STEP" && grep -Fxzqs -- "$1.database=${ARG[$1.database]-}" "$RECEIPTS/$STEP/args"
}

die_of_loss() {
  local name newest
  name=${ARG[$1.database]-}
  # A hidden folder is of a backup that never became whole.
  newest=$(find "${ARG[backups]-}" -mindepth 1 -name '.*' -prune -o \
    -type f -name "*$name*" -printf '%T@ %TF %.5TT %p\n' 2>/dev/null | sort -rn | head -n 1 || true)
  if [[ ${TABLES[$1]} == missing ]]; then set -- "is gone"; else set -- "has lost all its tables"; fi
  die "the database $name $1: it was there when the stack last ran; nothing was changed" \
    "newest backup on this host: $(if [[ -n $newest ]]; then cut -d ' ' -f 2- <<<"$newest"; else echo 'none'; fi)" \
    "restore it, or begin with an empty one: pulumi config set --path trinitycore:databases.startEmpty true"
}

manifest() {
  local role kept
  read_account_names
  kept=$(kept_passwords)
  printf 'file %s\n' "${ROLES[@]/#/$kept/}"
  for role in "${ROLES[@]}" service; do printf 'user %s@localhost\n' "${USERS[$role]}"; done
}

# drop LINE: removes accounts, never databases.
drop() {
  local name=${1#user }
  case $1 in
    'file '*) rm -f -- "${1#file }" ;;
    'user '*@localhost) drop_account "${name%@localhost}" ;;
  esac
}

keeps() {
  local backups=${ARG[backups]-}
  note "kept: the databases ${ARG[auth.database]-}, ${ARG[characters.database]-} and ${ARG[world.database]-} with all that is in them$(
    [[ ! -d $backups ]] || echo "; the backups in $backups"
  )"
}
