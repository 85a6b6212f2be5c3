#!/bin/bash
# The first half of a night's update: builds what is new on the branch, beside the live release.
#   night-build.sh build [jobs=N] [live=SCHEDULE]
#   night-build.sh record
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# shellcheck disable=SC2034 # lib/updating.sh reads them
build() {
  STEP="the night's build"
  UPDATE_BY=night UPDATE_UNIT=${RUNTIME_DIRECTORY##*/} UPDATE_LIVE=${ARG[live]-} UPDATE_ERRORS=$RUNTIME_DIRECTORY/step
  [[ -z ${ARG[jobs]-} ]] || export TRINITY_BUILD_JOBS=${ARG[jobs]}
  with_lock update prepare_update
}

action=$1
take_words "${@:2}"
case $action in
  build) run_noting_errors build ;;
  record) record_ending ;;
  *) exit 2 ;;
esac
