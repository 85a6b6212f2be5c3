#!/bin/bash
# What a long job's unit runs when the work belongs to a kind of step: the kind's function `unattended`, which goes on
# whether or not anybody listens.
#   job.sh JOB_DIR     holds the args, secrets and files of the step that started the job
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# shellcheck disable=SC2034 # the libraries read it
STEP=$(<"$1/step")
load_kind "$(<"$1/kind")"
work() {
  hold_realm_for_kind
  unattended
}
job_main "$1" work
