# shellcheck shell=bash
# Reads all libraries; most scripts here begin with this file. `here` is the folder of all scripts. A receipt's undo
# gets a copy of the files in `libraries`.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
libraries=("$here/run/places.sh" "$here"/lib/*.sh "$here/run/kind.sh" "$here/run/receipts.sh")
for library in "${libraries[@]}"; do
  # shellcheck source=/dev/null
  . "$library"
done
