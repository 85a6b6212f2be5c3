# shellcheck shell=bash
# The realm's row in the login database, as players are told of it. Only these columns are the stack's: icon, timezone,
# flag and population are written by the worldserver itself.
# observed: the realm's row: number, name, addresses, mask, port, security level, gamebuild; another realm that has its
#   number or name; the realm of the core's own base dump, which is nobody's, beside it
# not observed: icon, timezone, flag and population: the worldserver writes them itself; rows of other realms

COLUMNS=(name address localAddress localSubnetMask port allowedSecurityLevel gamebuild)
# Where else the login database names a realm by its number: levels and rights that accounts have on it, their
# characters there, what it announces.
TIES=(account_access.RealmID rbac_account_permissions.realmId realmcharacters.realmid autobroadcast.realmid)

observe() {
  local table=${ARG[database]-}.realmlist id=${ARG[id]-} own holder moving base differ
  read_rows || { blind "MariaDB does not answer on ${ARG[socket]-}, so the realm row cannot be read" && return; }
  [[ $own != none ]] || { blind "there is no table $table yet, so the realm row cannot be read" && return; }
  if [[ -n $holder ]]; then
    refuse \
      "realm $holder in $table is already named $(shown_value name "${ARG[name]-}"), and two realms cannot have one name;" \
      "change $(realm_key name), or $(realm_key id) if that row is this realm's"
  fi
  if [[ -n $own && -n $moving && -z $base ]]; then
    refuse "row $id of $table is another realm's, $own; choose another $(realm_key id), or delete that row if it is nobody's"
  fi
  if [[ -n $moving ]]; then
    say "the realm is row $moving of $table, should be row $id: levels, rights and character counts that accounts have there go with it"
  elif [[ -z $own ]]; then
    say "$table has no row $id for this realm"
  else
    [[ -e $RECEIPTS/$STEP || $base == "$id" || ${#differ[@]} == 0 ]] ||
      foretell "row $id of $table, the realm $own, becomes this realm's"
    ((${#differ[@]} == 0)) || for line in "${differ[@]}"; do say "$line"; done
    [[ -z $base || $base == "$id" ]] ||
      say "the realm of the core's base dump, \"Trinity\" at 127.0.0.1, which is nobody's, is in the players' list too"
  fi
}

# read_rows: sets `own` (what row this realm's number has, "none" without a table), `holder` (the number of another
# realm of its name), `moving` (the number that this stack gave the realm last, where another is wanted), `base` (that
# of the base dump's own row, as long as nobody used it) and `differ` (a sentence for each column that is not as it
# should be). 1 when MariaDB does not answer.
read_rows() {
  local kind id name rest answer before
  before=$(number_before)
  own="" holder="" moving="" base="" differ=()
  mapfile -t answer < <(sql_lenient < <(questions_of_rows "${before:-${ARG[id]-}}"))
  [[ ${answer[*]: -1} == end ]] || return 1
  [[ ${answer[0]} != 0 ]] || own=none
  for line in "${answer[@]:1}"; do
    IFS=$'\t' read -r kind id name rest <<<"$line"
    # The client writes tabs, line breaks and backslashes as \t, \n and \\.
    case $kind in
      own) own="$(shown_value name "$(printf '%b' "$name")") ($rest)" ;;
      before) moving=$id ;;
      holder) holder=$id ;;
      base) base=$id ;;
      column)
        rest=${line#*$'\t'*$'\t'}
        differ+=("the realm's $id is $(shown_value "$id" "$(printf '%b' "$rest")"), should be $(shown_value "$id" "${ARG[$id]-}")")
        ;;
    esac
  done
  [[ -z $holder || $holder != "$base" ]] || holder=""
}

# number_before: of this realm's row, as the last run that came to its end left it in this database.
number_before() {
  local pair id="" database=""
  [[ -f $RECEIPTS/$STEP/token ]] || return 0
  while IFS= read -r -d '' pair; do
    case $pair in id=*) id=${pair#id=} ;; database=*) database=${pair#database=} ;; esac
  done <"$RECEIPTS/$STEP/args"
  [[ $database != "${ARG[database]-}" ]] || printf '%s' "$id"
}

apply() {
  local own holder moving base differ
  { wait_for 30 mariadb_answers && read_rows; } || die "MariaDB does not answer on ${ARG[socket]-}"
  [[ $own != none ]] || die "there is no table ${ARG[database]-}.realmlist: the login database has no schema yet"
  sql < <(change_sql) || die "the realm row could not be written"
}

shown_value() { if [[ $1 =~ ^(port|allowedSecurityLevel|gamebuild)$ ]]; then printf '%s' "$2"; else printf '"%s"' "$2"; fi; }

realmlist() { printf '%s.realmlist' "$(sql_name "${ARG[database]-}")"; }

# questions_of_rows BEFORE: the names are compared as the table does it, the columns as bytes, or a changed capital
# letter would go unseen.
questions_of_rows() {
  local column database name text realmlist id=${ARG[id]-}
  sql_name -v database "${ARG[database]-}"
  realmlist=$database.realmlist
  sql_quote -v text "${ARG[database]-}"
  printf "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s AND table_name = 'realmlist';\n" \
    "$text"
  sql_quote -v name "${ARG[name]-}"
  printf "SELECT CASE id WHEN %d THEN 'own' WHEN %d THEN 'before' ELSE 'holder' END, id, name, address FROM %s WHERE id IN (%d, %d) OR name = %s;\n" \
    "$id" "$1" "$realmlist" "$id" "$1" "$name"
  # The worldserver notes each of its starts in uptime.
  printf "SELECT 'base', id FROM %s WHERE id = 1 AND name = 'Trinity' AND address = '127.0.0.1' AND localAddress = '127.0.0.1' AND port = 8085
    AND NOT EXISTS (SELECT 1 FROM %s.uptime WHERE realmid = 1) AND NOT EXISTS (SELECT 1 FROM %s.realmcharacters WHERE realmid = 1 AND numchars > 0);\n" \
    "$realmlist" "$database" "$database"
  for column in "${COLUMNS[@]}"; do
    sql_quote -v text "${ARG[$column]-}"
    printf "SELECT 'column', '%s', %s FROM %s WHERE id = %d AND CAST(CONVERT(%s USING utf8mb4) AS BINARY) <> CAST(%s AS BINARY);\n" \
      "$column" "$column" "$realmlist" "$id" "$column" "$text"
  done
  echo "SELECT 'end';"
}

# change_sql: all of it or nothing.
change_sql() {
  local column names values=() sets=() id=${ARG[id]-}
  names=$(IFS=, && echo "${COLUMNS[*]}")
  for column in "${COLUMNS[@]}"; do
    values+=("$(sql_quote "${ARG[$column]-}")")
    sets+=("$column = VALUES($column)")
  done
  echo 'START TRANSACTION;'
  [[ -z $base || $base == "$id" && -z $moving ]] || printf 'DELETE FROM %s WHERE id = %d;\n' "$(realmlist)" "$base"
  [[ -z $moving ]] || move_sql "$moving" "$id"
  printf 'INSERT INTO %s (id, %s) VALUES (%d, %s) ON DUPLICATE KEY UPDATE %s;\nCOMMIT;\n' "$(realmlist)" "$names" "$id" \
    "$(IFS=, && echo "${values[*]}")" "$(IFS=, && echo "${sets[*]}")"
}
# move_sql FROM TO: what is there under the other number already stays.
move_sql() {
  local tie
  printf 'UPDATE %s SET id = %d WHERE id = %d;\n' "$(realmlist)" "$2" "$1"
  for tie in "${TIES[@]}"; do
    ! table_is_there "${ARG[database]-}" "${tie%.*}" ||
      printf 'UPDATE IGNORE %s.%s SET %s = %d WHERE %s = %d;\n' "$(sql_name "${ARG[database]-}")" "${tie%.*}" \
        "${tie#*.}" "$2" "${tie#*.}" "$1"
  done
}
