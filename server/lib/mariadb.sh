# shellcheck shell=bash
# MariaDB as its root over the socket: no password exists, so none can leak.

mariadb_client() { command -v mariadb || command -v mysql; }

# sql [DATABASE] <statements: prints rows tab-separated, without headings.
# shellcheck disable=SC2120 # the database is optional
sql() {
  "$(mariadb_client)" --no-defaults --protocol=socket --socket="${ARG[socket]}" --user=root \
    --default-character-set=utf8mb4 --connect-timeout=5 -N -B -- "$@"
}

# shellcheck disable=SC2119
sql_up() { [[ -S ${ARG[socket]} ]] && mariadb_client >/dev/null && sql <<<'SELECT 1' >/dev/null 2>&1; }

# sql_quote STRING: a string literal; NO_BACKSLASH_ESCAPES is not set on these connections.
sql_quote() {
  local s=${1//\\/\\\\}
  printf "'%s'" "${s//\'/\'\'}"
}

# sql_name NAME: a quoted identifier.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
sql_name() { printf '`%s`' "${1//\`/\`\`}"; }
