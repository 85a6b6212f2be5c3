#!/bin/bash
# Brings the backups to a repository of restic, each as a snapshot of its time, and thins out what is there as it is
# here. Each week the repository is checked.
#   backup-offsite.sh send folder=PATH repository=REPOSITORY days=N weeks=N months=N
#   backup-offsite.sh record
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
umask 077

# What the stack's snapshots are called in a repository that may have others too.
TAG=trinity
WEEK=$((7 * 86400))

send() {
  local name last id
  know_login
  open_repository
  # While one is sent another may be made.
  while name=$(next_unsent) && [[ -n $name ]]; do send_one "$name"; done
  thin_out
  check_each_week
  note "${ARG[repository]} has all backups up to ${last:-none}"
}

# know_login: the environment of restic, which no other program here gets to see in its words.
know_login() {
  local pair
  while IFS= read -r pair; do export "${pair?}"; done <"$CREDENTIALS_DIRECTORY/environment"
  export RESTIC_PASSWORD_FILE=$CREDENTIALS_DIRECTORY/password RESTIC_CACHE_DIR=$CACHE_DIRECTORY TZ=UTC0
  RESTIC_REPOSITORY=$(with_login "${ARG[repository]}")
  export RESTIC_REPOSITORY
}

# with_login REPOSITORY: restic itself takes the login of a REST server from its environment since 0.16 only.
with_login() {
  local rest=${1#rest:}
  if [[ $1 == rest:* && -n ${RESTIC_REST_USERNAME-} ]]; then
    printf 'rest:%s://%s:%s@%s' "${rest%%://*}" "$(url_word "$RESTIC_REST_USERNAME")" \
      "$(url_word "${RESTIC_REST_PASSWORD-}")" "${rest#*://}"
  else
    printf '%s' "$1"
  fi
}
url_word() {
  local LC_ALL=C at sign
  for ((at = 0; at < ${#1}; at++)); do
    sign=${1:at:1}
    if [[ $sign == [A-Za-z0-9._~-] ]]; then printf '%s' "$sign"; else printf '%%%02X' "'$sign"; fi
  done
}

# open_repository: fills id, and last, the newest backup that this repository has. `init` never changes a repository
# that is there: it fails, and what the first try said is the cause.
open_repository() {
  local config why
  if ! config=$(ask cat config); then
    why=$(its_words)
    ask init >/dev/null || die "${ARG[repository]} cannot be opened: $why"
    note "made the repository ${ARG[repository]}"
    config=$(ask cat config) || failed "it was made, but cannot be opened"
  fi
  id=$(sed -nE 's/.*"id": *"([0-9a-f]+)".*/\1/p' <<<"$config")
  [[ -n $id ]] || die "restic tells nothing of the repository ${ARG[repository]}: $(restic version)"
  # One that was cut off leaves a lock, and nobody else is there.
  ask unlock >/dev/null || failed "a lock of an earlier run could not be taken away"
  last=$(field_of "$id" "$STATE_DIRECTORY/sent" 2>/dev/null) || last=""
}

# ask WORD…: what restic says of an error is kept.
ask() { restic "$@" 2>"$RUNTIME_DIRECTORY/said" </dev/null; }
# its_words: what follows the first line of an error tells of restic itself.
its_words() { printable "$(grep -m 1 '^Fatal: ' "$RUNTIME_DIRECTORY/said" || grep -m 1 . "$RUNTIME_DIRECTORY/said")"; }
failed() { die "${ARG[repository]}: $1: $(its_words)"; }

# next_unsent: the oldest backup that came after the last one that was sent.
next_unsent() {
  local name
  while IFS= read -r name; do
    if [[ $name > $last ]]; then printf '%s\n' "$name" && return; fi
  done < <(backup_names "${ARG[folder]}" | sort)
}

# send_one NAME
send_one() {
  local why=night
  [[ $(field_of note "${ARG[folder]}/$1/manifest") != 'before '* ]] || why=before
  ask backup --quiet --host "$TAG" --tag "$TAG,$why,$1" --time "${1:0:10} ${1:11:2}:${1:13:2}:${1:15:2}" \
    "${ARG[folder]}/$1" >/dev/null || failed "the backup $1 could not be brought there"
  last=$1
  { printf '%s\t%s\n' "$id" "$1" >"$STATE_DIRECTORY/sent.new" && sync "$STATE_DIRECTORY/sent.new" &&
    mv -fT "$STATE_DIRECTORY/sent.new" "$STATE_DIRECTORY/sent"; } ||
    die "$1 is there, but that could not be noted in $STATE_DIRECTORY" "is the disk full? df -h $STATE_DIRECTORY"
  printf '%s\n' "$1" >"$RUNTIME_DIRECTORY/made"
  note "sent $1"
}

thin_out() {
  local forget=(forget --quiet --host "$TAG" --group-by host)
  {
    ask "${forget[@]}" --tag "$TAG,before" --keep-within 7d &&
      ask "${forget[@]}" --tag "$TAG,night" --keep-within "${ARG[days]}d" --keep-daily "${ARG[days]}" \
        --keep-weekly "${ARG[weeks]}" --keep-monthly "${ARG[months]}" --prune
  } >/dev/null || failed "what is old there could not be taken away"
}

check_each_week() {
  local now checked
  printf -v now '%(%s)T' -1
  checked=$(field_of "$id" "$STATE_DIRECTORY/checked" 2>/dev/null) || checked=0
  # A week less some hours, as it does not begin at the same minute each night.
  ((now - ${checked:-0} >= WEEK - 6 * 3600)) || return 0
  ask check --quiet >/dev/null || failed "it is damaged, as \`restic check\` found"
  printf '%s\t%s\n' "$id" "$now" >"$STATE_DIRECTORY/checked" || die "$STATE_DIRECTORY cannot be written"
  note "checked the repository"
}

action=$1
take_words "${@:2}"
case $action in
  send) run_noting_errors send ;;
  record) record_ending ;;
  *) exit 2 ;;
esac
