# shellcheck shell=bash
# The first import of a dump into empty databases.

# empty_half_imported: empties the databases that a cut-off first import was filling, so that it can begin again. It
# does so only where the import's marker names the database, and never where there are accounts or characters.
empty_half_imported() {
  local role name half
  [[ -f $(import_marker) ]] || return 0
  for role in "${ROLES[@]}"; do
    name=${ARG[$role]-}
    grep -qxF "$role $name" "$(import_marker)" || continue
    case $(count_tables_in "$name") in 0 | missing) continue ;; esac
    half=$(count_people "$role" "$name")
    [[ $half == 0 ]] ||
      die "the first import into the $role database $name was cut off, but it holds $half $(if [[ $role == auth ]]; then echo accounts; else echo characters; fi)" \
      "if it works: rm $(import_marker) on the host; else restore a backup"
    note "emptying the $role database $name, whose first import was cut off"
    empty_database "$name"
  done
}
begin_import() {
  local role name state empty=() tdb
  tdb=$(field "$1/release.info" tdb)
  for role in "${ROLES[@]}"; do
    name=${ARG[$role]-} state=$(count_tables_in "${ARG[$role]-}")
    [[ $state != missing ]] || die "the $role database $name is missing"
    [[ $state != 0 ]] || empty+=("$role $name")
    [[ $role != world || $state != 0 || -s ${ARG[work]-}/$tdb ]] ||
      die "the world database $name is empty, and its content $tdb is not in ${ARG[work]-}"
    [[ $role != world || $state != 0 ]] || require_known_content "${ARG[work]-}/$tdb"
    [[ $role != world || $state == 0 ]] || table_is_there "$name" version ||
      die "the database $name has tables, but not those of a world; nothing was changed" \
      "name another database in $(database_key world).name, or empty this one"
  done
  ((${#empty[@]} == 0)) || printf '%s\n' "${empty[@]}" | write_file "$(import_marker)" 0600 0:0
}

# require_known_content DUMP: makes sure, before MariaDB reads DUMP, that it is still the file that was put there.
require_known_content() {
  local why sum
  if [[ $(field "$(content_record)" content) != "${1##*/}" ]]; then
    sum=$(content_sum "$1" "${ARG[user]-}") || die "$1 cannot be read"
    record_content "$1" "$sum" "$sum"
  fi
  why=$(content_problem "$1" "${ARG[user]-}")
  [[ -z $why ]] || die "$why; nothing of it was imported" "remove it and run \`pulumi up\` again: rm $1"
}
