#!/bin/bash
# Makes a backup, as a user who may only read the databases.
#   backup.sh make unit=NAME folder=PATH socket=PATH days=N weeks=N months=N trials=FOLDER
#   backup.sh record folder=PATH
# A backup gets its name when all of it is on the disk and has been read back, so that what was cut off never looks like
# one.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
umask 077

make() {
  local name problems loose database role charset collation looked expected
  looked=$(backup_look "${ARG[unit]}") expected=$looked/expected
  mapfile -t problems < <(sed -n 's/^problem\t//p' "$expected")
  ((${#problems[@]} == 0)) || die "${problems[@]}"
  remove_leftovers
  new=$(mktemp -d "${ARG[folder]}/.new.XXXXXX") || no_room "${ARG[folder]} cannot be written"
  trap 'rm -rf "$new"' EXIT
  {
    printf '%s\nmade\t%s\n' "$BACKUP_FORMAT" "$(date -u +%FT%TZ)"
    grep -E $'^(server|release|note)\t' "$expected"
  } >"$RUNTIME_DIRECTORY/manifest"
  while IFS=$'\t' read -r database role charset collation; do
    note "backing up $database"
    back_up "$database" "$expected"
    printf 'database\t%s\t%s\t%s\t%s\t%s\n' "$database" "$role" "$charset" "$collation" \
      "$(sed -n "s/^updated\t$database\t//p" "$expected")" >>"$RUNTIME_DIRECTORY/manifest"
  done < <(sed -n 's/^database\t//p' "$expected")
  mapfile -t loose < <(sed -n 's/^loose\t\([^\t]*\)\t/\1./p' "$expected")
  ((${#loose[@]} == 0)) ||
    note "not InnoDB's, so that their rows may be of another moment than the rest: ${loose[*]}"
  [[ ! -f $looked/custom-sql.tar ]] || pack_custom_sql "$looked/custom-sql.tar"
  [[ ! -f $looked/$MASTERS_IN_BACKUP ]] || keep_masters "$looked/$MASTERS_IN_BACKUP"
  finish
  thin_out
}

no_room() { die "$1" "is the disk full? df -h ${ARG[folder]}"; }

remove_leftovers() { rm -rf "${ARG[folder]}"/.new.* "${ARG[folder]}"/.old.*; }

# back_up DATABASE EXPECTED
back_up() {
  local database=$1 file=$new/$1.sql.zst said=$RUNTIME_DIRECTORY/said rcs seen=$RUNTIME_DIRECTORY/seen
  local wanted=$RUNTIME_DIRECTORY/wanted lacking
  dump_database "$database" 2>"$said" | zstd -q -o "$file" 2>"$said.zstd"
  rcs=("${PIPESTATUS[@]}")
  ((rcs[1] == 0)) || no_room "the dump of $database could not be written: $(head -n 1 "$said.zstd")"
  ((rcs[0] == 0)) || die "the dump of $database failed: mariadb-dump ended with $(ended_with "${rcs[0]}" "$said")"
  sync "$file" || no_room "the dump of $database could not be written to the disk"
  # What counts is what is on the disk.
  zstd -dcq "$file" | inventory_of >"$seen" || no_room "the dump of $database cannot be read back"
  lacking=$(sed -n 's/^unread\t//p' "$seen" | head -n 1)
  [[ -z $lacking ]] || die "the dump of $database is not whole: the rows of $lacking could not be read" \
    "what the user of the backups may see is checked by \`pulumi preview\`"
  grep -qx whole "$seen" || die "the dump of $database has no end, though mariadb-dump did not complain"
  ! grep -qx foreign "$seen" || die "this mariadb-dump writes rows in a way that cannot be counted" \
    "$(mariadb-dump --version)"
  # The rows are not compared: they are of the dump's own moment.
  sed -n "s/^object\t$database\t//p" "$2" | LC_ALL=C sort >"$wanted"
  objects_of <"$seen" | sed 's/^\(table\t[^\t]*\)\t.*/\1/' | LC_ALL=C sort >"$seen.objects"
  mapfile -t lacking < <(what_differs "$wanted" "$seen.objects")
  ((${#lacking[@]} == 0)) || die "the dump of $database is not whole: ${lacking[0]}" "${lacking[@]:1}" \
    "what the user of the backups may see is checked by \`pulumi preview\`"
  {
    describe_file "${file##*/}" "$(field_of bytes "$seen")"
    grep -vE '^(bytes|whole)' "$seen" | sed "s/^/object\t$database\t/"
  } >>"$RUNTIME_DIRECTORY/manifest"
}

# ended_with STATUS FILE: the status or signal of a program, and its last words.
ended_with() {
  local words
  words=$(tail -n 1 "$2")
  if (($1 > 128)); then printf 'signal %s' "$(kill -l $(($1 - 128)))"; else printf 'status %s' "$1"; fi
  printf '%s' "${words:+: $(printable "$words")}"
}

# describe_file NAME UNPACKED
describe_file() {
  local sum
  sum=$(sha256sum <"$new/$1") || no_room "$1 cannot be read back"
  printf 'file\t%s\t%s\t%s\t%s\n' "$1" "$(stat -c %s "$new/$1")" "${sum%% *}" "$2"
}

# pack_custom_sql TAR
pack_custom_sql() {
  { zstd -q -o "$new/custom-sql.tar.zst" <"$1" && sync "$new/custom-sql.tar.zst"; } ||
    no_room "the custom SQL could not be written"
  describe_file custom-sql.tar.zst "$(stat -c %s "$1")" >>"$RUNTIME_DIRECTORY/manifest"
}

# keep_masters FILE
keep_masters() {
  { cat "$1" >"$new/$MASTERS_IN_BACKUP" && sync "$new/$MASTERS_IN_BACKUP"; } ||
    no_room "the master secrets of two-factor could not be written"
  describe_file "$MASTERS_IN_BACKUP" "$(stat -c %s "$1")" >>"$RUNTIME_DIRECTORY/manifest"
}

# finish: the manifest's last line is the sum of the others.
finish() {
  local sum
  sum=$(sha256sum <"$RUNTIME_DIRECTORY/manifest")
  {
    { cat "$RUNTIME_DIRECTORY/manifest" && printf 'sum\t%s\n' "${sum%% *}"; } >"$new/manifest" &&
      sync "$new/manifest" "$new"
  } || no_room "the manifest could not be written"
  name=$(date -u +%FT%H%M%SZ)
  while [[ -e ${ARG[folder]}/$name ]]; do sleep 1 && name=$(date -u +%FT%H%M%SZ); done
  { mv -T "$new" "${ARG[folder]}/$name" && sync "${ARG[folder]}"; } || no_room "the backup could not get its name"
  trap - EXIT
  printf '%s\n' "$name" >"$RUNTIME_DIRECTORY/made"
  note "made ${ARG[folder]}/$name ($(du -sh "${ARG[folder]}/$name" | cut -f 1))"
}

# thin_out: a folder that is being deleted has no backup's name any more.
thin_out() {
  local each proven
  proven=$(cat "${ARG[trials]}/proven" 2>/dev/null) || proven=""
  while IFS= read -r each; do
    { mv -T "${ARG[folder]}/$each" "${ARG[folder]}/.old.$each" && rm -rf "${ARG[folder]}/.old.$each"; } ||
      die "the backup is made, but the old one $each could not be deleted" "ls -la ${ARG[folder]}"
    note "deleted $each"
  done < <(backups_with_notes "${ARG[folder]}" |
    backups_to_delete "${ARG[days]}" "${ARG[weeks]}" "${ARG[months]}" "$proven")
}

action=$1
take_words "${@:2}"
SQL_USER=$(id -un)
export SQL_USER
case $action in
  make) run_noting_errors locked_folder make ;;
  record)
    record_ending
    locked_folder remove_leftovers
    ;;
  *) exit 2 ;;
esac
