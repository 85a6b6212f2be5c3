#!/bin/bash
# What trinity-restarts.service runs when the window opens: the steps that were held back while players were on, as their receipts have
# them. Started by hand it does the same at once.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

export TRINITY_WINDOW=open
for step in schema release authserver worldserver; do
  [[ -f $RECEIPTS/$step/token ]] || continue
  note "$step"
  bash "$here/run/step.sh" again "$step" || exit 1
done
