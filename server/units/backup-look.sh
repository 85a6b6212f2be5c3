#!/bin/bash
# Runs as root before each backup: notes what is in the databases, which the dumps must have too. The user of the
# backups does not see a routine that it may not dump, and mariadb-dump then leaves it out without an error.
#   backup-look.sh user=NAME socket=PATH run=LINK custom=yes|no ROLE.database=NAME…
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

questions() {
  local role name quoted
  echo "SELECT 'server', @@version;"
  for role; do
    sql_quote -v quoted "${ARG[$role.database]}"
    sql_name -v name "${ARG[$role.database]}"
    cat <<SQL
SELECT 'database', $quoted, '$role', default_character_set_name, default_collation_name FROM information_schema.schemata
  WHERE schema_name = $quoted;
SELECT 'object', $quoted, CASE table_type WHEN 'VIEW' THEN 'view' WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END,
  REPLACE(table_name, '\`', '\`\`') FROM information_schema.tables WHERE table_schema = $quoted;
SELECT 'object', $quoted, 'triggers', REPLACE(event_object_table, '\`', '\`\`'), COUNT(*) FROM information_schema.triggers
  WHERE trigger_schema = $quoted GROUP BY event_object_table;
SELECT 'object', $quoted, 'event', REPLACE(event_name, '\`', '\`\`') FROM information_schema.events
  WHERE event_schema = $quoted;
SELECT 'object', $quoted, LOWER(routine_type), REPLACE(routine_name, '\`', '\`\`') FROM information_schema.routines
  WHERE routine_schema = $quoted;
SELECT 'loose', $quoted, table_name FROM information_schema.tables WHERE table_schema = $quoted
  AND table_type = 'BASE TABLE' AND engine <> 'InnoDB';
SELECT 'updated', $quoted, name FROM $name.updates ORDER BY timestamp DESC, name DESC LIMIT 1;
SQL
  done
  echo "SELECT 'end';"
}

# problems: what makes a backup useless, a sentence each.
problems() {
  local role name answer=$1
  if [[ $answer != *$'\nend' ]]; then
    ask_state || true
    echo "MariaDB does not answer on ${ARG[socket]}: ${NO_ANSWER:-it did not answer, and does now}"
    return
  fi
  for role in "${roles[@]}"; do
    name=${ARG[$role.database]}
    if ! grep -q "^database"$'\t'"$name"$'\t' <<<"$answer"; then
      echo "there is no database $name"
    # An empty one would in time replace all backups of what was lost.
    elif ! grep -q "^object"$'\t'"$name"$'\ttable\t' <<<"$answer"; then
      echo "the database $name is empty"
    fi
  done
}

take_words "$@"
roles=()
for word; do [[ $word != *.database=* ]] || roles+=("${word%%.database=*}"); done
folder=$RUNTIME_DIR/backup
install -d -m 0755 "$RUNTIME_DIR" && install -d -m 0750 -g "${ARG[user]}" "$folder" || exit 1
rm -f "$folder"/*
answer=$(questions "${roles[@]}" | sql_client --raw --force 2>/dev/null)
{
  problems "$answer" | sed 's/^/problem\t/'
  printf '%s\n' "$answer"
  printf 'release\t%s\n' "$(release_at "${ARG[run]}")"
} | write_file "$folder/expected" 0640 "root:${ARG[user]}"
if [[ ${ARG[custom]} == yes && -d ${ARG[run]}/sql/custom ]]; then
  tar -C "${ARG[run]}/sql" -cf - custom | write_file "$folder/custom-sql.tar" 0640 "root:${ARG[user]}"
fi
