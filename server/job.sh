#!/bin/bash
# What trinity-live.service and trinity-restart-SERVER.service run: servers that players are on are stopped, and what has to be done
# meanwhile is done, until they can be played on again, whether or not anybody listens.
#   live.sh JOB_DIR     args: those of the step that asked for it
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for library in "$here"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$library"
done

STEP=${1##*/}
if [[ $STEP == live ]]; then load_kind schema; else load_kind service; fi
job_main "$1" unattended
