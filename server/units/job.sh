#!/bin/bash
# What a long job's unit runs where the work is part of a kind of step: that kind's function `unattended`, which goes on whether or not
# anybody listens. Kinds: source (trinity-fetch), tdb (trinity-tdb), schema (trinity-live), service (trinity-restart-SERVER).
#   job.sh JOB_DIR     args, secrets and files: those of the step that asked for it
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

STEP=${1##*/}
case $STEP in
  fetch) load_kind source ;;
  tdb) load_kind tdb ;;
  live) load_kind schema ;;
  *) load_kind service ;;
esac
job_main "$1" unattended
