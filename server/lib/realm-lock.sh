# shellcheck shell=bash
# The lock of whoever changes the live realm: going live, a restore, a rollback, the night's switch, starts and stops.
# It is above the steps' own locks: whoever needs both takes this one first.

# hold_realm WHAT: until this process ends. Waits for whoever holds it, and says who that is. What the holder starts,
# also as a job, holds it as well.
hold_realm() {
  local file=$LOCK_DIR/realm
  ! holds_realm || return 0
  { mkdir -p "$LOCK_DIR" && exec {REALM_LOCK}>>"$file"; } ||
    die "$file cannot be written" "is it full? df -h $LOCK_DIR"
  if ! flock -n "$REALM_LOCK"; then
    note "waiting: $(realm_held_by)"
    flock -w "${LOCK_WAIT:-1800}" "$REALM_LOCK" ||
      die "$(realm_held_by), still" "wait for that to end, or stop it; then try again"
  fi
  join_realm_jobs
  TRINITY_REALM_HELD="$1 (process $$, since $(TZ=UTC0 printf '%(%H:%M:%S)T') UTC)"
  export TRINITY_REALM_HELD
  { printf '%s' "$TRINITY_REALM_HELD" >"$file.holder" && rm -f "$file.jobs"; } ||
    die "$file.holder cannot be written" "is it full? df -h $LOCK_DIR"
}

# holds_realm: this process does, or one that started it.
holds_realm() {
  [[ -n ${TRINITY_REALM_HELD-} && $TRINITY_REALM_HELD == "$(cat "$LOCK_DIR/realm.holder" 2>/dev/null)" ]]
}

realm_held_by() {
  printf 'the realm is being changed: %s' "$(head -c 200 "$LOCK_DIR/realm.holder" 2>/dev/null || echo 'by another run')"
}

# realm_holder: prints who holds it, as a sentence; nothing when nobody does.
realm_holder() {
  [[ ! -e $LOCK_DIR/realm ]] || flock -n "$LOCK_DIR/realm" true || realm_held_by
}

# note_realm_job NAME: the job goes on when its holder is killed, so that the next holder waits for it.
note_realm_job() { ! holds_realm || printf '%s\n' "$1" >>"$LOCK_DIR/realm.jobs"; }

# join_realm_jobs: waits for what a holder that was killed left at work. The step's own job is joined by its kind.
join_realm_jobs() {
  local job
  while IFS= read -r job; do
    case $job in
      "${STEP-}") ;;
      live*) job_join "$job" "the change to a new release" ;;
      restart-*) job_join "$job" "the restart" ;;
      *) job_join "$job" "what was begun" ;;
    esac || true
  done < <(cat "$LOCK_DIR/realm.jobs" 2>/dev/null)
}

# hold_realm_for_kind: for a step of a kind that changes the live realm.
hold_realm_for_kind() { [[ -z ${CHANGES_REALM-} ]] || hold_realm "$STEP"; }
