# shellcheck shell=bash
# The realm's row in the login database, as players are told of it. Only these columns are the stack's: icon, timezone, flag and population
# are written by the worldserver itself.

COLUMNS=(name address localAddress localSubnetMask port allowedSecurityLevel gamebuild)

observe() {
  local table column is
  table=${ARG[database]-}.realmlist
  if ! sql_up; then
    blind "MariaDB does not answer on ${ARG[socket]-}, so the realm row cannot be read"
  elif ! has_table; then
    blind "there is no table $table yet, so the realm row cannot be read"
  elif [[ $(sql < <(question row)) == 0 ]]; then
    say "$table has no row ${ARG[id]-} for this realm"
  else
    while IFS=$'\t' read -r column is; do
      # The client writes tabs, line breaks and backslashes as \t, \n and \\.
      say "the realm's $column is $(shown "$column" "$(printf '%b' "$is")"), should be $(shown "$column" "${ARG[$column]-}")"
    done < <(sql < <(question columns) || echo "row "$'\t'"unreadable")
  fi
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

has_table() {
  [[ $(sql <<<"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = $(sql_quote "${ARG[database]-}") AND table_name = 'realmlist'") == 1 ]]
}

# question row|columns|holder: compared as bytes, or a changed capital letter would go unseen.
question() {
  local column differs=()
  case $1 in
    row) printf 'SELECT COUNT(*) FROM %s WHERE id = %d' "$(realmlist)" "${ARG[id]-}" ;;
    holder) printf 'SELECT id FROM %s WHERE name = %s AND id <> %d' "$(realmlist)" "$(sql_quote "${ARG[name]-}")" "${ARG[id]-}" ;;
    columns)
      for column in "${COLUMNS[@]}"; do
        differs+=("SELECT '$column', $column FROM $(realmlist) WHERE id = $(printf %d "${ARG[id]-}")
          AND CAST(CONVERT($column USING utf8mb4) AS BINARY) <> CAST($(sql_quote "${ARG[$column]-}") AS BINARY);")
      done
      printf '%s\n' "${differs[@]}"
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
