#!/bin/bash
# The runner of one step on the host.
#   step.sh apply STEP KIND TOKEN[.BIRTH] OWNER key=value…   BIRTH when a new resource in Pulumi's state is made with it
#   step.sh again STEP                                       as its receipt says; a later `up` still decides
# Each key=value has only characters that mean nothing to any shell: decode has the rules.
# stdin: lines `secret KEY BASE64`, and `file NAME` followed by the file's lines, each behind a bar and with %XX for
# bytes that are not text. A request is a folder: kind, owner, args (NUL-separated key=value), secrets/KEY, files/NAME.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/libraries.sh"

# make_request: a request holds secrets, so it is in memory (/run), for root alone, and only while the step runs.
make_request() {
  request=$(mktemp -d "$REQUEST_TEMPLATE") || no_room
  trap leave EXIT
  trap 'exit 130' INT TERM HUP
  mkdir -m 0700 "$request/secrets" "$request/files" || no_room
  # bash reads a connection byte by byte, but a file in one go.
  (umask 077 && cat >"$request/stdin" 2>/dev/null) || no_room
  (umask 077 && take_stdin <"$request/stdin") || exit 1
  rm -f "$request/stdin"
}

# take_args KIND OWNER WORD…: writes the request's kind, owner and args.
take_args() {
  local word pairs=()
  { printf '%s' "$1" >"$request/kind" && printf '%s' "$2" >"$request/owner"; } || no_room
  shift 2
  for word; do
    decode word "$word" || die "a parameter did not arrive whole: ${word%%=*}"
    pairs+=("$word")
  done
  : >"$request/args"
  ((${#pairs[@]} == 0)) || printf '%s\0' "${pairs[@]}" >"$request/args" || no_room
}

# decode NAME WORD: fills the variable NAME. In WORD + is a blank, a comma is the end of a line, %XX is a byte.
decode() {
  local text=${2//+/ }
  [[ $2 != *[!A-Za-z0-9_./:,@%+=-]* && $2 != *%00* ]] || return 1
  text=${text//,/%0A}
  printf -v "$1" '%b' "${text//%/\\x}"
}

take_stdin() {
  local line name file=""
  while IFS= read -r line; do
    if [[ $line == '|'* && -n $file ]]; then
      { unescaped "${line:1}" && echo; } >>"$file" || no_room
    elif [[ $line =~ ^secret\ ([A-Za-z0-9._-]+)\ ([A-Za-z0-9+/=]*)$ ]]; then
      name=${BASH_REMATCH[1]}
      printf '%s' "${BASH_REMATCH[2]}" | base64 -d >"$request/secrets/$name" || die "secret $name did not arrive whole"
    elif [[ $line =~ ^file\ ([A-Za-z0-9._-]+)$ ]]; then
      file=$request/files/${BASH_REMATCH[1]}
      : >"$file" || no_room
    else
      die "what is on stdin did not arrive whole"
    fi
  done
}
unescaped() {
  local LC_ALL=C text=${1//\\/\\\\}
  if [[ $text == *%* ]]; then printf '%b' "${text//%/\\x}"; else printf '%s' "$1"; fi
}

relays=()
no_room() { die "the step's parameters could not be kept in $MEMORY_DIR" "is it full? df -h $MEMORY_DIR"; }
leave() {
  rm -rf "$request"
  exec >&- 2>&-
  ((${#relays[@]} == 0)) || wait "${relays[@]}"
}

# outlive_reader: a step that has begun goes on to its end, even when nobody listens any more: half an installation is
# worse than a whole one. So all output goes through processes that outlive their reader.
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

# superseded: a later run has asked for this step, or for its undo.
superseded() { [[ -n $claimed && $(<"$LOCK_DIR/$STEP.asked") != "$token" ]]; }
not_superseded() { ! superseded || die "a later run has taken $STEP over"; }

deviations() {
  local against
  look "$request"
  mapfile -t against < <(sed -n 's/^refused: //p' "$request/seen")
  ((${#against[@]} == 0)) || die "${against[0]}" "${against[@]:1}" "nothing was changed"
  sed '/^\(hint\|foretold\|effect\|outcome\): /d; s/^drift[a-z-]*: /- /; s/^blind: /- could not look: /' "$request/seen"
}

apply_locked() {
  local before stale after rc scripts=("${libraries[@]}" "${KIND_SCRIPTS[@]}")
  not_superseded
  outlive_reader
  before=$(deviations) || exit 1
  stale=$(stale_lines "$STEP")
  if [[ -n $before || -n $stale ]]; then
    # The first time everything is missing, and nobody needs to hear that.
    if completed "$STEP" && [[ -n $before ]]; then printf '%s\n' "$before"; fi
    put_ahead "$STEP" "$request" "${scripts[@]}" || exit 1
    if [[ -n $before ]]; then
      (
        # shellcheck disable=SC2034 # the trap reads it
        level=$BASH_SUBSHELL
        # shellcheck disable=SC2154 # it is set there
        trap 'failed=$?; ((BASH_SUBSHELL != level)) || printf "error: %s %s\n" "$STEP" "$(stopped_at "$failed" "$BASH_COMMAND")" >&2' ERR
        set -eE
        apply </dev/null
      )
      rc=$?
      ((rc == 0)) || { audit_step failed && exit "$rc"; }
    fi
    [[ -z $stale ]] || drop_lines "$STEP" <<<"$stale" || exit 1
    after=$(deviations) || exit 1
    if [[ -n $after ]]; then
      mapfile -t lines <<<"$after"
      audit_step failed
      die "$STEP was applied, but it still is not as it should be:" "${lines[@]}"
    fi
  else
    note "as it should be"
    sed -n 's/^hint: //p' "$request/seen"
  fi
  # A later run waits for this lock or follows the same job, and its token is the one that Pulumi will know. So Pulumi
  # must not take this run for done.
  not_superseded
  put_receipt "$STEP" "$token" "$request" "${scripts[@]}" || exit 1
  [[ -z $before$stale ]] || audit_step "done"
  outcome | sed 's/^/outcome: /'
}

# audit_step OUTCOME: a step that was as wanted is nothing that anybody did.
audit_step() { audit "$(if [[ -n $claimed ]]; then echo up; else echo again; fi) $STEP" "$1"; }

# again_locked: reads the receipt only now that it has the lock: meanwhile an `up` may have changed the step, or taken
# it away.
again_locked() {
  local receipt=$RECEIPTS/$STEP
  completed "$STEP" || { note "it is not there any more" && return; }
  token=$(<"$receipt/token")
  cp "$receipt"/{kind,owner,args} "$request" || no_room
  load_request "$request"
  apply_locked
}

STEP=${2-}
case ${1-}:$# in
  apply:[5-9] | apply:[1-9]?*)
    kind=$3 token=${4%%.*} claimed=yes
    make_request
    [[ $4 != *.* ]] || printf '%s' "${4#*.}" >"$request/birth" || no_room
    take_args "$kind" "$5" "${@:6}"
    load_kind "$kind"
    load_request "$request"
    claim "$STEP" "$token"
    hold_realm_for_kind
    with_lock "${LOCK:-$STEP}" apply_locked
    ;;
  again:2)
    # shellcheck disable=SC2034 # kinds read it: what `up` sends along is not there
    claimed="" AGAIN=yes
    # A step keeps its kind, so the kind can be read without the lock.
    kind=$(<"$RECEIPTS/$STEP/kind")
    # The steps that are done again have no secrets.
    make_request </dev/null
    load_kind "$kind"
    hold_realm_for_kind
    with_lock "${LOCK:-$STEP}" again_locked
    ;;
  *) die "usage: step.sh apply STEP KIND TOKEN OWNER key=value… | again STEP" ;;
esac
