#!/bin/bash
# What runs when the window opens: it applies the steps that waited for the window, as their receipts have them. Started
# by hand it does the same at once.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

export TRINITY_WINDOW=open
# Databases and release come before the servers. The alphabet puts the authserver before the worldserver, as wanted.
for kind in schema release service; do
  for receipt in "$RECEIPTS"/*/; do
    step=$(basename "$receipt")
    if ! completed "$step" || [[ $(<"$receipt/kind") != "$kind" ]]; then continue; fi
    note "$step"
    bash "$here/run/step.sh" again "$step" || exit 1
  done
done
