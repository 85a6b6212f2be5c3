# shellcheck shell=bash
# The realm's row in the login database, as players are told of it. Only these columns are the stack's: icon, timezone, flag and population
# are written by the worldserver itself.
# observed: the realm's row: name, addresses, mask, port, security level, gamebuild
# not observed: icon, timezone, flag and population: the worldserver writes them itself; rows of other realms

COLUMNS=(name address localAddress localSubnetMask port allowedSecurityLevel gamebuild)

observe() {
  local table=${ARG[database]-}.realmlist answer line column is
  # A table that is not there ends the answer after its first line.
  mapfile -t answer < <(sql < <(for line in table row columns; do question "$line"; done) 2>/dev/null || echo "row "$'\t'"unreadable")
  case ${answer[0]} in
    1) ;;
    0) blind "there is no table $table yet, so the realm row cannot be read" && return ;;
    *) blind "MariaDB does not answer on ${ARG[socket]-}, so the realm row cannot be read" && return ;;
  esac
  [[ ${answer[1]-} != 0 ]] || { say "$table has no row ${ARG[id]-} for this realm" && return; }
  for line in "${answer[@]:1}"; do
    [[ $line == *$'\t'* ]] || continue
    column=${line%%$'\t'*} is=${line#*$'\t'}
    # The client writes tabs, line breaks and backslashes as \t, \n and \\.
    say "the realm's $column is $(shown "$column" "$(printf '%b' "$is")"), should be $(shown "$column" "${ARG[$column]-}")"
  done
}

apply() {
  local holder
  sql_up || die "MariaDB does not answer on ${ARG[socket]-}"
  has_table || die "there is no table ${ARG[database]-}.realmlist: the login database has no schema yet"
  holder=$(sql < <(question holder))
  [[ -z $holder ]] || die "realm $holder in ${ARG[database]-}.realmlist is already named $(shown name "${ARG[name]-}")" \
    "two realms cannot have one name: change trinitycore:realm.name, or trinitycore:realm.id if that row is this realm's"
  sql < <(change) || die "the realm row could not be written"
}

shown() { if [[ $1 =~ ^(port|allowedSecurityLevel|gamebuild)$ ]]; then printf '%s' "$2"; else printf '"%s"' "$2"; fi; }

realmlist() { printf '%s.realmlist' "$(sql_name "${ARG[database]-}")"; }

has_table() { [[ $(sql < <(question table)) == 1 ]]; }

# question table|row|columns|holder: compared as bytes, or a changed capital letter would go unseen.
question() {
  local column text realmlist id=${ARG[id]-}
  sql_name -v realmlist "${ARG[database]-}"
  realmlist+=.realmlist
  case $1 in
    table)
      sql_quote -v text "${ARG[database]-}"
      printf "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s AND table_name = 'realmlist';\n" "$text"
      ;;
    row) printf 'SELECT COUNT(*) FROM %s WHERE id = %d;\n' "$realmlist" "$id" ;;
    holder) printf 'SELECT id FROM %s WHERE name = %s AND id <> %d' "$realmlist" "$(sql_quote "${ARG[name]-}")" "$id" ;;
    columns)
      for column in "${COLUMNS[@]}"; do
        sql_quote -v text "${ARG[$column]-}"
        printf "SELECT '%s', %s FROM %s WHERE id = %d AND CAST(CONVERT(%s USING utf8mb4) AS BINARY) <> CAST(%s AS BINARY);\n" \
          "$column" "$column" "$realmlist" "$id" "$column" "$text"
      done
      ;;
  esac
}

change() {
  local column names values=() sets=()
  names=$(IFS=, && echo "${COLUMNS[*]}")
  for column in "${COLUMNS[@]}"; do
    values+=("$(sql_quote "${ARG[$column]-}")")
    sets+=("$column = VALUES($column)")
  done
  printf 'INSERT INTO %s (id, %s) VALUES (%d, %s) ON DUPLICATE KEY UPDATE %s;\n' "$(realmlist)" "$names" "${ARG[id]-}" \
    "$(IFS=, && echo "${values[*]}")" "$(IFS=, && echo "${sets[*]}")"
}
