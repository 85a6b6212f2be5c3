#!/bin/bash
# Looks at many steps at once. The program sends a folder for this one look, with a copy of these scripts and
# `requests/STEP/`. The look never uses the scripts that are installed on the host: a change in them is itself a
# finding.
#   observe.sh MARK
# Prints a frame for each step, and `@MARK end` at the end. A frame:
#   @MARK STEP TOKEN same|changed|begun|new BYTES\n<BYTES of sentences>
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/libraries.sh"
mark=@${1-}
trap 'rm -rf "$here"' EXIT

# frame REQUEST_DIR: prints the answer about one step.
frame() {
  local step=${1##*/} receipt=$RECEIPTS/${1##*/} token="" same=new file body LC_ALL=C
  if [[ -f $receipt/token ]]; then
    read -r token <"$receipt/token" || true
    token=${token//[^a-f0-9]/} same=same
    for file in kind owner args; do alike "$1/$file" "$receipt/$file" || same=changed; done
    [[ ! -s $receipt/secrets || $(secrets_sum "$1") == "$(<"$receipt/secrets")" ]] || same=changed
  elif [[ -f $receipt/undo ]]; then
    same=begun
  fi
  IFS= read -r -d '' body <"$1/seen" || true
  printf '%s %s %s %s %s\n%s' "$mark" "$step" "${token:--}" "$same" "${#body}" "$body"
}

# alike FILE FILE: both hold the same bytes, whatever bytes they are.
alike() {
  local one other
  [[ -f $2 ]] || return 1
  mapfile -d '' one <"$1"
  mapfile -d '' other <"$2"
  [[ ${one[*]@Q} == "${other[*]@Q}" ]]
}

requests=("$here"/requests/*)
look "${requests[@]}"
for request in "${requests[@]}"; do frame "$request"; done
echo "$mark end"
