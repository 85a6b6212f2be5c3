#!/bin/bash
# What the units in `units` said, their last `lines`, as the journal has it; with `follow` also what they say from then
# on, until nobody listens any more.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"

list units units
# shellcheck disable=SC2154 # list fills it
words=(--quiet --no-pager --output=json --all --lines="${ARG[lines]-100}" "${units[@]/#/--unit=}")
if [[ -z ${ARG[follow]-} ]]; then
  exec journalctl "${words[@]}"
fi
journalctl "${words[@]}" --follow &
cat >/dev/null
kill "$!"
