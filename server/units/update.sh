#!/bin/bash
# An update by hand, in a job of its own: whoever asked for it may go away meanwhile.
#   update.sh JOB_DIR     args: update (`yes`), commit (the newest of the branch where it is empty)
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# shellcheck disable=SC2034 # lib/updating.sh reads them
update() {
  STEP="an update by hand"
  UPDATE_BY=hand UPDATE_UNIT=$(job_unit update) UPDATE_ERRORS=$JOB_DIR/update/errors
  with_lock update both "${ARG[commit]-}"
}
both() { prepare_update "$1" && switch_update; }

job_main "$1" update
