# shellcheck shell=bash
# Reads what every script here counts on; each of them begins with it.
# `here` is the folder of all scripts; a receipt's undo gets a copy of the `libraries`.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
libraries=("$here/run/places.sh" "$here"/lib/*.sh "$here/run/kind.sh" "$here/run/receipts.sh")
for library in "${libraries[@]}"; do
  # shellcheck source=/dev/null
  . "$library"
done
