#!/bin/bash
# Run by a server's start while an old password of the databases is still taken: where this was the last server that ran
# with it, it is taken no more. What it needs to know is in the receipt of who may do what, and in the passwords that
# the host keeps.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

request=$(mktemp -d "$REQUEST_TEMPLATE") || exit 1
trap 'rm -rf "$request"' EXIT
end_as_kept() {
  cp "$RECEIPTS/$STEP"/{kind,args} "$request" && load_request "$request" &&
    ln -sfn "$(kept_passwords)" "$request/secrets" || return 1
  read_account_names
  end_old_passwords
}
# A run that is about to change them ends them itself.
for STEP in "$RECEIPTS"/*/old-passwords; do
  STEP=$(basename "${STEP%/*}")
  [[ ! -f $(old_passwords_marker) ]] || LOCK_WAIT=20 with_lock "$STEP" end_as_kept
done
