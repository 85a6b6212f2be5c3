#!/bin/bash
# Keeps the servers' logs in order. Runs as the service user.
#   rotate-logs.sh aside FILE…         before a start: the last log gets a name of its own
#   rotate-logs.sh nightly FOLDER DAYS [NAME…]
#                                      sets aside all logs but NAME…, compresses what was set aside, and deletes what is
#                                      DAYS days old
set -u -o pipefail
export LC_ALL=C PATH=/usr/bin:/bin
umask 027

# aside FILE: Server.log becomes Server.2026-05-01_030000.log, by the time of its last line.
aside() {
  local stamp
  [[ -s $1 && ! -L $1 ]] || return 0
  stamp=$(date -d "@$(stat -c %Y "$1")" +%Y-%m-%d_%H%M%S)
  mv -T "$1" "${1%.log}.$stamp.log"
}

# The message of a server that has lost MariaDB for good. A look searches the log of this start for it.
LOST='Unhandled MySQL errno 2002'

# nightly FOLDER DAYS [NAME…]
nightly() {
  local folder=$1 days=$2 file name kept
  shift 2
  for file in "$folder"/*.log; do
    name=${file##*/}
    # NAME…: logs to which a server perhaps does not append: an emptied one would then begin with a hole.
    [[ -s $file && ! -L $file && $name != *.????-??-??_??????.log && " $* " != *" $name "* ]] || continue
    kept=${file%.log}.$(date +%Y-%m-%d_%H%M%S).log
    if ! cp -p "$file" "$kept"; then continue; fi
    : >"$file"
    # One such line is enough; the server appends after it.
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
