#!/bin/bash
# What a long job's unit runs where the work is part of a kind of step: that kind's function `unattended`, which goes on
# whether or not anybody listens.
#   job.sh JOB_DIR     args, secrets and files: those of the step that asked for it
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# shellcheck disable=SC2034 # the libraries read it
STEP=$(<"$1/step")
load_kind "$(<"$1/kind")"
job_main "$1" unattended
