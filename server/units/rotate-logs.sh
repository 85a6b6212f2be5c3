#!/bin/bash
# The servers' logs. Runs as the service user.
#   rotate-logs.sh aside FILE…         before a start: the last log gets a name of its own
#   rotate-logs.sh nightly FOLDER DAYS [NAME…]
#                                      sets all logs but NAME… aside, compresses what was set aside, deletes what is
#                                      DAYS days old
set -u -o pipefail
export LC_ALL=C PATH=/usr/bin:/bin
umask 027

# aside FILE: Server.log becomes Server.2026-05-01_030000.log
aside() {
  local stamp
  [[ -s $1 && ! -L $1 ]] || return 0
  stamp=$(date -d "@$(stat -c %Y "$1")" +%Y-%m-%d_%H%M%S)
  mv -T "$1" "${1%.log}.$stamp.log"
}

# What tells a server that has lost MariaDB for good; the look for it reads the log of this start.
LOST='Unhandled MySQL errno 2002'

# nightly FOLDER DAYS [NAME…]
nightly() {
  local folder=$1 days=$2 file name kept
  shift 2
  for file in "$folder"/*.log; do
    name=${file##*/}
    # One that is not written at its end would have a hole where it was emptied.
    [[ -s $file && ! -L $file && $name != *.????-??-??_??????.log && " $* " != *" $name "* ]] || continue
    kept=${file%.log}.$(date +%Y-%m-%d_%H%M%S).log
    if ! cp -p "$file" "$kept"; then continue; fi
    : >"$file"
    # Of many such lines one suffices; the server goes on at the file's end.
    grep -aFm 1 "$LOST" "$kept" >>"$file"
  done
  for file in "$folder"/*.????-??-??_??????.log; do
    [[ ! -f $file || -L $file ]] || gzip -f "$file"
  done
  find "$folder" -maxdepth 1 -type f -name '*.????-??-??_??????.log.gz' -mtime "+$((days - 1))" -print -delete
}

case ${1-} in
  aside)
    shift
    for file in "$@"; do aside "$file"; done
    ;;
  nightly) nightly "${@:2}" ;;
  *) exit 2 ;;
esac
