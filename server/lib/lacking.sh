# shellcheck shell=bash
# What the databases lack: updates that a release brings, and tables that are gone.

# applied_in DATABASE: prints the names of the update files that DATABASE has had.
# update_files_of ROLE FOLDER…: prints the names of the update files for ROLE in the folders of a release.
applied_in() { if table_is_there "$1" updates; then sql "$1" <<<'SELECT name FROM updates' | sort; fi; }
update_files_of() {
  local role=$1
  shift
  find "${@/%//$role}" -type f -name '*.sql' -printf '%f\n' 2>/dev/null | sort
}

# lacking_updates RELEASE ANSWER: prints `ROLE NAME` of each update that the release brings and the databases have not
# had, for example because somebody restored an older backup.
lacking_updates() {
  (cd "$1/sql" 2>/dev/null &&
    find {updates,custom}/{auth,characters,world} -type f -name '*.sql' -printf '%H %f\n' 2>/dev/null) |
    awk '!brought { had[$0]; next } { sub("^[^/]*/", "") } !($0 in had)' <(printf '%s\n' "$2") brought=1 - | sort
}
# A lost table is lost data, and no update brings it back. So the tables that are there after an update are recorded.
tables_record() { printf '%s/tables' "$(records_folder)"; }
# lost_tables ANSWER: prints a sentence for each database that has lost some of its tables. A database that lacks
# updates does not count: it may be an older backup, from before a table was made.
lost_tables() {
  local role now lost behind=""
  [[ -f $(tables_record) && ! -f $(import_marker) ]] || return 0
  now=$(tables_of "$1")
  [[ -n $(comm -23 "$(tables_record)" - <<<"$now") ]] || return 0
  behind=$(lacking_updates "${ARG[root]-}/releases/$(release_at "${ARG[root]-}/candidate")" "$1")
  for role in "${ROLES[@]}"; do
    mapfile -t lost < <(comm -23 "$(tables_record)" - <<<"$now" | sed -n "s/^$role\t//p")
    ((${#lost[@]})) || continue
    if [[ $'\n'$now != *$'\n'"$role"$'\t'* || $'\n'$behind == *$'\n'"$role "* ]]; then continue; fi
    printf 'the %s database has lost %s table%s: %s%s\n' "$role" "${#lost[@]}" "$( ((${#lost[@]} == 1)) || echo s)" \
      "${lost[*]:0:3}" \
      "$( ((${#lost[@]} <= 3)) || echo " …")"
  done
}

# refuse_older_release RELEASE: an older release does not know the newer updates: its servers would not start with these
# databases, and its updater would delete the record of what was applied.
refuse_older_release() {
  local date unknown
  date=$(field "$(schema_record)" date)
  [[ -n $date && $(date -d "$(field "$1/release.info" date)" +%s) -lt $(date -d "$date" +%s) ]] || return 0
  mapfile -t unknown < <(unknown_updates "$1")
  ((${#unknown[@]})) || return 0
  die "releases/${1##*/} is older than what the databases were updated for (releases/$(field "$(schema_record)" release)); nothing was changed" \
    "it does not know ${#unknown[@]} updates they have had, e.g. ${unknown[0]#* }" \
    "go back to it with the databases as they were then: npm run realm -- rollback ${1##*/}; or choose a newer commit"
}

# unknown_updates RELEASE: prints `ROLE NAME` of each update that the databases have had and the release does not know.
unknown_updates() {
  local role
  for role in "${ROLES[@]}"; do
    comm -23 <(applied_in "${ARG[$role]-}") <(cd "$1/sql" && update_files_of "$role" updates custom old/3.3.5a | sort -u) |
      sed "s/^/$role /"
  done
}
