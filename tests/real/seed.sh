#!/usr/bin/env bash
# seed.sh SOURCE MACHINE: what a lab server needs to become a realm of the real core, made from SOURCE, a checkout or a
# repository of TrinityCore 3.3.5 (its branch 3.3.5, or HEAD): /srv/git/core.git, /srv/tdb/NAME.sql, and /srv/data,
# made-up game data. Prints the commit of SOURCE where it has one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=${1:?SOURCE} machine=${2:?MACHINE}
inside() { "$here/../lab/machine.sh" exec "$machine" "$@"; }

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
chmod 755 "$made"
checkout=$("$here/checkout.sh" "$source" "$made/tree")
{ read -r commit && read -r tree; } <<<"$checkout"

# One commit, the same each time: what was built of it before is known by it.
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Lab GIT_AUTHOR_EMAIL=lab@example.org GIT_COMMITTER_NAME=Lab \
  GIT_COMMITTER_EMAIL=lab@example.org
export GIT_AUTHOR_DATE='2026-01-01T00:00:00+0000' GIT_COMMITTER_DATE='2026-01-01T00:00:00+0000'
git init -q --bare -b 3.3.5 "$made/core.git"
GIT_DIR=$made/core.git git --work-tree="$tree" add -A -f .
GIT_DIR=$made/core.git git --work-tree="$tree" commit -q -m "TrinityCore ${commit:-as it lies here}"

name=$(sed -n 's/.*FULL_DATABASE  *"\([A-Za-z0-9._-]*\)".*/\1/p' "$tree/revision_data.h.in.cmake" | head -n 1)
python3 "$here/make_data.py" "$tree" "$made/data" --sql "$made/seed.sql" >/dev/null
{
  cat "$tree/sql/base/dev/world_database.sql"
  # The schema alone does not say where updates lie.
  printf "INSERT IGNORE INTO updates_include VALUES ('\$/sql/updates/world', 'RELEASED'), ('\$/sql/custom/world', 'RELEASED'), ('\$/sql/old/3.3.5a/world', 'ARCHIVED');\n"
  cat "$made/seed.sql"
  echo '-- Dump completed'
} >"$made/$name"

inside rm -rf /srv/git /srv/tdb /srv/data /srv/made-from
inside mkdir -p /srv/git /srv/tdb
tar -C "$made" -c core.git | inside tar -C /srv/git --no-same-owner -x
tar -C "$made" -c "$name" | inside tar -C /srv/tdb --no-same-owner -x
tar -C "$made" -c data | inside tar -C /srv --no-same-owner -x
echo "${commit:-$source}"
