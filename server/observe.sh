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

# frame REQUEST_DIR: the answer about one step.
frame() {
  local step=${1##*/} receipt token="" same=new file
  look "$1" >"$1/seen"
  receipt=$(receipt_dir "$step")
  if [[ -f $receipt/token ]]; then
    read -r token <"$receipt/token" || true
    token=${token//[^a-f0-9]/} same=same
    for file in kind owner args; do cmp -s "$1/$file" "$receipt/$file" || same=changed; done
  fi
  printf '@ %s %s %s %s\n' "$step" "${token:--}" "$same" "$(wc -c <"$1/seen")"
  cat "$1/seen"
}

for request in "$here"/requests/*/; do frame "${request%/}" >"${request}frame" & done
wait
cat "$here"/requests/*/frame
echo '@ end'
