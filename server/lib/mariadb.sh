# shellcheck shell=bash
# MariaDB over its socket, as root unless SQL_USER says otherwise: there is no password that could leak. Each session
# sets what the statements count on, whatever MariaDB's global settings: backslashes escape, statements commit at once,
# and no lock is waited for without end.

mariadb_client() { command -v mariadb || command -v mysql; }

sql_client() {
  local client=mariadb
  command -v mariadb >/dev/null || client=mysql
  "$client" --no-defaults --protocol=socket --socket="${ARG[socket]}" --user="${SQL_USER:-root}" --default-character-set=utf8mb4 \
    --connect-timeout=5 \
    --init-command="SET SESSION sql_mode = 'STRICT_TRANS_TABLES', autocommit = 1, lock_wait_timeout = 30, sql_safe_updates = 0, sql_select_limit = DEFAULT" \
    -N -B "$@"
}
# sql [DATABASE] <statements: prints rows with tabs between the columns, without headings.
# shellcheck disable=SC2120 # the database is optional
sql() { sql_client -- "$@"; }
# sql_lenient <statements: one connection for many queries; those about missing tables are passed over. Prints nothing
# when MariaDB does not answer.
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

# without_sql_logs: a statement that keeps the next ones, which may hold hashes of passwords, out of the general and
# slow logs.
without_sql_logs() { echo 'SET SESSION sql_log_off = 1, slow_query_log = 0;'; }
