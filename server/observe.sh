#!/bin/bash
# Looks at many steps at once. It runs from a folder that the program sent for this one look (its own copy of these scripts
# and `requests/STEP/`), never from what is installed: a changed script on the server is itself a finding.
# Answer, a frame each:  @ STEP TOKEN same|changed|new BYTES\n<BYTES of sentences>   and at the end:  @ end
set -u -o pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
trap 'rm -rf "$here"' EXIT
for library in "$here"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$library"
done

for request in "$here"/requests/*/; do look "${request%/}" >"${request}seen" & done
wait

for request in "$here"/requests/*/; do
  request=${request%/}
  step=${request##*/}
  receipt=$(receipt_dir "$step")
  token=- same=new
  if [[ -f $receipt/token ]]; then
    token=$(tr -dc 'a-f0-9' <"$receipt/token")
    same=same
    for file in kind owner args; do cmp -s "$request/$file" "$receipt/$file" || same=changed; done
  fi
  printf '@ %s %s %s %s\n' "$step" "${token:--}" "$same" "$(wc -c <"$request/seen")"
  cat "$request/seen"
done
echo '@ end'
