#!/usr/bin/env bash
# fixtures.sh MACHINE: makes from tests/lab/core what a lab machine finds instead of the internet:
#   /srv/git/core.git (branch 3.3.5), its submodule /srv/git/standin.git, a checkout to commit from, /srv/tdb/tdb.7z,
#   and /srv/make-data.sh, which makes game data
# It does so once: later commits there stay, until tests/lab/core itself changes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

machine=${1:?MACHINE}
inside() { "$here/machine.sh" exec "$machine" "$@"; }

key=$(cd "$here" && find core core-submodule -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)
if [[ $(inside cat /srv/made-from 2>/dev/null) == "$key" ]]; then exit; fi

made=$(mktemp -d "$CACHE/fixtures.XXXXXX")
trap 'rm -rf "$made"' EXIT
chmod 755 "$made"
"$here/core/make-repository.sh" "$made/git" >"$made/log" 2>&1 ||
  die "the core's repository could not be made" "$(<"$made/log")"
"$here/core/tdb/make-tdb.sh" "$made/tdb" >"$made/log" 2>&1 ||
  die "the world database could not be made" "$(<"$made/log")"
mv "$made"/tdb/TDB_full_world_*.7z "$made/tdb/tdb.7z"
inside rm -rf /srv/git /srv/tdb /srv/made-from
cp "$here/core/make-data.sh" "$made/"
tar -C "$made" -cf - git tdb make-data.sh | inside tar -C /srv --no-same-owner -xf -
inside sh -c "echo $key >/srv/made-from"
