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
  check_manifest "$manifest" "$name"
  check_files_of "$manifest" "$name" "${manifest%/*}"
  room_for_tables "$manifest" "to try a backup"
  drop_scratch || die "MariaDB does not answer on ${ARG[socket]}"
  trap drop_scratch EXIT
  while IFS=$'\t' read -r database _ charset collation _; do
    know_untried "$database"
    restore "$database" "$charset" "$collation"
    check_restored "${ARG[scratch]}_1" "$manifest" "$name" "$database" "$untried" "$RUNTIME_DIRECTORY"
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

# restore DATABASE CHARSET COLLATION
restore() {
  local rcs said=$RUNTIME_DIRECTORY/said scratch=${ARG[scratch]}_1
  [[ $2$3 != *[!a-zA-Z0-9_]* ]] || die "the manifest of the backup $name names no character set: $(printable "$2 $3")"
  sql <<<"$(unlogged) CREATE DATABASE $(sql_name "$scratch") CHARACTER SET $2 COLLATE $3" 2>"$said" ||
    die "there is no scratch database: $(tail -n 1 "$said")"
  zstd -dcq "${manifest%/*}/$1.sql.zst" 2>/dev/null | {
    unlogged
    without_definers 2>/dev/null |
      without_untried
  } | sql "$scratch" 2>"$said"
  rcs=("${PIPESTATUS[@]}")
  [[ ${rcs[*]} == "0 0 0" ]] || die "$1.sql.zst of the backup $name cannot be restored: $(printable "$(tail -n 1 "$said")")"
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
