# shellcheck shell=bash
# Updates of the core while a stack follows a branch: by the night's units, and by hand. What is on record outlives the
# process and the host.

# The update that has begun and is not live yet: `from` (the repository's commit that was checked out before), `to`,
# `head` (with the patches on top), `release` (what is built of it) and `phase` (building, built, switching). It is
# written before each of these begins.
update_record() { printf '%s/update' "$STATE_DIR"; }
# Commits that could not be built, or did not serve: a line `COMMIT TIME WHY`, with tabs between.
failed_commits() { printf '%s/failed-commits' "$STATE_DIR"; }
# How the last update ended, for people and for `status`: `at`, `by` (night, hand; live where a release went live, or
# did not, without their words), `did` (nothing, built, live, failed, skipped) and `said`, a line each.
last_update() { printf '%s/last-update' "$STATE_DIR"; }

# remember_failed COMMIT WHY: COMMIT is what is checked out, with the patches on top: other patches make another one.
remember_failed() {
  local file
  file=$(failed_commits)
  {
    # One that fails again counts as failed now; the others as they were.
    [[ ! -f $file ]] || grep -v "^$1"$'\t' "$file" | tail -n 49 || true
    printf '%s\t%(%s)T\t%s\n' "$1" -1 "$(printable "${2%%$'\n'*}")"
  } | write_file "$file" 0600 0:0
}
# why_failed COMMIT: why it failed when it was tried; 1 when nothing is known against it.
why_failed() {
  local commit time why
  [[ -f $(failed_commits) ]] || return 1
  while IFS=$'\t' read -r commit time why; do
    [[ $commit != "$1" ]] || { printf '%s (%s)\n' "$why" "$(date -d "@$time" '+%a %F %H:%M')" && return; }
  done <"$(failed_commits)"
  return 1
}
# forget_failed COMMIT: it may be tried again.
forget_failed() {
  [[ ! -f $(failed_commits) ]] || { grep -v "^$1"$'\t' "$(failed_commits)" || true; } |
    write_file "$(failed_commits)" 0600 0:0
}

# note_update BY DID SENTENCE: records how an update ended, and says it.
note_update() {
  note "$3"
  record_ended_update "$@"
}
record_ended_update() {
  printf '%s\n' "at=$(date +%s)" "by=$1" "did=$2" "said=$(printable "$3")" | write_file "$(last_update)" 0600 0:0
}

# begin_phase PHASE [KEY=VALUE…]: what is not named stays.
begin_phase() {
  local -A is=()
  local pair
  read_fields "$(update_record)" is
  for pair in "${@:2}" "phase=$1"; do is[${pair%%=*}]=${pair#*=}; done
  for pair in "${!is[@]}"; do printf '%s=%s\n' "$pair" "${is[$pair]}"; done | sort |
    write_file "$(update_record)" 0600 0:0
}
end_update() { rm -f "$(update_record)"; }

# held_update RELEASE: RELEASE is built, or is being built, by an update that has not switched to it: for who looks at
# the host it is no deviation. Prints the phase. Who works on the update (TRINITY_UPDATE) says what he wants.
held_update() {
  local -A is=()
  [[ -f $(update_record) ]] || return 1
  read_fields "$(update_record)" is
  [[ ${is[release]-} == "$1" && ${TRINITY_UPDATE-} != switch ]] || return 1
  printf '%s' "${is[phase]-}"
}

# as_step STEP COMMAND…: runs a function with the kind and the parameters of a step loaded, as its receipt has them.
# shellcheck disable=SC2154 # `here` is the folder of these scripts
as_step() (
  STEP=$1
  REQUEST=$(mktemp -d "$REQUEST_TEMPLATE") || die "the step's parameters could not be kept in $MEMORY_DIR"
  trap 'rm -rf "$REQUEST"' EXIT
  { mkdir -m 0700 "$REQUEST"/{secrets,files} && cp "$RECEIPTS/$STEP"/{kind,owner,args} "$REQUEST"; } ||
    die "the step's parameters could not be kept in $MEMORY_DIR" "is it full? df -h $MEMORY_DIR"
  load_kind "$(<"$REQUEST/kind")"
  load_request "$REQUEST"
  "${@:2}"
)
