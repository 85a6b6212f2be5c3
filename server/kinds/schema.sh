# shellcheck shell=bash
# The databases as the release that is to go live wants them: its own `worldserver -u` fills empty ones and brings all up to date, with the
# realm stopped. Nothing else ever updates them.
# observed: each database has its tables and every update of the release; a table that was there after the last update and is gone
# not observed: rows and columns: they are the players' and the core's; what the operator changes in the world's content

ROLES=(auth characters world)

observe() {
  local root=${ARG[root]-} id record=$STATE_DIR/schema role answer left=() updated tell=say
  local -A tables=()
  id=$(release_at "$root/candidate")
  answer=$(answers) || { blind "MariaDB does not answer, so the state of the databases cannot be read" && return; }
  for role in "${ROLES[@]}"; do read -r "tables[$role]"; done <<<"$answer"
  ! held_back || tell=waits
  [[ -z $id ]] || mapfile -t left < <(lacking "$root/releases/$id" "$answer")
  for role in "${ROLES[@]}"; do
    case ${tables[$role]} in
      missing) say "the $role database ${ARG[$role]-} is missing" ;;
      0) say "the $role database ${ARG[$role]-} has no tables" ;;
      *) lacking_says "$role" "releases/$id" ;;
    esac
  done
  while IFS= read -r role; do say "$role"; done < <(lost_tables "$answer")
  [[ ! -f $(import_marker) ]] || say "the first import into the databases was cut off"
  updated=$(field "$record" release)
  if [[ -z $id ]]; then
    blind "$root/candidate names no release that the databases should be as"
  elif [[ ! -f $record ]]; then
    $tell "the databases were not yet brought up to date for releases/$id"
  elif [[ $updated != "$id" ]]; then
    $tell "the databases are as releases/$updated left them, should be as releases/$id wants them"
  fi
}

# answers: a line for each database, how much is in it; then "ROLE NAME" for each update it has had, "+ROLE TABLE" for each table, and "end".
# 1 when MariaDB does not answer them all.
answers() {
  local answer
  answer=$(sql_look < <(questions))
  printf '%s' "$answer"
  [[ $answer == *$'\nend' ]]
}
questions() {
  local role name
  for role in "${ROLES[@]}"; do count_tables "${ARG[$role]-}"; done
  for role in "${ROLES[@]}"; do
    sql_name -v name "${ARG[$role]-}"
    printf "SELECT CONCAT('%s ', name) FROM %s.updates;\n" "$role" "$name"
    sql_quote -v name "${ARG[$role]-}"
    printf "SELECT CONCAT('+%s ', table_name) FROM information_schema.tables WHERE table_schema = %s;\n" "$role" "$name"
  done
  echo "SELECT 'end';"
}

# count_tables DATABASE: asks how many tables and views, or "missing".
count_tables() {
  local name
  sql_quote -v name "$1"
  printf "SELECT IF(COUNT(DISTINCT s.schema_name) = 0, 'missing', COUNT(t.table_name)) FROM information_schema.schemata s
    LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name WHERE s.schema_name = %s;\n" "$name"
}
tables_in() { sql < <(count_tables "$1"); }
has_table() { [[ $(sql <<<"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = $(sql_quote "$1") AND table_name = $(sql_quote "$2")") == 1 ]]; }

# Update files that a database has had, and those of a release, by name.
applied_in() { if has_table "$1" updates; then sql "$1" <<<'SELECT name FROM updates' | sort; fi; }
files_of() {
  local dir=$1 role=$2
  shift 2
  find "${@/%//$role}" -type f -name '*.sql' -printf '%f\n' 2>/dev/null | sort
}

# lacking RELEASE ANSWER: "ROLE NAME" of each update that the release brings and the databases have not had (an older backup was restored, say).
lacking() {
  (cd "$1/sql" 2>/dev/null && find {updates,custom}/{auth,characters,world} -type f -name '*.sql' -printf '%H %f\n' 2>/dev/null) |
    awk '!brought { had[$0]; next } { sub("^[^/]*/", "") } !($0 in had)' <(printf '%s\n' "$2") brought=1 - | sort
}
# lacking_says ROLE RELEASE: of what is `left`.
lacking_says() {
  local each lacks=()
  for each in "${left[@]}"; do [[ $each != "$1 "* ]] || lacks+=("${each#* }"); done
  ((${#lacks[@]})) || return 0
  $tell "the $1 database lacks ${#lacks[@]} update$( ((${#lacks[@]} == 1)) || echo s) of $2: ${lacks[*]:0:3}$( ((${#lacks[@]} <= 3)) || echo " …")"
}

# A table that is gone is data that is gone, and no update brings it back. What was there after the last update is on record.
tables_record() { printf '%s/tables' "$STATE_DIR"; }
# tables_of ANSWER: "ROLE<tab>TABLE" for each table there is.
tables_of() { sed -n 's/^+\([a-z]*\) /\1\t/p' <<<"$1" | sort; }

# lost_tables ANSWER: a sentence for each database that has lost some, though it still has others and has had every update
# (an older backup may be from before a table was made).
lost_tables() {
  local role now lost behind=""
  [[ -f $(tables_record) && ! -f $(import_marker) ]] || return 0
  now=$(tables_of "$1")
  [[ -n $(comm -23 "$(tables_record)" - <<<"$now") ]] || return 0
  behind=$(lacking "${ARG[root]-}/releases/$(release_at "${ARG[root]-}/candidate")" "$1")
  for role in "${ROLES[@]}"; do
    mapfile -t lost < <(comm -23 "$(tables_record)" - <<<"$now" | sed -n "s/^$role\t//p")
    ((${#lost[@]})) || continue
    if [[ $'\n'$now != *$'\n'"$role"$'\t'* || $'\n'$behind == *$'\n'"$role "* ]]; then continue; fi
    printf 'the %s database has lost %s table%s: %s%s\n' "$role" "${#lost[@]}" "$( ((${#lost[@]} == 1)) || echo s)" "${lost[*]:0:3}" \
      "$( ((${#lost[@]} <= 3)) || echo " …")"
  done
}

apply() {
  local root id release lost answer
  root=${ARG[root]-}
  wait_for 30 sql_up || die "MariaDB does not answer on ${ARG[socket]-}"
  id=$(release_at "$root/candidate") release=$root/releases/$(release_at "$root/candidate")
  [[ -n $id && -f $release/.good ]] || die "there is no whole release to update the databases with" "$root/candidate points to ${id:-nothing}"
  answer=$(answers) || die "MariaDB does not answer on ${ARG[socket]-}"
  mapfile -t lost < <(lost_tables "$answer")
  ((${#lost[@]} == 0)) || die "${lost[0]}; nothing was changed" "${lost[@]:1}" \
    "restore what is gone from a backup, or go on without it: rm $(tables_record) on the server"
  if ! joined "$id"; then
    room_for_data
    if ! not_older "$release"; then exit 1; fi
    stop_realm
    trap 'start_again' EXIT
    forget_half
    begin_import "$release"
    migrate "$id" "$release"
  fi
  rm -f "$(import_marker)"
  printf '%s\n' "release=$id" "commit=$(field "$release/release.info" commit)" "date=$(field "$release/release.info" date)" \
    "auth=${ARG[auth]-}" "characters=${ARG[characters]-}" "world=${ARG[world]-}" | write_file "$STATE_DIR/schema" 0600 0:0
  answer=$(answers) || die "MariaDB does not answer on ${ARG[socket]-}"
  tables_of "$answer" | write_file "$(tables_record)" 0600 0:0
  rm -f -- "$root/work/worldserver/$(field "$release/release.info" tdb)"
  # Another release goes live only now, in the next step; whoever starts it finds the databases ready.
  if [[ $(release_at "$root/run") == "$id" ]]; then start_and_wait; else stopped=(); fi
  note "the databases are as releases/$id wants them"
}

# joined ID: a run that was killed left the updater at work; two at once would destroy each other's. 0 when it did what is wanted.
joined() {
  job_running schema || return 1
  note "joining the update of the databases that is running ($(job_key schema))"
  job_follow schema schema_progress || true
  [[ $(job_key schema) == "releases/$1" ]] && brought_up
}
brought_up() { [[ $(tail -n 1 "$(job_log schema)") == '== up to date'* && $(job_result schema) == success ]]; }

room_for_data() {
  local dir needed
  dir=$(sql <<<'SELECT @@datadir')
  needed=${ARG[min_disk_mb]-}
  [[ $(tables_in "${ARG[world]-}") != 0 ]] || needed=$((needed * 4))
  enough_space "$dir" "$needed" "updating the databases"
}

# An older release does not know the newer one's updates: its servers would stop on the schema, and its updater forget what was applied.
not_older() {
  local date role known unknown=()
  date=$(field "$STATE_DIR/schema" date)
  [[ -n $date && $(date -d "$(field "$1/release.info" date)" +%s) -lt $(date -d "$date" +%s) ]] || return 0
  for role in "${ROLES[@]}"; do
    known=$(cd "$1/sql" && files_of . "$role" updates custom old/3.3.5a | sort -u)
    mapfile -t -O "${#unknown[@]}" unknown < <(comm -23 <(applied_in "${ARG[$role]-}") <(printf '%s\n' "$known"))
  done
  ((${#unknown[@]})) || return 0
  die "releases/${1##*/} is older than what the databases were updated for (releases/$(field "$STATE_DIR/schema" release)); nothing was changed" \
    "it does not know ${#unknown[@]} updates they have had, e.g. ${unknown[0]}" "restore a backup made before them, or choose a newer commit"
}

stopped=()
stop_realm() {
  local unit
  for unit in $(former_units worldserver) worldserver.service $(former_units authserver) authserver.service; do
    ! systemctl is-active --quiet "$unit" || stopped+=("$unit")
  done
  # The worldserver may be gone after it, and is to be started again all the same.
  farewell
  for unit in "${stopped[@]}"; do
    note "stopping ${unit%.service}"
    systemctl stop "$unit"
  done
}
# The same release: nobody else starts it again, so this step is done when players can come back.
start_and_wait() {
  local units=("${stopped[@]}") unit down=()
  stopped=()
  ((${#units[@]})) || return 0
  note "starting again: ${units[*]}"
  systemctl start "${units[@]}" 2>/dev/null && return
  for unit in "${units[@]}"; do systemctl is-active --quiet "$unit" || down+=("${unit%.service}"); done
  die "the databases are up to date, but not started again: ${down[*]}" "run \`pulumi up\` once more: it starts what is down, or says why it cannot"
}
# What was running runs again, on the release that still is live.
start_again() {
  ((${#stopped[@]})) || return 0
  note "starting again: ${stopped[*]}"
  let_former_in "${stopped[@]}"
  systemctl start --no-block "${stopped[@]}" || true
}

# forget_half: after a first import that was cut off, the databases it was filling are emptied; never without its marker, never what players have.
forget_half() {
  local role name half
  [[ -f $(import_marker) ]] || return 0
  for role in "${ROLES[@]}"; do
    name=${ARG[$role]-}
    grep -qxF "$role $name" "$(import_marker)" || continue
    case $(tables_in "$name") in 0 | missing) continue ;; esac
    half=$(people_in "$role" "$name")
    [[ $half == 0 ]] || die "the first import into the $role database $name was cut off, but it holds $half $(if [[ $role == auth ]]; then echo accounts; else echo characters; fi)" \
      "if it works: rm $(import_marker) on the server; else restore a backup"
    note "emptying the $role database $name, whose first import was cut off"
    empty_database "$name"
  done
}
people_in() {
  local table
  case $1 in auth) table=account ;; characters) table=characters ;; *) echo 0 && return ;; esac
  if has_table "$2" "$table"; then sql "$2" <<<"SELECT COUNT(*) FROM $table"; else echo 0; fi
}
# Rights are granted by name, so they stay.
empty_database() {
  local charset
  charset=$(sql <<<"SELECT CONCAT('CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) FROM information_schema.schemata WHERE schema_name = $(sql_quote "$1")")
  sql <<<"DROP DATABASE $(sql_name "$1"); CREATE DATABASE $(sql_name "$1") $charset;"
}

begin_import() {
  local role name state empty=() tdb
  tdb=$(field "$1/release.info" tdb)
  for role in "${ROLES[@]}"; do
    name=${ARG[$role]-} state=$(tables_in "${ARG[$role]-}")
    [[ $state != missing ]] || die "the $role database $name is missing"
    [[ $state != 0 ]] || empty+=("$role $name")
    [[ $role != world || $state != 0 || -s ${ARG[root]-}/work/worldserver/$tdb ]] || die "the world database $name is empty, and its content $tdb is not in ${ARG[root]-}/work/worldserver"
    [[ $role != world || $state == 0 ]] || has_table "$name" version || die "the database $name has tables, but not those of a world; nothing was changed" \
      "name another database in trinitycore:databases.world.name, or empty this one"
  done
  ((${#empty[@]} == 0)) || printf '%s\n' "${empty[@]}" | write_file "$(import_marker)" 0600 0:0
}

# migrate ID RELEASE: runs the updater as a unit of its own, so that a lost connection does not cut it off.
migrate() {
  local log lines live data
  log=$(job_log schema)
  # shellcheck disable=SC2034 # job_start hands it on
  ARG[release]=$2
  # shellcheck disable=SC2154 # `here` is the folder of these scripts
  job_start schema "releases/$1" "$here/migrate.sh"
  job_follow schema schema_progress || true
  brought_up && return
  live=$(release_at "${ARG[root]-}/run")
  mapfile -t lines < <(schema_errors <"$log")
  data=$(sql <<<'SELECT @@datadir' 2>/dev/null) || true
  [[ ! -d $data ]] || (($(free_mb "$data") >= 10)) || lines+=("the disk is full: df -h $data")
  die "the databases could not be updated for releases/$1; nothing was switched$(if [[ -n $live ]]; then echo ", release $(short "$live") is still live"; fi)" \
    "${lines[@]}" "whole log on the server: $log, or journalctl -u trinity-schema"
}

manifest() { printf 'file %s\n' "$(tables_record)"; }

# An update that a cut-off run left at work would lose its SQL files in the middle.
settle() { joined "" || true; }

# What the databases were updated for stays on record as they stay: the next stack has to refuse an older release too.
drop() {
  case $1 in
    "file $STATE_DIR/schema") note "kept: the record of what the databases were updated for" ;;
    'file '*) rm -f -- "${1#file }" ;;
  esac
}
