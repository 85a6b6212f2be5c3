#!/bin/bash
# The servers' logs. Runs as the service user.
#   rotate-logs.sh aside FILE…         before a start: the core empties its log then, so the last one gets a name of its own
#   rotate-logs.sh nightly FOLDER DAYS MAINLOG…
#                                      sets the other logs aside, compresses what was set aside, deletes what is DAYS days old
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

# nightly FOLDER DAYS MAINLOG…
nightly() {
  local folder=$1 days=$2 file name
  shift 2
  for file in "$folder"/*.log; do
    name=${file##*/}
    # A server's main log stays until its next start: it is not written in a way that lets another empty it.
    [[ -s $file && ! -L $file && $name != *.????-??-??_??????.log && " $* " != *" $name "* ]] || continue
    cp -p "$file" "${file%.log}.$(date +%Y-%m-%d_%H%M%S).log" && : >"$file"
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
