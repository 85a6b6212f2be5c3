#!/bin/bash
# What runs when the window opens: the steps that were held back while players were on, as their receipts have
# them. Started by hand it does the same at once.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for library in "$here"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$library"
done

export TRINITY_WINDOW=open
# Databases and programs before the servers; the authserver comes before the worldserver, as it does in the alphabet.
for kind in schema release service; do
  for receipt in "$RECEIPTS"/*/; do
    step=$(basename "$receipt")
    if ! completed "$step" || [[ $(<"$receipt/kind") != "$kind" ]]; then continue; fi
    note "$step"
    bash "$here/step.sh" again "$step" || exit 1
  done
done
