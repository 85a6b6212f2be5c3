#!/bin/bash
# The runner of one step on the server.
#   step.sh apply STEP KIND TOKEN OWNER key=value…   secrets on stdin, a line each: key base64
# A request is a folder: kind, owner, args (NUL-separated key=value), secrets/KEY.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libraries=("$here"/lib/*.sh)
for library in "${libraries[@]}"; do
  # shellcheck source=/dev/null
  . "$library"
done

# Secrets are there only while the step runs, in memory (/run), for root alone.
make_request() {
  local key value
  request=$(mktemp -d "$run_dir/trinity-step.XXXXXX") || no_room
  trap leave EXIT
  trap 'exit 130' INT TERM HUP
  mkdir -m 0700 "$request/secrets" || no_room
  { printf '%s' "$1" >"$request/kind" && printf '%s' "$2" >"$request/owner"; } || no_room
  shift 2
  : >"$request/args"
  (($# == 0)) || printf '%s\0' "$@" >"$request/args" || no_room
  while read -r key value; do
    [[ $key =~ ^[A-Za-z0-9._-]+$ ]] || die "bad secret name on stdin"
    (umask 077 && base64 -d <<<"$value" >"$request/secrets/$key") || die "secret $key did not arrive whole"
  done
}

run_dir=${TRINITY_RUN_DIR:-/run} relays=()
no_room() { die "the step's parameters could not be kept in $run_dir" "is it full? df -h $run_dir"; }
leave() {
  rm -rf "$request"
  exec >&- 2>&-
  ((${#relays[@]} == 0)) || wait "${relays[@]}"
}

# What has begun is brought to its end even when nobody listens any more: half an installation is worse than a whole one.
# So all that is printed goes through processes that outlive their reader.
outlive_reader() {
  exec > >(relay)
  relays+=("$!")
  exec 2> >(relay >&2)
  relays+=("$!")
}
relay() {
  local line
  trap '' PIPE HUP INT TERM
  while IFS= read -r line || [[ -n $line ]]; do printf '%s\n' "$line" 2>/dev/null || true; done
}

# A later run has asked for this step, or for its end.
superseded() { [[ $(<"$LOCK_DIR/$STEP.asked") != "$token" ]]; }

deviations() {
  local against
  look "$request"
  mapfile -t against < <(sed -n 's/^x //p' "$request/seen")
  ((${#against[@]} == 0)) || die "${against[0]}" "${against[@]:1}" "nothing was changed"
  sed '/^[!>]/d; s/^[+*~] /- /' "$request/seen"
}

apply_locked() {
  local before stale after rc scripts=("${libraries[@]}" "$here/kinds/$kind.sh")
  ! superseded || die "a later run has taken $STEP over"
  outlive_reader
  before=$(deviations) || exit 1
  stale=$(stale_lines "$STEP")
  if [[ -n $before || -n $stale ]]; then
    # The first time everything is missing, which nobody needs to be told.
    if completed "$STEP" && [[ -n $before ]]; then printf '%s\n' "$before"; fi
    put_ahead "$STEP" "$request" "${scripts[@]}" || exit 1
    if [[ -n $before ]]; then
      (
        # A command that fails without a word of its own is still named; as written, so no value of a secret shows.
        # shellcheck disable=SC2034 # the trap reads it
        level=$BASH_SUBSHELL
        trap '((BASH_SUBSHELL != level)) || printf "error: %s stopped at: %s\n" "$STEP" "$BASH_COMMAND" >&2' ERR
        set -eE
        apply </dev/null
      )
      rc=$?
      ((rc == 0)) || exit "$rc"
    fi
    [[ -z $stale ]] || drop_lines "$STEP" <<<"$stale" || exit 1
    after=$(deviations) || exit 1
    if [[ -n $after ]]; then
      mapfile -t lines <<<"$after"
      die "$STEP was applied, but it still is not as it should be:" "${lines[@]}"
    fi
  else
    note "as it should be"
    sed -n 's/^! //p' "$request/seen"
  fi
  # That of the later run, which waits for this lock or follows the same job, is the one its stack knows.
  superseded || put_receipt "$STEP" "$token" "$request" "${scripts[@]}" || exit 1
  outcome
}

[[ ${1-} == apply && $# -ge 5 ]] || die "usage: step.sh apply STEP KIND TOKEN OWNER key=value…"
STEP=$2 kind=$3 token=$4 owner=$5
shift 5
make_request "$kind" "$owner" "$@"
load_kind "$kind"
load_request "$request"
claim "$STEP" "$token"
with_lock "${LOCK:-$STEP}" apply_locked
