# shellcheck shell=bash
# The backups of the databases. Each is a folder named by its time, such as 2026-11-26T034000Z, with compressed dumps
# and a manifest. It gets that name as the last thing, so whatever has such a name is a whole backup. The folder of all
# is their user's: root reads no more than names there.

BACKUP_NAME='[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z'
# The manifest's first line; a later version that writes another manifest has another number here.
# shellcheck disable=SC2034 # the scripts of the units use it
BACKUP_FORMAT=$'format\t1'

# What a backup of the login has of two-factor beside the dump.
# shellcheck disable=SC2034
MASTERS_IN_BACKUP=master-secrets

is_backup_name() { [[ $1 =~ ^[0-9]{4}(-[0-9]{2}){2}T[0-9]{6}Z$ ]]; }

# backup_look UNIT: the folder of what root notes for a run of that unit. backup_request: what is asked for.
backup_look() { printf '%s/%s' "$RUNTIME_DIR" "$1"; }
backup_request() { printf '%s/%s.request' "$RUNTIME_DIR" "$BACKUP_UNIT"; }

# know_backups: sets BACKUP_FOLDER, and BACKUP_USER who owns it, from the unit that makes backups on demand; 1 when that
# is not on this host yet.
know_backups() {
  local file=/etc/systemd/system/$BACKUP_UNIT.service
  [[ -f $file ]] || return 1
  BACKUP_USER=$(sed -n 's/^User=//p' "$file")
  BACKUP_FOLDER=$(sed -nE 's/^ExecStart=.* folder=([^ ]+).*/\1/p' "$file")
  [[ -n $BACKUP_USER && -n $BACKUP_FOLDER ]]
}

# read_backup NAME FILE: prints a file of a backup as the backups' user: root follows no link in its folder.
read_backup() {
  know_backups && is_backup_name "$1" && [[ $2 != */* ]] && read_as_user "$BACKUP_USER" "$BACKUP_FOLDER/$1/$2"
}

# summarize_backups AWK: what this program of awk's prints of the manifest of each backup, whose name is in `name`. It
# is read as the backups' user.
# shellcheck disable=SC2016 # the other shell expands it
summarize_backups() {
  as_user "$BACKUP_USER" sh -c 'cd "$1" || exit
    for each in $3; do
      [ ! -f "$each/manifest" ] || awk -F "\t" -v name="$each" "$2" "$each/manifest"
    done' sh "$BACKUP_FOLDER" "$1" "$BACKUP_NAME" ||
    die "$BACKUP_FOLDER cannot be read" "is its disk mounted? findmnt -T $BACKUP_FOLDER"
}

# back_up_now NOTE [ROLE…]: backs up the databases of these roles (else those of each night), with NOTE in the manifest,
# and prints the backup's name; ends with the cause when none came to be. A backup whose NOTE begins with `before` is
# kept until there is one of a night that is a week younger.
back_up_now() { with_lock "$BACKUP_UNIT" ask_for_backup "$@" 3>&1 >&2; }

ask_for_backup() {
  local record began at ended why made
  know_backups || die "backups are not set up on this host yet" "run \`pulumi up\` first"
  # Whoever asked for it may be gone.
  wait_for 7200 backup_ended || die "$BACKUP_UNIT still runs" "systemctl status $BACKUP_UNIT"
  install -d -m 0755 "$RUNTIME_DIR" || die "$RUNTIME_DIR cannot be made"
  {
    printf 'note\t%s\n' "$(printable "$1")"
    (($# == 1)) || printf 'role\t%s\n' "${@:2}"
  } | write_file "$(backup_request)" 0600 root:root
  printf -v began '%(%s)T' -1
  systemctl start --quiet "$BACKUP_UNIT" 2>/dev/null || true
  rm -f "$(backup_request)"
  record=$(read_as_user "$BACKUP_USER" "/var/lib/$BACKUP_UNIT/last")
  at=$(field_of at - <<<"$record") ended=$(field_of ended - <<<"$record")
  why=$(field_of why - <<<"$record") made=$(field_of made - <<<"$record")
  if [[ ! $at =~ ^[0-9]+$ ]] || ((at < began)); then
    die "$BACKUP_UNIT did not run" "systemctl status $BACKUP_UNIT"
  fi
  { [[ $ended == success ]] && is_backup_name "$made"; } ||
    die "there is no backup: $(printable "${why:0:300}")" "journalctl -u $BACKUP_UNIT has the rest"
  printf '%s\n' "$made" >&3
}
backup_ended() { ! unit_runs "$BACKUP_UNIT.service"; }

# backup_names FOLDER: the backups, the newest first.
backup_names() {
  local each
  for each in "$1"/$BACKUP_NAME; do [[ ! -f $each/manifest ]] || printf '%s\n' "${each##*/}"; done | sort -r
}

# backups_with_notes FOLDER: the same, each with its note behind a tab.
backups_with_notes() {
  local name
  backup_names "$1" | while IFS= read -r name; do
    printf '%s\t%s\n' "$name" "$(field_of note "$1/$name/manifest")"
  done
}

# newest_backup FOLDER: the newest one of all databases that are backed up, or the newest one.
newest_backup() {
  local names
  names=$(backups_with_notes "$1")
  { grep -v $'\tbefore ' <<<"$names" || printf '%s\n' "$names"; } | head -n 1 | cut -f 1
}

# backups_to_delete DAYS WEEKS MONTHS [PROVEN] <names: prints those that need not be kept; a note may follow a name,
# behind a tab. Kept are all backups of the last DAYS days, the last one of each of the last WEEKS weeks, and of the
# last MONTHS months. Only days, weeks and months that have a backup count: after a pause of the host nothing is too
# old. Never among them are the newest one, and PROVEN, which was restored as a trial. One that was made before a change
# (`before …`) is kept until there is another that is a week younger, and does not count besides.
backups_to_delete() {
  local name note day week month second newest="" newest_second=0
  local -A days=() weeks=() months=()
  while IFS=$'\t' read -r name day week month second note; do
    local keep=""
    [[ $name != "${4-}" ]] || keep=yes
    if [[ $note == 'before '* ]]; then
      ((newest_second >= second + 7 * 86400)) || keep=yes
    else
      [[ -n $newest ]] || newest=$name newest_second=$second keep=yes
      if [[ -n ${days[$day]-} ]] || ((${#days[@]} < $1)); then days[$day]=1 keep=yes; fi
      if [[ -z ${weeks[$week]-} ]] && ((${#weeks[@]} < $2)); then weeks[$week]=1 keep=yes; fi
      if [[ -z ${months[$month]-} ]] && ((${#months[@]} < $3)); then months[$month]=1 keep=yes; fi
    fi
    [[ -n $keep ]] || printf '%s\n' "$name"
  done < <(sort -r | backup_dates)
}

# backup_dates <names with notes: each name with its day, week, month and second, then its note.
backup_dates() {
  local lines names
  mapfile -t lines
  ((${#lines[@]})) || return 0
  names=("${lines[@]%%$'\t'*}")
  paste <(printf '%s\n' "${names[@]}") \
    <(printf '%s\n' "${names[@]}" | sed -E 's/T(..)(..)(..)Z$/ \1:\2:\3Z/' | date -u -f - $'+%F\t%G-%V\t%Y-%m\t%s') \
    <(printf '%s\n' "${lines[@]}" | awk -F '\t' '{ print $2 }')
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

# dump_of WORD…: mariadb-dump with these words, in one transaction, so that the servers go on and the tables fit each
# other. Its user has no password: MariaDB asks the kernel who it is.
dump_of() {
  mariadb-dump --no-defaults --protocol=socket --socket="${ARG[socket]-}" --user="${SQL_USER:-root}" \
    --default-character-set=utf8mb4 --single-transaction "$@"
}
# dump_database DATABASE: all of it.
dump_database() { dump_of --quick --routines --events --triggers --hex-blob -- "$1"; }

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

# record_ending: what a unit runs last, however it ended: writes when that was, how, and why not well; `well` is when it
# last went well, and `made` the backup that it made.
record_ending() {
  local file=$STATE_DIRECTORY/last now why="" well="" made=""
  printf -v now '%(%s)T' -1
  [[ ! -f $file ]] || well=$(field_of well "$file")
  if [[ $SERVICE_RESULT == success ]]; then
    well=$now
    made=$(cat "$RUNTIME_DIRECTORY/made" 2>/dev/null)
  else
    why=$(sed -n 's/^error: //p' "$RUNTIME_DIRECTORY/errors" 2>/dev/null | head -n 1)
    if [[ -z $why ]]; then
      why="it was ended from outside ($SERVICE_RESULT${EXIT_STATUS:+, $EXIT_STATUS})"
      note "$why"
    fi
  fi
  printf '%s\t%s\n' at "$now" ended "$SERVICE_RESULT" why "$why" well "$well" made "$made" >"$file.new" &&
    sync "$file.new" && mv -fT "$file.new" "$file"
}
