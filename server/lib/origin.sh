# shellcheck shell=bash
# What made the databases that are there: found by their content, not by their names.

# The tables that every TrinityCore 3.3.5 database has, also an older one. (The core's updater cannot update one from
# before 2015.)
declare -A TABLES_OF=(
  [auth]="account account_access realmlist updates updates_include"
  [characters]="characters updates updates_include"
  [world]="creature_template trinity_string version updates updates_include"
)

# has_table ROLE TABLE: `answer` has it. No process is started, as there are many questions.
has_table() { [[ $answer == *$'\n'"+$1 $2"$'\n'* ]]; }
has_any_table() {
  local table
  for table in "${@:2}"; do ! has_table "$1" "$table" || return 0; done
  return 1
}
find_missing_tables() {
  local table
  missing=()
  for table in ${TABLES_OF[$2]}; do has_table "$1" "$table" || missing+=("$table"); done
}

# refuse_foreign_databases ANSWER: refuses databases that are not this core's, and foretells which ones are taken over.
# Those that the stack filled or updated are its own.
refuse_foreign_databases() {
  local answer=$'\n'$1 role count name whose taken=() LC_ALL=C
  while read -r -u 3 role count; do
    name=${ARG[$role]-}
    if [[ $count == 0 || $count == missing ]] || is_being_filled "$role" "$name"; then continue; fi
    whose=$(another_core "$role")
    if [[ $(field "$(schema_record)" "$role") != "$name" ]]; then
      [[ -n $whose ]] || whose=$(not_this_core "$role")
      [[ -n $whose ]] || taken+=("$role")
    fi
    [[ -z $whose ]] ||
      refuse "the $role database $name is $whose$(database_details "$role" "$name"), not one of TrinityCore 3.3.5, whose updates would spoil it;" \
      "name another in $(database_key "$role").name, or move this one away"
  done 3< <(paste -d ' ' <(printf '%s\n' "${ROLES[@]}") <(head -n ${#ROLES[@]} <<<"$1"))
  ((${#taken[@]} == 0)) || foretell_taken "${taken[@]}"
}
is_being_filled() { [[ -f $(import_marker) ]] && grep -qxF "$1 $2" "$(import_marker)"; }

# another_core ROLE: names the core whose tables it has; nothing when there are none.
another_core() {
  local core
  if has_any_table "$1" acore_string version_db_auth version_db_characters version_db_world ||
    [[ $answer == *$'\n'"@$1 \$/data/sql/"* ]]; then
    echo "AzerothCore's"
  elif has_any_table "$1" mangos_string db_version realmd_db_version character_db_version; then
    echo "a MaNGOS core's"
  elif has_any_table "$1" battlenet_accounts ||
    [[ $answer == *$'\n'"@$1 \$/sql/old/"* && $answer != *$'\n'"@$1 \$/sql/old/3.3.5a/"* ]]; then
    echo "of another branch of TrinityCore"
  else
    for core in oregon:OregonCore skyfire:SkyFire; do ! has_table "$1" "${core%:*}_string" || echo "${core#*:}'s"; done
  fi
}

# not_this_core ROLE: says what a database is that lacks tables of this core; nothing when it has them all.
not_this_core() {
  local other missing lacks holds first
  find_missing_tables "$1" "$1"
  lacks=("${missing[@]}")
  ((${#lacks[@]})) || return 0
  for other in "${ROLES[@]}"; do
    find_missing_tables "$1" "$other"
    ((${#missing[@]})) || { echo "a $other database" && return; }
  done
  if has_any_table "$1" realmlist characters creature_template; then
    echo "an older or another core's, or was not imported whole: it has no ${lacks[0]}"
  else
    mapfile -t holds < <(sed -n "s/^+$1 //p" <<<"$answer" | sort)
    printf -v first '%s, ' "${holds[@]:0:3}"
    echo "something else's: it holds ${first%, }$( ((${#holds[@]} <= 3)) || echo " and more")"
  fi
}

# database_details ROLE DATABASE: in brackets, how much is in it and how old it is, as far as it tells.
database_details() {
  local name said
  sql_name -v name "$2"
  mapfile -t said < <(sql_lenient <<SQL
SELECT CONCAT(COUNT(*), IF(COUNT(*) = 1, ' account', ' accounts')) FROM $name.account;
SELECT CONCAT(COUNT(*), IF(COUNT(*) = 1, ' character', ' characters')) FROM $name.characters;
SELECT core_version FROM $name.version WHERE core_version <> '' LIMIT 1;
SELECT db_version FROM $name.version WHERE db_version <> '' LIMIT 1;
SELECT version FROM $name.db_version LIMIT 1;
SELECT CONCAT(COUNT(*), IF(COUNT(*) = 1, ' update', ' updates'), ', the last on ', DATE(MAX(timestamp))) FROM $name.updates HAVING COUNT(*) > 0;
SQL
)
  ((${#said[@]} == 0)) || (IFS=';' && printf ' (%s)' "${said[*]}" | sed 's/;/, /g')
}

foretell_taken() {
  local role names=()
  for role; do
    foretell "the $role database ${ARG[$role]-} is TrinityCore's already$(database_details "$role" "${ARG[$role]-}"): it is taken over as it is, and brought up to date"
    names+=("${ARG[$role]-}")
  done
  foretell "no update of a database can be taken back: make a backup first, e.g. mariadb-dump --single-transaction --routines --triggers --events --databases ${names[*]} >before.sql"
}
