# shellcheck shell=bash
# What is in the realm's three databases, asked over one connection.

ROLES=(auth characters world)

# database_queries: for each database the number of its tables, its tables, the updates it has had, and the folders its
# updates come from.
database_queries() {
  local role name
  for role in "${ROLES[@]}"; do count_tables "${ARG[$role]-}"; done
  for role in "${ROLES[@]}"; do
    sql_name -v name "${ARG[$role]-}"
    printf "SELECT CONCAT('%s ', name) FROM %s.updates;\n" "$role" "$name"
    printf "SELECT CONCAT('@%s ', path) FROM %s.updates_include;\n" "$role" "$name"
    sql_quote -v name "${ARG[$role]-}"
    printf "SELECT CONCAT('+%s ', table_name) FROM information_schema.tables WHERE table_schema = %s;\n" "$role" "$name"
  done
  echo "SELECT CONCAT('=', @@GLOBAL.sql_mode); SELECT 'end';"
}
# database_answers: for each database a line with its number of tables; then `ROLE NAME` for each update it has had,
# `@ROLE FOLDER` for each folder of updates, `+ROLE TABLE` for each table, `=MODE` for MariaDB's global sql_mode, and
# `end`. 1 when MariaDB does not answer them all.
database_answers() {
  local answer
  answer=$(sql_lenient < <(database_queries))
  printf '%s' "$answer"
  [[ $answer == *$'\nend' ]]
}
# tables_of ANSWER: `ROLE<tab>TABLE` for each table.
tables_of() { sed -n 's/^+\([a-z]*\) /\1\t/p' <<<"$1" | sort; }

# count_tables DATABASE: prints a query for its number of tables and views, or `missing`.
count_tables() {
  local name
  sql_quote -v name "$1"
  printf "SELECT IF(COUNT(DISTINCT s.schema_name) = 0, 'missing', COUNT(t.table_name)) FROM information_schema.schemata s
    LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name WHERE s.schema_name = %s;\n" "$name"
}
count_tables_in() { sql < <(count_tables "$1"); }
table_is_there() {
  [[ $(sql <<<"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = $(sql_quote "$1") AND table_name = $(sql_quote "$2")") == 1 ]]
}

# role_of TABLES: which of the three databases has them; nothing when none does.
role_of() {
  local has=$'\n'$1$'\n'
  if [[ $has == *$'\naccount\n'* && $has == *$'\nrealmlist\n'* ]]; then
    echo auth
  elif [[ $has == *$'\ncharacters\n'* ]]; then
    echo characters
  elif [[ $has == *$'\nversion\n'* ]]; then
    echo world
  fi
}

# count_people ROLE DATABASE: the number of accounts or characters.
count_people() {
  local table
  case $1 in auth) table=account ;; characters) table=characters ;; *) echo 0 && return ;; esac
  if table_is_there "$2" "$table"; then sql "$2" <<<"SELECT COUNT(*) FROM $table"; else echo 0; fi
}

# empty_database NAME: rights are granted by name, so they survive.
empty_database() {
  local charset
  charset=$(sql <<<"SELECT CONCAT('CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) FROM information_schema.schemata WHERE schema_name = $(sql_quote "$1")")
  sql <<<"DROP DATABASE $(sql_name "$1"); CREATE DATABASE $(sql_name "$1") $charset;"
}
