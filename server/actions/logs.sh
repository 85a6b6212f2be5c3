#!/bin/bash
# What the units in `units` said, their last `lines`, as the journal has it; with `alerts` what the operator was told,
# and with `audit` the record of who did what, besides. With `follow` also what they say from then on, until nobody
# listens any more.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"

list units units
words=(--quiet --no-pager --output=json --all --lines="${ARG[lines]-100}")
chosen=()
# shellcheck disable=SC2154 # list fills it
for unit in "${units[@]}"; do chosen+=("_SYSTEMD_UNIT=$unit" + _PID=1 "UNIT=$unit" +); done
[[ -z ${ARG[alerts]-} ]] || chosen+=(_UID=0 "SYSLOG_IDENTIFIER=$ALERT_TAG" +)
running=()
if ((${#chosen[@]})); then
  journalctl "${words[@]}" ${ARG[follow]:+--follow} "${chosen[@]::${#chosen[@]}-1}" &
  running+=("$!")
fi
if [[ -n ${ARG[audit]-} ]]; then
  # The file before it, as it may have been begun a moment ago.
  cat "$AUDIT_LOG.1" "$AUDIT_LOG" 2>/dev/null | tail -n "${ARG[lines]-100}"
  if [[ -n ${ARG[follow]-} ]]; then
    tail -qn 0 -F "$AUDIT_LOG" 2>/dev/null &
    running+=("$!")
  fi
fi
if [[ -z ${ARG[follow]-} ]]; then
  ((${#running[@]} == 0)) || wait "${running[@]}"
else
  cat >/dev/null
  ((${#running[@]} == 0)) || kill "${running[@]}"
fi
