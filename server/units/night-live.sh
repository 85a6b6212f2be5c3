#!/bin/bash
# The second half of a night's update: what the first half built goes live. It is never made up for: players are not to
# be sent away at another time of the day.
#   night-live.sh live schedule=SCHEDULE [builds=UNIT]
#   night-live.sh record
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

MINUTES_LATE=10

# shellcheck disable=SC2034 # lib/updating.sh reads them
live() {
  STEP="the night's switch"
  UPDATE_BY=night UPDATE_UNIT=${RUNTIME_DIRECTORY##*/} UPDATE_ERRORS=$RUNTIME_DIRECTORY/step
  if [[ -n ${TRIGGER_UNIT-} ]] && came_late; then
    note "it is no longer the time to switch (${ARG[schedule]-}): a host that was asleep then does not make up for it"
    return
  fi
  if unit_runs "${ARG[builds]-}" || job_running build; then
    note_update night skipped "no switch this night: the build was still running"
    alert update-failed "no switch this night: the build was still running" "journalctl -u ${ARG[builds]-} has the rest"
    return
  fi
  with_lock update switch_update
}

# came_late: systemd also starts what a host slept through when it wakes up.
came_late() {
  local now next
  printf -v now '%(%s)T' -1
  next=$(calendar_after $((now - 60 * MINUTES_LATE)) "${ARG[schedule]-}") && ((next > now))
}

action=$1
take_words "${@:2}"
case $action in
  live) run_noting_errors live ;;
  record) record_ending ;;
  *) exit 2 ;;
esac
