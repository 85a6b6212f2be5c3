#!/bin/bash
# Tries the newest backup: restores it into scratch databases, dumps them again, and compares that with the manifest.
# Its user may change nothing but databases of the scratch name.
#   backup-drill.sh try folder=PATH socket=PATH scratch=NAME
#   backup-drill.sh record socket=PATH scratch=NAME
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
umask 077

try() {
  local database charset collation name manifest untried
  name=$(newest_backup "${ARG[folder]}")
  [[ -n $name ]] || die "there is no backup in ${ARG[folder]} yet" "make one: systemctl start ${ARG[unit]}"
  manifest=${ARG[folder]}/$name/manifest
  note "trying ${ARG[folder]}/$name"
  check_manifest
  check_files
  require_room
  drop_scratch || die "MariaDB does not answer on ${ARG[socket]}"
  trap drop_scratch EXIT
  while IFS=$'\t' read -r database _ charset collation _; do
    know_untried "$database"
    restore "$database" "$charset" "$collation"
    compare "$database"
    drop_scratch
  done < <(sed -n 's/^database\t//p' "$manifest")
  note_tried || die "the result could not be written to $STATE_DIRECTORY" "is the disk full? df -h $STATE_DIRECTORY"
  note "$name was restored, and is equal"
}

# note_tried: `proven` is the last one that was found whole; `tried` has the ones before too, with the time.
note_tried() {
  {
    printf '%s\t%(%s)T\n' "$name" -1
    [[ ! -f $STATE_DIRECTORY/tried ]] || head -n 99 "$STATE_DIRECTORY/tried"
  } >"$STATE_DIRECTORY/tried.new" && printf '%s\n' "$name" >"$STATE_DIRECTORY/proven.new" || return 1
  sync "$STATE_DIRECTORY"/{tried,proven}.new && mv -fT "$STATE_DIRECTORY/tried.new" "$STATE_DIRECTORY/tried" &&
    mv -fT "$STATE_DIRECTORY/proven.new" "$STATE_DIRECTORY/proven"
}

check_manifest() {
  local first sum
  read -r first <"$manifest" || first=""
  [[ $first == "$BACKUP_FORMAT" ]] || die "the backup $name is of another format than this stack reads" \
    "its manifest begins with: $(printable "${first:0:100}")"
  sum=$(sed '$d' "$manifest" | sha256sum)
  [[ $(tail -n 1 "$manifest") == $'sum\t'"${sum%% *}" ]] || die "the manifest of the backup $name was cut off or changed"
}

check_files() {
  local file bytes sum seen
  while IFS=$'\t' read -r file bytes sum _; do
    [[ $file != */* ]] || die "the manifest of the backup $name names a file elsewhere: $(printable "$file")"
    [[ -f ${manifest%/*}/$file ]] || die "the backup $name has no $file any more"
    seen=$(stat -c %s "${manifest%/*}/$file")
    [[ $seen == "$bytes" ]] || die "$file of the backup $name has $seen bytes, should have $bytes"
    seen=$(sha256sum <"${manifest%/*}/$file")
    [[ ${seen%% *} == "$sum" ]] || die "$file of the backup $name was changed since it was made"
  done < <(sed -n 's/^file\t//p' "$manifest")
}

# require_room: tables need about twice what their dump has.
require_room() {
  local wanted free
  wanted=$(awk -F '\t' '$1 == "file" && $5 > most { most = $5 } END { printf "%.0f", most * 2 / 1048576 + 50 }' "$manifest")
  free=$(df -Pm "$(sql <<<'SELECT @@datadir' 2>/dev/null || echo /var/lib)" | awk 'NR == 2 { print $4 }')
  ((free > wanted)) || die "MariaDB's disk has $free MB left, and to try a backup it takes $wanted MB"
}

# unlogged: a statement that keeps the next ones out of the binary log, which replicas read.
unlogged() { [[ $(sql <<<'SELECT @@log_bin') == 0 ]] || echo 'SET SESSION sql_log_bin = 0;'; }

drop_scratch() {
  local names each
  names=$(sql <<<"SHOW DATABASES LIKE $(sql_quote "${ARG[scratch]//_/\\_}%")" 2>/dev/null) || return 1
  for each in $names; do sql <<<"$(unlogged) DROP DATABASE $(sql_name "$each")"; done
}

# know_untried DATABASE: fills untried with the kinds of things that cannot be made. Where MariaDB writes a binary log,
# only an account with SUPER may make triggers and functions, and this one must not have that.
know_untried() {
  untried=""
  [[ $(sql <<<'SELECT @@log_bin AND NOT @@log_bin_trust_function_creators') == 1 ]] || return 0
  untried=$(sed -nE "s/^object\t$1\t(triggers|function)\t.*/\1/p" "$manifest" | sort -u)
  [[ -z $untried ]] || note "$1: not tried, as that takes SUPER where MariaDB writes a binary log: ${untried//$'\n'/, }"
}

# without_untried <dump
without_untried() {
  if [[ -z $untried ]]; then cat; else awk '
    /^DELIMITER ;;$/ { block = $0; next }
    block == "" { print; next }
    { block = block "\n" $0 }
    /^DELIMITER ;$/ {
      if (block !~ /\n(\/\*!50003 CREATE\*\/ \/\*!50017|CREATE (AGGREGATE )?FUNCTION )/) print block
      block = ""
    }'; fi
}

# restore DATABASE CHARSET COLLATION: who defined a view or a routine is left out, as only root may define them for
# others.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
restore() {
  local rcs said=$RUNTIME_DIRECTORY/said scratch=${ARG[scratch]}_1
  [[ $2$3 != *[!a-zA-Z0-9_]* ]] || die "the manifest of the backup $name names no character set: $(printable "$2 $3")"
  sql <<<"$(unlogged) CREATE DATABASE $(sql_name "$scratch") CHARACTER SET $2 COLLATE $3" 2>"$said" ||
    die "there is no scratch database: $(tail -n 1 "$said")"
  zstd -dcq "${manifest%/*}/$1.sql.zst" 2>/dev/null | {
    unlogged
    sed -E 's/^(CREATE|\/\*!50013|\/\*!50003 CREATE\*\/ \/\*!50017|\/\*!50106 CREATE\*\/ \/\*!50117) DEFINER=`([^`]|``)*`(@`([^`]|``)*`)?/\1/' 2>/dev/null |
      without_untried
  } | sql "$scratch" 2>"$said"
  rcs=("${PIPESTATUS[@]}")
  [[ ${rcs[*]} == "0 0 0" ]] || die "$1.sql.zst of the backup $name cannot be restored: $(printable "$(tail -n 1 "$said")")"
}

# compare DATABASE
compare() {
  local wanted=$RUNTIME_DIRECTORY/wanted seen=$RUNTIME_DIRECTORY/seen rcs differing
  dump_database "${ARG[scratch]}_1" | inventory_of >"$seen"
  rcs=("${PIPESTATUS[@]}")
  [[ ${rcs[*]} == "0 0" ]] || die "what was restored of $1 cannot be read"
  sed -n "s/^object\t$1\t//p" "$manifest" | grep -vE "^(${untried//$'\n'/|})"$'\t' | LC_ALL=C sort >"$wanted"
  objects_of <"$wanted" >"$wanted.objects"
  objects_of <"$seen" >"$seen.objects"
  mapfile -t differing < <(what_differs "$wanted.objects" "$seen.objects")
  ((${#differing[@]} == 0)) ||
    die "$1 of the backup $name does not come back as it was: ${differing[0]}" "${differing[@]:1:20}"
  # Another version of MariaDB may write the same definition in other words.
  [[ -n $untried || $(field_of server "$manifest") != "$(sql <<<'SELECT @@version')" ]] ||
    [[ $(field_of structure "$wanted") == "$(field_of structure "$seen")" ]] ||
    die "$1 of the backup $name does not come back as it was: a table, a view or a routine is defined in another way"
}

action=$1
take_words "${@:2}"
SQL_USER=$(id -un)
export SQL_USER
case $action in
  try) run_noting_errors locked_folder try ;;
  record)
    record_ending
    drop_scratch
    ;;
  *) exit 2 ;;
esac
