# shellcheck shell=bash
# One database takes the place of another, under the name that the servers know. All tables move in one RENAME TABLE,
# which MariaDB does as a whole or not at all, whatever size they have. It moves no view, and no table with a trigger:
# these, and routines and events, are dropped before it and made again after it.
#
# The record of a swap is a folder: new and old (names), live.tables and new.tables (which tables there were), and for
# both of them .sql and .views (what makes all else again). It is there, whole, before the first change, and until the
# old tables are dropped: whatever was cut off can be done again, and whatever was done can be undone.

swap_record() { printf '%s/swaps/%s' "$STATE_DIR" "$1"; }

# swap_databases LIVE NEW OLD: LIVE has afterwards what NEW had, and OLD, which is new, has the tables of LIVE. NEW is
# gone. What was cut off is brought to its end.
swap_databases() {
  local record
  record=$(swap_record "$1")
  if [[ ! -d $record ]]; then
    ! database_is_there "$3" || die "$1 cannot be set aside as $3: there is such a database already"
    note_swap "$@"
  fi
  require_this_swap "$record" "$@"
  [[ ! -f $record/done ]] || return 0
  database_is_there "$3" || create_like "$1" "$3" || die "the database $3 could not be made"
  drop_objects "$1" "$2"
  rename_tables "$1" "$(tables_among "$record/live.tables" -23 "$3")" "$1" "$3" \
    "$(tables_among "$record/new.tables" -12 "$2")" "$2" "$1"
  # What the account for loading has defined belongs to the realm's own from now on.
  make_objects "$1" "$record/new" "$(owner_of_database "$1")"
  drop_if_empty "$2"
  { touch "$record/done" && sync "$record/done"; } || die "$record cannot be written" "is the disk full? df -h $STATE_DIR"
}

# undo_swap LIVE NEW OLD: LIVE has again what it had, whether the swap was cut off, came to its end, or was never begun;
# NEW and OLD are gone.
undo_swap() {
  local record
  record=$(swap_record "$1")
  rm -rf "$record.begun"
  if [[ -d $record ]]; then
    require_this_swap "$record" "$@"
    rm -f "$record/done"
    database_is_there "$2" || create_like "$1" "$2" || die "the database $2 could not be made"
    drop_objects "$1" "$2"
    rename_tables "$1" "$(tables_among "$record/new.tables" -23 "$2")" "$1" "$2" \
      "$(tables_among "$record/live.tables" -12 "$3")" "$3" "$1"
    make_objects "$1" "$record/live"
    drop_if_empty "$3"
    rm -rf "$record"
  fi
  drop_database "$2"
}

# keep_swap LIVE OLD: what was set aside is dropped.
keep_swap() { drop_database "$2" && rm -rf "$(swap_record "$1")"; }
# forget_swaps OLD: those whose tables were there.
forget_swaps() {
  local record
  for record in "$STATE_DIR"/swaps/*/; do [[ $(cat "$record/old" 2>/dev/null) != "$1" ]] || rm -rf "$record"; done
}

require_this_swap() {
  [[ $(<"$1/new") == "$3" && $(<"$1/old") == "$4" ]] ||
    die "$2 was swapped with $(<"$1/new") before, and what it had is still in $(<"$1/old")" \
      "that swap has to be undone or kept first"
}

# note_swap LIVE NEW OLD
note_swap() {
  local record
  record=$(swap_record "$1")
  {
    rm -rf "$record.begun" && install -d -m 0700 "$STATE_DIR" "${record%/*}" "$record.begun" && (
      cd "$record.begun" && printf '%s' "$2" >new && printf '%s' "$3" >old &&
        tables_to_move "$1" >live.tables && tables_to_move "$2" >new.tables &&
        objects_sql "$1" >live.sql && views_sql "$1" >live.views &&
        objects_sql "$2" >new.sql && views_sql "$2" >new.views && sync -- *
    )
  } || die "what is to be swapped could not be noted in ${record%/*}; nothing was changed" "is the disk full? df -h $STATE_DIR"
  [[ -s $record.begun/new.tables ]] || die "the database $2 has no tables; nothing was changed"
  { mv -T "$record.begun" "$record" && sync "${record%/*}"; } ||
    die "what is to be swapped could not be noted in ${record%/*}; nothing was changed"
}

tables_to_move() {
  sql_client --raw <<<"SELECT table_name FROM information_schema.tables
    WHERE table_schema = $(sql_quote "$1") AND table_type <> 'VIEW' ORDER BY table_name"
}
# tables_among FILE -12|-23 DATABASE: the file's tables that are in the database, or are not.
tables_among() { LC_ALL=C comm "$2" <(LC_ALL=C sort "$1") <(tables_to_move "$3" | LC_ALL=C sort); }

# rename_tables LIVE TABLES FROM TO TABLES FROM TO: what was moved already stays where it is.
rename_tables() {
  local live=$1 table statement="" said
  shift
  while (($#)); do
    while IFS= read -r table; do
      [[ -z $table ]] || statement+=", $(sql_name "$2").$(sql_name "$table") TO $(sql_name "$3").$(sql_name "$table")"
    done <<<"$1"
    shift 3
  done
  [[ -n $statement ]] || return 0
  said=$(sql <<<"RENAME TABLE${statement:1}" 2>&1) ||
    die "the tables of $live could not be swapped: $(printable "${said##*$'\n'}")" "mariadb -e 'SHOW PROCESSLIST' says who uses them"
}

# objects_sql DATABASE: statements that make its triggers, events and routines.
objects_sql() {
  local views=() view
  # Of a view whose definer has no rights mariadb-dump would not go on.
  while IFS= read -r view; do [[ -z $view ]] || views+=(--ignore-table="$1.$view"); done < <(
    sql_client --raw <<<"SELECT table_name FROM information_schema.views WHERE table_schema = $(sql_quote "$1")")
  dump_of --no-data --no-create-info --routines --events --triggers "${views[@]}" -- "$1"
}
# views_sql DATABASE: a line for each view, with the statements that make it, in Base64. SHOW CREATE VIEW names the
# database or not, depending on the rights of who defined the view.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
views_sql() {
  local quoted
  sql_quote -v quoted "$1"
  sql_client --raw <<<"SELECT REPLACE(TO_BASE64(CONCAT('SET collation_connection = ', collation_connection,
      '; CREATE OR REPLACE ALGORITHM=', algorithm,
      ' DEFINER=\`', REPLACE(SUBSTRING_INDEX(definer, '@', CHAR_LENGTH(definer) - CHAR_LENGTH(REPLACE(definer, '@', ''))), '\`', '\`\`'),
      '\`@\`', REPLACE(SUBSTRING_INDEX(definer, '@', -1), '\`', '\`\`'), '\` SQL SECURITY ', security_type,
      ' VIEW \`', REPLACE(table_name, '\`', '\`\`'), '\` AS ',
      REPLACE(view_definition, CONCAT('\`', REPLACE($quoted, '\`', '\`\`'), '\`.'), ''),
      IF(check_option = 'NONE', '', CONCAT(' WITH ', check_option, ' CHECK OPTION')), ';\n')), '\n', '')
    FROM information_schema.views WHERE table_schema = $quoted"
}

# drop_objects DATABASE…: all but the tables, of those that are there.
drop_objects() {
  local each statements
  for each; do
    { statements=$(sql_client --raw < <(drops_in "$each")) && sql <<<"$statements"; } ||
      die "the views, triggers and routines of $each could not be dropped"
  done
}
# drops_in DATABASE: queries for the statements that drop them.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
drops_in() {
  local kind column table where quoted
  sql_quote -v quoted "$1"
  while IFS=$'\t' read -r kind column table where; do
    printf 'SELECT CONCAT("DROP %s IF EXISTS `", REPLACE(%s, "`", "``"), "`.`", REPLACE(%s, "`", "``"), "`;")
      FROM information_schema.%s WHERE %s = %s%s;\n' "$kind" "$quoted" "$column" "$table" "${column%%_*}_schema" "$quoted" "$where"
  done <<'OBJECTS'
VIEW	table_name	views	
TRIGGER	trigger_name	triggers	
EVENT	event_name	events	
FUNCTION	routine_name	routines	 AND routine_type = 'FUNCTION'
PROCEDURE	routine_name	routines	 AND routine_type = 'PROCEDURE'
OBJECTS
}

# make_objects DATABASE FILES [OWNER]: OWNER has what the account for loading had.
# shellcheck disable=SC2016,SC2153 # backticks are MariaDB's quotes here; LOADER is in places.sh
make_objects() {
  local owner said loader='DEFINER=`'$LOADER'`@`localhost`' view views left
  owner=$(sed 's/[&/\]/\\&/g' <<<"${3-}")
  loader="s/$loader/${owner:+DEFINER=}${owner:-&}/"
  said=$(sed "$loader" "$2.sql" | sql_client --binary-mode -- "$1" 2>&1 >/dev/null) ||
    die "the triggers and routines of $1 could not be made: $(printable "${said##*$'\n'}")" "they are in $2.sql"
  # A view may need another one.
  mapfile -t views <"$2.views"
  while ((${#views[@]})); do
    left=()
    for view in "${views[@]}"; do
      said=$(base64 -d <<<"$view" | sed "$loader" | sql_client --binary-mode -- "$1" 2>&1 >/dev/null) || left+=("$view")
    done
    ((${#left[@]} < ${#views[@]})) ||
      die "a view of $1 could not be made: $(printable "${said##*$'\n'}")" "it is in $2.views, as Base64"
    views=("${left[@]}")
  done
}
# owner_of_database DATABASE: the account that has it, as statements name it; that of the servers before the updater's.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
owner_of_database() {
  local quoted loader user
  sql_quote -v quoted "$1"
  sql_quote -v loader "$LOADER"
  sql_quote -v user "${ARG[user]-}"
  sql_client --raw <<<"SELECT CONCAT('\`', REPLACE(User, '\`', '\`\`'), '\`@\`', REPLACE(Host, '\`', '\`\`'), '\`') FROM mysql.db
    WHERE REPLACE(Db, '\\\\_', '_') = $quoted AND User <> $loader AND Alter_priv = 'Y' AND Trigger_priv = 'Y'
    ORDER BY User = $user, User LIMIT 1"
}
drop_if_empty() {
  case $(count_tables_in "$1") in
    0) drop_database "$1" ;;
    missing) ;;
    *) die "the database $1 still has tables, and should have none" "look at it, then drop it: mariadb -e 'DROP DATABASE $1'" ;;
  esac
}
