# shellcheck shell=bash
# The game accounts that the config names: rows of the core's tables `account` and `account_access`. The program made
# salt and verifier of each password, so that no password comes here. Which accounts are the stack's is on record by
# their numbers, as a name may be given anew by whoever deletes its account. An account that is no longer wanted loses
# its level and stays.
# observed: each account: there, its level on each realm, what it may play, its mail address where the config has one,
#   its password where that is enforced; an account of that name that is not the stack's
# not observed: passwords that are only initial, players' own accounts, bans and locks

observe() {
  local state
  read_wishes
  read_accounts
  case ${state-} in
    answered) ;;
    unready) blind "the tables of accounts in ${ARG[database]-} are not there yet as the core has them, so the accounts cannot be looked at" && return ;;
    *) blind "MariaDB does not answer on ${ARG[socket]-}, so the accounts cannot be looked at" && return ;;
  esac
  local at
  for at in "${!NAMES[@]}"; do check_account "$at"; done
  for at in "${!FORMER[@]}"; do
    [[ -z ${FORMER_HAS[at]-} ]] ||
      say "the account ${FORMER[at]} is not in the config any more, and still has $(levels_in_words "${FORMER_HAS[at]}")"
  done
}

# check_account NUMBER: how one of them is not as wanted.
check_account() {
  local at=$1 name=${NAMES[$1]} wanted
  if [[ -z ${ID[at]-} ]]; then
    say "there is no account $name"
    return
  fi
  if [[ ${WRITTEN[at]} != 1 ]]; then
    refuse "${ARG[database]-} has an account whose name MariaDB takes for $name, though it is written otherwise; give the account in the config another name: trinitycore:login.accounts"
    return
  fi
  case $(owner_of "$at") in
    stack) ;;
    unrecorded) say_without_effect "the account $name is the stack's, and is not on record as such" ;;
    adopted)
      say "the account $name is not the stack's yet"
      foretell "the account $name, which is there already, becomes the stack's, with $(levels_in_words "$(wanted_levels "$at")"); its password $(
        if [[ ${PASSWORD[at]} == enforced ]]; then echo "becomes the config's"; else echo "stays as it is"; fi
      )"
      ;;
    *)
      refuse "the account $name is in ${ARG[database]-} already, and not the stack's; take another name, or take it over: pulumi config set --path $(key_of "$at" adopt) true"
      return
      ;;
  esac
  wanted=$(wanted_levels "$at")
  [[ ${HAS_LEVELS[at]} == "$wanted" ]] ||
    say "the account $name has $(levels_in_words "${HAS_LEVELS[at]}"), should have $(levels_in_words "$wanted")"
  [[ ${HAS_EXPANSION[at]} == "${EXPANSION[at]}" ]] ||
    say "the account $name may play expansion ${HAS_EXPANSION[at]}, should be ${EXPANSION[at]}"
  [[ -z ${EMAIL[at]} || ${HAS_EMAIL[at]} == "${EMAIL[at]}" ]] ||
    say "the mail address of the account $name is \"${HAS_EMAIL[at]}\", should be \"${EMAIL[at]}\""
  case "${PASSWORD[at]} ${SAME[at]}" in
    'enforced 0') say "the password of the account $name is not the config's" ;;
    'initial 0')
      ! password_is_new "$at" ||
        hint "the account $name keeps the password that it has, which is not the config's; to change it: pulumi config set --path $(key_of "$at" passwordIs) enforced"
      ;;
  esac
}

apply() {
  local state at
  wait_for 30 mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  read_wishes
  read_accounts
  [[ $state != unready ]] || die "the tables of accounts in ${ARG[database]-} are not as the core has them: the login database is not up to date"
  [[ $state == answered ]] || die "the accounts could not be read"
  sql < <(change_sql) || die "the accounts could not be written"
  read_accounts
  [[ $state == answered ]] || die "the accounts could not be read after they were written"
  record_accounts | write_file "$(owned_file)" 0600 root:root
}

# change_sql: all of it or nothing. An account that somebody makes in this very moment is in the way of the INSERT.
change_sql() {
  local database at name email changes
  sql_name -v database "${ARG[database]-}"
  without_sql_logs
  echo 'START TRANSACTION;'
  for at in "${!NAMES[@]}"; do
    sql_quote -v name "${NAMES[at]}"
    sql_quote -v email "${EMAIL[at]}"
    password_sql "$at"
    if [[ -z ${ID[at]-} ]]; then
      printf "INSERT INTO %s.account (username, salt, verifier, expansion, email, reg_mail, joindate)
        VALUES (%s, @salt, @verifier, %d, %s, %s, NOW());\n" \
        "$database" "$name" "${EXPANSION[at]}" "$email" "$email"
    else
      changes="expansion = ${EXPANSION[at]}"
      [[ -z ${EMAIL[at]} ]] || changes+=", email = $email"
      [[ ${PASSWORD[at]} != enforced ]] || changes+=", salt = @salt, verifier = @verifier"
      printf 'UPDATE %s.account SET %s WHERE id = %d;\n' "$database" "$changes" "${ID[at]}"
    fi
    level_sql "$at" "$database" "$name"
  done
  echo 'COMMIT;'
}
# level_sql NUMBER DATABASE NAME: the core asks a realm's own row first, so there is but the wanted one.
level_sql() {
  printf 'SET @id = (SELECT id FROM %s.account WHERE username = %s);\n' "$2" "$3"
  printf 'DELETE FROM %s.account_access WHERE AccountID = @id AND (%d = 0 OR RealmID <> %d);\n' \
    "$2" "${LEVEL[$1]}" "${REALM[$1]}"
  ((LEVEL[$1] == 0)) ||
    printf "INSERT INTO %s.account_access (AccountID, SecurityLevel, RealmID, Comment) VALUES (@id, %d, %d, 'by the stack config')
      ON DUPLICATE KEY UPDATE SecurityLevel = VALUES(SecurityLevel);\n" "$2" "${LEVEL[$1]}" "${REALM[$1]}"
}

# record_accounts: those that are wanted, and those that once were.
record_accounts() {
  local at number name
  for at in "${!NAMES[@]}"; do printf '%d %s\n' "${ID[at]}" "${NAMES[at]}"; done
  [[ -f $(owned_file) ]] || return 0
  while read -r number name; do
    [[ $'\n'$(printf '%s\n' "${NAMES[@]}")$'\n' == *$'\n'"$name"$'\n'* ]] || printf '%s %s\n' "$number" "$name"
  done <"$(owned_file)"
}

manifest() {
  read_wishes
  printf 'file %s\n' "$(owned_file)"
  ((${#NAMES[@]} == 0)) || printf 'level %s\n' "${NAMES[@]}"
}

# An account that was deleted and made anew by somebody has another number, and keeps its level.
drop() {
  local database name number
  [[ $1 != 'file '* ]] || note "kept: the record of the accounts that are the stack's"
  [[ $1 == 'level '* ]] || return 0
  # A MariaDB that was uninstalled has nobody to log in.
  mariadb_client >/dev/null || return 0
  mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}, so the level of the account ${1#level } cannot be taken" \
    "start it (systemctl start mariadb), then run the same again"
  table_is_there "${ARG[database]-}" account_access || return 0
  sql_name -v database "${ARG[database]-}"
  sql_quote -v name "${1#level }"
  number=$(owned_number "${1#level }")
  sql <<<"DELETE FROM $database.account_access WHERE AccountID = ${number:-(SELECT id FROM $database.account WHERE username = $name)};" ||
    die "the level of the account ${1#level } could not be taken"
}

keeps() {
  read_wishes
  note "kept: the accounts $(and_list "${NAMES[@]}"), without a level"
}
