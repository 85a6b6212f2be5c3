# shellcheck shell=bash
# MariaDB as its root over the socket: no password exists, so none can leak. Whatever the server sets for each session,
# here a backslash escapes, what is done is done, and nobody's lock is waited for without end.

mariadb_client() { command -v mariadb || command -v mysql; }

sql_client() {
  local client=mariadb
  command -v mariadb >/dev/null || client=mysql
  "$client" --no-defaults --protocol=socket --socket="${ARG[socket]}" --user=root --default-character-set=utf8mb4 \
    --connect-timeout=5 \
    --init-command="SET SESSION sql_mode = 'STRICT_TRANS_TABLES', autocommit = 1, lock_wait_timeout = 30, sql_safe_updates = 0, sql_select_limit = DEFAULT" \
    -N -B "$@"
}
# sql [DATABASE] <statements: prints rows tab-separated, without headings.
# shellcheck disable=SC2120 # the database is optional
sql() { sql_client -- "$@"; }
# sql_lenient <statements: one connection for many questions; those about what is not there are passed over. No answer
# at all is an empty one.
sql_lenient() { [[ -S ${ARG[socket]} ]] && mariadb_client >/dev/null && sql_client --force 2>/dev/null; }

# shellcheck disable=SC2119
mariadb_answers() { [[ -S ${ARG[socket]} ]] && mariadb_client >/dev/null && sql <<<'SELECT 1' >/dev/null 2>&1; }

# sql_quote [-v VARIABLE] STRING: a string literal, printed or put into a variable.
sql_quote() {
  local _text=${*: -1}
  _text=${_text//\\/\\\\}
  _text=${_text//\'/\'\'}
  if (($# == 3)); then printf -v "$2" "'%s'" "$_text"; else printf "'%s'" "$_text"; fi
}

# sql_name [-v VARIABLE] NAME: a quoted identifier.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
sql_name() {
  local _text=${*: -1}
  _text=${_text//\`/\`\`}
  if (($# == 3)); then printf -v "$2" '`%s`' "$_text"; else printf '`%s`' "$_text"; fi
}

# Not even the hashes are for the general and slow logs.
without_sql_logs() { echo 'SET SESSION sql_log_off = 1, slow_query_log = 0;'; }
