#!/bin/bash
# alert-unit.sh EVENT:UNIT: what OnFailure= of the stack's units starts: tells that UNIT failed, why, and its end.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

event=${1%%:*} unit=${1#*:}
journalctl --sync 2>/dev/null || true
read_unit "$unit.service" InvocationID Result ExecMainStatus
mapfile -t lines < <(journalctl -q -o cat --no-pager -n 40 "_SYSTEMD_INVOCATION_ID=${PROPERTY[InvocationID]}" + \
  "INVOCATION_ID=${PROPERTY[InvocationID]}" 2>/dev/null)
why=""
for line in "${lines[@]}"; do [[ $line != 'error: '* || -n $why ]] || why=${line#error: }; done
[[ -n $why ]] || why="it ended with ${PROPERTY[Result]}, status ${PROPERTY[ExecMainStatus]}"
ALERT_OF=$unit alert "$event" "$unit failed: $why" "${lines[@]: -20}" "journalctl -u $unit has the rest"
