#!/bin/bash
# Runs as root around each backup: notes what is in the databases, which the dumps must have too; afterwards it takes
# the note away again and puts on record how the backup ended. The user of the backups does not see a routine that it
# may not dump, and mariadb-dump then leaves it out without an error.
#   backup-look.sh look unit=NAME user=NAME socket=PATH run=LINK asked=yes|no roles=ROLE,… custom=yes|no \
#     ROLE.database=NAME…
#   backup-look.sh forget unit=NAME
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

# know_wanted: fills roles and note. Where a backup is asked for, the request has them; it counts once.
know_wanted() {
  local request asked
  request=$(backup_request)
  IFS=, read -r -a roles <<<"${ARG[roles]}"
  note=""
  [[ ${ARG[asked]} == yes ]] || return 0
  note="by hand"
  [[ -f $request ]] || return 0
  note=$(field_of note "$request")
  mapfile -t asked < <(sed -n 's/^role\t//p' "$request")
  ((${#asked[@]} == 0)) || roles=("${asked[@]}")
  rm -f "$request"
}

look_at_databases() {
  local folder roles note answer role
  folder=$(backup_look "${ARG[unit]}")
  install -d -m 0755 "$RUNTIME_DIR" && install -d -m 0750 -g "${ARG[user]}" "$folder" || exit 1
  rm -f "$folder"/*
  know_wanted
  answer=$(questions "${roles[@]}" | sql_client --raw --force 2>/dev/null)
  {
    problems "$answer" | sed 's/^/problem\t/'
    printf '%s\n' "$answer"
    printf 'release\t%s\n' "$(release_at "${ARG[run]}")"
    [[ -z $note ]] || printf 'note\t%s\n' "$note"
  } | write_file "$folder/expected" 0640 "root:${ARG[user]}"
  if [[ ${ARG[custom]} == yes && -d ${ARG[run]}/sql/custom ]]; then
    tar -C "${ARG[run]}/sql" -cf - custom | write_file "$folder/custom-sql.tar" 0640 "root:${ARG[user]}"
  fi
  for role in "${roles[@]}"; do [[ $role != auth ]] || look_at_masters; done
}

# look_at_masters: without the master secrets the two-factor secrets in the login's database could not be read.
look_at_masters() {
  local known
  known=$(known_masters "${ARG[auth.database]}")
  [[ -z $known ]] || printf '%s\n' "$known" | write_file "$folder/$MASTERS_IN_BACKUP" 0640 "root:${ARG[user]}"
}

action=${1-}
take_words "${@:2}"
case $action in
  look) look_at_databases ;;
  forget)
    if [[ ${SERVICE_RESULT-} == success ]]; then ended="done"; else ended=failed; fi
    audit backup "$ended" "$(cat "${RUNTIME_DIRECTORY-}/made" 2>/dev/null)"
    rm -rf "$(backup_look "${ARG[unit]}")"
    ;;
  *) exit 2 ;;
esac
