#!/bin/bash
# Looks at many steps at once. It runs from a folder that the program sent for this one look (its own copy of these
# scripts and `requests/STEP/`), never from what is installed: a changed script on the host is itself a finding.
#   observe.sh MARK
# Answer, a frame each:  @MARK STEP TOKEN same|changed|begun|new BYTES\n<BYTES of sentences>   and at the end:  @MARK
# end
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/libraries.sh"
mark=@${1-}
trap 'rm -rf "$here"' EXIT

# frame REQUEST_DIR: the answer about one step.
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

# alike FILE FILE: whatever bytes they hold.
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
