#!/bin/bash
# Makes game data of a client 3.3.5a, a stage after the other. It runs on the operator's machine and on the host alike,
# so it reads none of the libraries, and needs no more than bash, coreutils, findutils, awk, grep and flock.
#   run.sh look CLIENT [LOCALE]                       says what the client is, and what is wrong with it
#   run.sh begin CLIENT SCRATCH                       makes the folder SCRATCH, which holds all that is made
#   run.sh make CLIENT SCRATCH TOOLS STAGES [LOCALE]  goes on where it was; TOOLS holds the extractors
#   run.sh mmaps DATA SCRATCH TOOLS                   makes mmaps of game data that is there already
#   run.sh free SCRATCH                               removes what is its own in SCRATCH
# What it says on standard output is for actions/client/stages.ts: a word, and what follows it.
set -u -o pipefail
export LC_ALL=C
umask 022
extract=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=server/extract/client.sh
. "$extract/client.sh"
# shellcheck source=server/extract/scratch.sh
. "$extract/scratch.sh"
# shellcheck source=server/extract/stages.sh
. "$extract/stages.sh"
# shellcheck source=server/extract/progress.sh
. "$extract/progress.sh"

# fail SENTENCE LINE…: ends it; the status says that it was told why.
fail() {
  printf 'error: %s\n' "$1" >&2
  (($# < 2)) || printf '  %s\n' "${@:2}" >&2
  exit 3
}

look() {
  inspect "$1" "${2-}"
  printf '%s\n' "${LOOKED[@]}"
}

begin() {
  scratch=$2
  take_scratch "$1"
}

make() {
  local client=$1 stages stage
  scratch=$2 tools=$3
  read -r -a stages <<<"$4"
  inspect "$client" "${5-}"
  refuse_wrong "$client"
  take_scratch "$client"
  begin_anew_if_changed
  enough_room "$client" "$4"
  link_client
  for stage in "${stages[@]}"; do pass "$stage"; done
}

mmaps() {
  local folder
  scratch=$2 tools=$3
  take_scratch "$1"
  for folder in dbc maps vmaps; do INPUTS+=("$folder $(stat -c '%i %Z' "$1/$folder")"); done
  begin_anew_if_changed
  for folder in dbc maps vmaps; do
    ln -sfnT "$1/$folder" "$folder" || full_or "$scratch cannot be written"
  done
  pass mmaps
}

case ${1-}:$# in
  look:[23] | begin:3 | make:[56] | mmaps:4 | free:2) "$@" ;;
  *) fail "usage: run.sh look|make|mmaps|free …" ;;
esac
