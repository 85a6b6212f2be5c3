#!/bin/bash
# The start of a server runs this while MariaDB still takes an old password of the databases: when no server that needs
# it runs any more, MariaDB takes it no longer. What the script has to know is in the receipt of the step `access`, and
# in the passwords that the host keeps.
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
# A step that changes the passwords holds the lock, and ends the old ones itself.
for STEP in "$RECEIPTS"/*/old-passwords; do
  STEP=$(basename "${STEP%/*}")
  [[ ! -f $(old_passwords_marker) ]] || LOCK_WAIT=20 with_lock "$STEP" end_as_kept
done
