#!/usr/bin/env bash
# make-tdb.sh DIR [NNNNN [DATE]]: writes DIR/TDB_full_world_335.NNNNN_DATE.sql, the world dump that fills an empty world
# database, and packs it as .7z beside it where a 7z program is. Tables come by name, as in a real dump: one that is cut
# off has creatures but no `updates_include` and no `version`. Its last line is "-- Dump completed".
set -euo pipefail
dir=${1:?DIR} number=${2:-25101} date=${3:-2025_10_21}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=TDB_full_world_335.${number}_$date
mkdir -p "$dir"

schema() {
  awk -v table="$1" 'index($0, "`" table "`") && /^DROP TABLE/ { on = 1 } on { print } on && /^$/ { exit }' \
    "$here/../sql/base/dev/world_database.sql"
}
{
  echo "-- MariaDB dump: world of the stand-in, TDB 335.$number"
  schema creature_template
  for ((entry = 1; entry <= 600; entry++)); do
    echo "INSERT INTO \`creature_template\` VALUES ($entry, 'Creature $entry', 1, $((entry % 80 + 1)));"
  done
  schema trinity_string
  # What commands answer with, by the core's numbers; with blanks of the same kinds.
  texts=([10]='Incorrect syntax.' [12]='Active connections: %u (max: %u) Queued connections: %u (max: %u)' [13]='Server uptime: %s'
    [15]='All players saved.' [56]='Message of the day: %s' [60]='Online players: %u (max: %u)' [282]='Player %s is thrown out.'
    [499]='There is no such player.' [1000]='The daemon ends.' [11017]='Delayed to %d seconds, as players are on.'
    [11018]='Cancelled with %u seconds left.')
  for ((entry = 1; entry <= 60; entry++)); do : "${texts[entry]:=String $entry}"; done
  for entry in "${!texts[@]}"; do echo "INSERT INTO \`trinity_string\` VALUES ($entry, '${texts[entry]}');"; done
  schema updates
  echo "INSERT INTO \`updates\` (\`name\`, \`hash\`, \`state\`) VALUES ('2024_05_01_00_world.sql', 'B870D7FB61673F558A5DA38E72A19E4706D91474', 'ARCHIVED');"
  schema updates_include
  cat <<'SQL'
INSERT INTO `updates_include` VALUES ('$/sql/custom/world', 'RELEASED'), ('$/sql/old/3.3.5a/world', 'ARCHIVED'), ('$/sql/updates/world', 'RELEASED');

SQL
  schema version
  echo "INSERT INTO \`version\` VALUES ('', NULL, 'TDB 335.$number', $((10#${number:3})));"
  sed -n '/^DROP VIEW/,$p' "$here/../sql/base/dev/world_database.sql"
  echo "-- Dump completed"
} >"$dir/$name.sql"

zip=$(command -v 7z || command -v 7za || command -v 7zz || true)
if [[ -n $zip ]]; then
  rm -f "$dir/$name.7z"
  (cd "$dir" && "$zip" a -bd "$name.7z" "$name.sql" >/dev/null)
fi
