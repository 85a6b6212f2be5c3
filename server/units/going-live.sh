#!/bin/bash
# Finishes or undoes going live where it was cut off.
#   going-live.sh boot         before the servers start: what must not wait; the rest follows as a job
#   going-live.sh after DIR    at the end of the job whose folder is DIR, when it was killed
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
load_kind schema

at_boot() {
  local journal
  for journal in "$STATE_DIR"/going-live "$STATE_DIR"/realms/*/going-live; do
    [[ -d $journal ]] || continue
    (
      # shellcheck disable=SC2034 # the libraries read it
      STEP=$(<"$journal/step") AT_BOOT=yes
      load_request "$journal"
      hold_realm "a change of the release that was cut off"
      wait_for 120 mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
      resume_live
      read_journal || exit 0
      # shellcheck disable=SC2154 # a key of an array
      ARG[id]=${LIVE[to]}
      job_start "$(of_this_realm live)" "releases/${LIVE[to]}" "$here/units/job.sh"
    )
  done
}

resume_own() {
  hold_realm "a change of the release that was cut off"
  resume_live
}

case ${1-} in
  boot) at_boot ;;
  after)
    case ${SERVICE_RESULT-} in success | exit-code) exit 0 ;; esac
    # shellcheck disable=SC2034 # the libraries read it
    STEP=$(<"$2/step")
    job_main "$2" resume_own
    ;;
  *) exit 2 ;;
esac
