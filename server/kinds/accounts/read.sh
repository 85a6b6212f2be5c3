# shellcheck shell=bash
# shellcheck disable=SC2034 # who asks reads what is filled here
# The accounts as they are in MariaDB, asked for over one connection.

# read_accounts: after read_wishes, sets `state` to answered, unready (the tables are not there, or as an older core had
# them) or silent; by number ID, WRITTEN (whether to the letter), SAME (whether with the config's salt and verifier;
# empty while that is not known) and HAS_…; and FORMER, the accounts whose level is still to be taken, with FORMER_HAS,
# the levels that they have.
read_accounts() {
  local answer line at kind number rest
  state=silent ID=() WRITTEN=() SAME=() HAS_LEVELS=() HAS_EXPANSION=() HAS_EMAIL=() FORMER_HAS=()
  read_former
  mapfile -t answer < <(sql_lenient < <(account_queries))
  [[ ${answer[0]-} =~ ^[0-7]$ ]] || return 0
  state=unready
  [[ ${answer[0]} == 7 ]] || return 0
  [[ ${answer[*]: -1} == end ]] || { state=silent && return 0; }
  state=answered
  for line in "${answer[@]:1}"; do
    # An empty field between tabs would be lost to read.
    IFS=$'\t' read -r kind at number rest <<<"$line"
    [[ $kind != former ]] || FORMER_HAS[at]=${number#=}
    [[ $kind == account ]] || continue
    ID[at]=$number
    IFS=$'\t' read -r "WRITTEN[at]" "SAME[at]" "HAS_EXPANSION[at]" "HAS_LEVELS[at]" "HAS_EMAIL[at]" <<<"$rest"
    # The client writes tabs, line breaks and backslashes as \t, \n and \\.
    printf -v "HAS_EMAIL[at]" '%b' "${HAS_EMAIL[at]}"
    SAME[at]=${SAME[at]#=} HAS_LEVELS[at]=${HAS_LEVELS[at]#=}
  done
}

account_queries() {
  local database quoted name at number
  sql_name -v database "${ARG[database]-}"
  sql_quote -v quoted "${ARG[database]-}"
  without_sql_logs
  printf "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = %s AND (
    table_name = 'account' AND column_name IN ('salt', 'verifier', 'expansion', 'email')
    OR table_name = 'account_access' AND column_name IN ('AccountID', 'SecurityLevel', 'RealmID'));\n" "$quoted"
  for at in "${!NAMES[@]}"; do
    sql_quote -v name "${NAMES[at]}"
    password_sql "$at"
    printf "SELECT 'account', %d, id, CAST(CONVERT(username USING utf8mb4) AS BINARY) = CAST(%s AS BINARY),
      CONCAT('=', IFNULL(salt = @salt AND verifier = @verifier, '')), expansion, (%s), email FROM %s.account a WHERE username = %s;\n" \
      "$at" "$name" "$(levels_of a.id "$database")" "$database" "$name"
  done
  for at in "${!FORMER[@]}"; do
    number=$(owned_number "${FORMER[at]}")
    [[ -z $number ]] || printf "SELECT 'former', %d, (%s);\n" "$at" "$(levels_of "$number" "$database")"
  done
  echo "SELECT 'end';"
}
# levels_of NUMBER DATABASE: a question within one.
levels_of() {
  printf "SELECT CONCAT('=', IFNULL(GROUP_CONCAT(CONCAT(RealmID, ':', SecurityLevel) ORDER BY RealmID), '')) FROM %s.account_access WHERE AccountID = %s" \
    "$2" "$1"
}

# read_former: accounts that the last run owned, and that are no longer wanted.
read_former() {
  local line
  FORMER=()
  while IFS= read -r line; do
    [[ $line != 'level '* ]] || FORMER+=("${line#level }")
  done < <(completed "$STEP" && stale_lines "$STEP")
}
