# shellcheck shell=bash
# The realm's row in the login database, which tells players about the realm. The stack sets only COLUMNS: the
# worldserver itself writes icon, timezone, flag and population.
# observed: the realm's row: number, name, addresses, subnet mask, port, security level, gamebuild; another realm with
#   the same number or name; the row of the core's base dump, which belongs to nobody, in the players' list;
#   where maintenance is on, its level in the place of the config's
# not observed: icon, timezone, flag and population: the worldserver writes them itself; rows of other realms

COLUMNS=(name address localAddress localSubnetMask port allowedSecurityLevel gamebuild)
# Other columns of the login database with a realm's number: accounts' levels and rights on the realm, their characters
# there, and what the realm announces.
TIES=(account_access.RealmID rbac_account_permissions.realmId realmcharacters.realmid autobroadcast.realmid)

# keep_maintenance: while maintenance is on, its level is the wanted one; server/actions/maintenance.sh notes it. 1 when
# it is off.
keep_maintenance() {
  local level
  read -r level 2>/dev/null <"$RECEIPTS/$STEP/maintenance" || return 1
  ((level < ${ARG[allowedSecurityLevel]-0})) || ARG[allowedSecurityLevel]=$level
}

observe() {
  local table=${ARG[database]-}.realmlist id=${ARG[id]-} own holder moving base differ
  ! keep_maintenance ||
    hint "maintenance is on: nobody below level ${ARG[allowedSecurityLevel]} may enter; npm run realm -- maintenance off"
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

# read_rows: sets `own` (the row with this realm's number; `none` when there is no table), `holder` (the number of
# another realm with this realm's name), `moving` (the number that this realm had before, when another is wanted),
# `base` (the number of the base dump's own row, as long as nobody used it) and `differ` (a sentence for each column
# that differs). Returns 1 when MariaDB does not answer.
read_rows() {
  local kind id name rest answer before
  before=$(number_before)
  own="" holder="" moving="" base="" differ=()
  mapfile -t answer < <(sql_lenient < <(questions_of_rows "${before:-${ARG[id]-}}"))
  [[ ${answer[*]: -1} == end ]] || return 1
  [[ ${answer[0]} != 0 ]] || own=none
  for line in "${answer[@]:1}"; do
    IFS=$'\t' read -r kind id name rest <<<"$line"
    # MariaDB's client writes tabs, line breaks and backslashes as \t, \n and \\.
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

# number_before: prints the number of this realm's row in this database, as the last complete run left it.
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
  keep_maintenance || true
  { wait_for 30 mariadb_answers && read_rows; } || die "MariaDB does not answer on ${ARG[socket]-}"
  [[ $own != none ]] || die "there is no table ${ARG[database]-}.realmlist: the login database has no schema yet"
  sql < <(change_sql) || die "the realm row could not be written"
}

shown_value() { if [[ $1 =~ ^(port|allowedSecurityLevel|gamebuild)$ ]]; then printf '%s' "$2"; else printf '"%s"' "$2"; fi; }

realmlist() { printf '%s.realmlist' "$(sql_name "${ARG[database]-}")"; }

# questions_of_rows BEFORE: prints the queries. Names are compared as the table compares them; columns are compared as
# bytes, or nobody would notice a changed capital letter.
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
  # The worldserver adds a row to `uptime` at each start, so a realm without such a row never ran.
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

# change_sql: prints one transaction, so that all of it happens or nothing.
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
# move_sql FROM TO: prints the statements. Rows that have the number TO already stay as they are.
move_sql() {
  local tie
  printf 'UPDATE %s SET id = %d WHERE id = %d;\n' "$(realmlist)" "$2" "$1"
  for tie in "${TIES[@]}"; do
    ! table_is_there "${ARG[database]-}" "${tie%.*}" ||
      printf 'UPDATE IGNORE %s.%s SET %s = %d WHERE %s = %d;\n' "$(sql_name "${ARG[database]-}")" "${tie%.*}" \
        "${tie#*.}" "$2" "${tie#*.}" "$1"
  done
}
