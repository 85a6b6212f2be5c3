# shellcheck shell=bash
# The backups of the databases. Each is a folder named by its time, such as 2026-11-26T034000Z, with compressed dumps
# and a manifest. It gets that name as the last thing, so whatever has such a name is a whole backup. The folder of all
# is their user's: root reads no more than names there.

BACKUP_NAME='[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z'
# The manifest's first line; a later version that writes another manifest has another number here.
# shellcheck disable=SC2034 # the scripts of the units use it
BACKUP_FORMAT=$'format\t1'

# backup_names FOLDER: the backups, the newest first.
backup_names() {
  local each
  for each in "$1"/$BACKUP_NAME; do [[ ! -f $each/manifest ]] || printf '%s\n' "${each##*/}"; done | sort -r
}

# backups_to_delete DAYS WEEKS MONTHS [PROVEN] <names: prints those that need not be kept. Kept are all backups of the
# last DAYS days, the last one of each of the last WEEKS weeks, and of the last MONTHS months. Only days, weeks and
# months that have a backup count: after a pause of the host nothing is too old. Never among them are the newest one,
# and PROVEN, which was restored as a trial.
backups_to_delete() {
  local name day week month newest=""
  local -A days=() weeks=() months=()
  while IFS=$'\t' read -r name day week month; do
    local keep=""
    [[ -n $newest ]] || newest=$name keep=yes
    [[ $name != "${4-}" ]] || keep=yes
    if [[ -n ${days[$day]-} ]] || ((${#days[@]} < $1)); then days[$day]=1 keep=yes; fi
    if [[ -z ${weeks[$week]-} ]] && ((${#weeks[@]} < $2)); then weeks[$week]=1 keep=yes; fi
    if [[ -z ${months[$month]-} ]] && ((${#months[@]} < $3)); then months[$month]=1 keep=yes; fi
    [[ -n $keep ]] || printf '%s\n' "$name"
  done < <(sort -r | backup_dates)
}

# backup_dates <names: the same, each with its day, week and month.
backup_dates() {
  local names
  mapfile -t names
  ((${#names[@]})) || return 0
  paste <(printf '%s\n' "${names[@]}") \
    <(printf '%s\n' "${names[@]%T*}" | date -u -f - $'+%F\t%G-%V\t%Y-%m')
}

# inventory_of <dump: what is in a dump, sorted: `table NAME ROWS SUM`, `triggers TABLE COUNT`, `view NAME`, …,
# `structure SUM`; `whole` and `foreign` as dump-inventory.awk says.
# shellcheck disable=SC2154 # `here` is the folder of these scripts, set by whoever runs them
inventory_of() {
  local line sum=-
  LC_ALL=C awk -f "$here/lib/dump-inventory.awk" | while IFS= read -r line; do
    case $line in
      table$'\t'* | structure)
        printf '%s\t%s\n' "$line" "$sum"
        sum=-
        ;;
      *'  -') sum=${line%%  -} ;;
      *) printf '%s\n' "$line" ;;
    esac
  done | LC_ALL=C sort
}

# dump_database DATABASE: in one transaction, so that the servers go on and the tables fit each other. Its user has no
# password: MariaDB asks the kernel who it is.
dump_database() {
  mariadb-dump --no-defaults --protocol=socket --socket="${ARG[socket]}" --user="${SQL_USER:-root}" \
    --default-character-set=utf8mb4 --single-transaction --quick --routines --events --triggers --hex-blob -- "$1"
}

# field_of KEY FILE: the rest of the first line that begins with KEY.
field_of() { sed -n "s/^$1\t//p" "$2" | head -n 1; }

# objects_of <inventory: its lines on things in a database.
objects_of() { grep -E $'^(table|triggers|view|sequence|event|function|procedure)\t' || true; }

# what_differs WANTED SEEN: two files with an inventory's lines on things; prints in words what SEEN lacks or has
# otherwise.
what_differs() {
  local kind name more seen
  while IFS=$'\t' read -r kind name more; do
    seen=$(awk -F '\t' -v kind="$kind" -v name="${name//\\/\\\\}" '$1 == kind && $2 == name { print $3; exit }' "$2")
    [[ $kind != triggers ]] || kind="triggers of"
    if ! grep -Fq -- "${kind%% of}"$'\t'"$name" "$2"; then
      printf 'it lacks the %s %s\n' "$kind" "$name"
    elif [[ $seen != "${more%%$'\t'*}" ]]; then
      printf 'the %s %s: %s, should be %s\n' "$kind" "$name" "$seen" "${more%%$'\t'*}"
    else
      printf 'the %s %s holds something else\n' "$kind" "$name"
    fi
  done < <(LC_ALL=C comm -23 "$1" "$2")
}

# take_words KEY=VALUE…: a unit's words, as ARG.
take_words() {
  local word
  for word; do ARG[${word%%=*}]=${word#*=}; done
}

# locked_folder CMD…: a backup, and a trial of one, at a time; a backup that is being tried must not be deleted.
locked_folder() {
  [[ -d ${ARG[folder]} && -w ${ARG[folder]} ]] ||
    die "${ARG[folder]} is missing, or not the folder of ${USER:-this user}" \
      "is its disk mounted? Else \`pulumi up\` makes it; it is set in trinitycore:backups.folder"
  exec {folder_lock}>>"${ARG[folder]}/.lock" || die "${ARG[folder]} cannot be written" "df -h ${ARG[folder]}"
  flock "$folder_lock"
  "$@" {folder_lock}>&-
}

# run_noting_errors CMD…: what CMD says of an error goes to a file as well, for the record of how it ended.
run_noting_errors() {
  local rc=0
  ("$@") 2>"$RUNTIME_DIRECTORY/errors" || rc=$?
  cat "$RUNTIME_DIRECTORY/errors" >&2
  return "$rc"
}

# record_ending: what a unit runs last, however it ended: writes when that was, how, and why not well. `well` is when it
# last went well.
record_ending() {
  local file=$STATE_DIRECTORY/last now why="" well=""
  printf -v now '%(%s)T' -1
  [[ ! -f $file ]] || well=$(field_of well "$file")
  if [[ $SERVICE_RESULT == success ]]; then
    well=$now
  else
    why=$(sed -n 's/^error: //p' "$RUNTIME_DIRECTORY/errors" 2>/dev/null | head -n 1)
    if [[ -z $why ]]; then
      why="it was ended from outside ($SERVICE_RESULT${EXIT_STATUS:+, $EXIT_STATUS})"
      note "$why"
    fi
  fi
  printf 'at\t%s\nended\t%s\nwhy\t%s\nwell\t%s\n' "$now" "$SERVICE_RESULT" "$why" "$well" >"$file.new" &&
    sync "$file.new" && mv -fT "$file.new" "$file"
}
