#!/bin/bash
# What the job of the schema step runs: a release's own updater on the three databases, as the service user, which
# MariaDB lets in without a password over its socket (the updater gives a password to the `mysql` program as a word that
# anybody on the host can read).
#   migrate.sh REQUEST_DIR     args: work, conf, user, socket, auth, characters, world, release
#   migrate.sh REQUEST_DIR end         when it has ended, however it did
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# shellcheck disable=SC2034 # as_user reads both
update_databases() {
  local work user release logs AS_USER_CWD AS_USER_ENV connect_as rc=0
  work=${ARG[work]%/*} user=${ARG[user]-} release=${ARG[release]-}
  # Not the servers' logs: they are truncated at every start.
  logs=$work/schema-logs
  make_own_folder "$logs" "$user:" || { echo "== $logs is no folder of its own, or $work is not root's" && exit 1; }
  client | write_file "$work/mariadb-strict" 0755 0:0
  connect_as=$(how_to_connect)
  AS_USER_CWD=${ARG[work]-}
  AS_USER_ENV=(
    TC_LOGIN_DATABASE_INFO="$(login auth)" TC_CHARACTER_DATABASE_INFO="$(login characters)" TC_WORLD_DATABASE_INFO="$(login world)"
    TC_UPDATES_ENABLE_DATABASES=7
    # A row of an update whose file is gone tells what was done; without it the update would be done twice one day.
    TC_UPDATES_CLEAN_DEAD_REF_MAX_COUNT=0
    TC_SOURCE_DIRECTORY="$release" TC_LOGS_DIR="$logs" TC_CONSOLE_ENABLE=0 TC_MY_SQLEXECUTABLE="$work/mariadb-strict"
    # The core forgets a socket that is not the client library's own after the first connection.
    MYSQL_UNIX_PORT="${ARG[socket]-}"
  )
  unlock_account "$(account)"
  as_user "$user" stdbuf -oL "$release/bin/worldserver" -c "$release/etc/worldserver.conf.dist" --config-dir \
    "${ARG[conf]-}" \
    -u </dev/null || rc=$?
  ((rc == 0)) || { echo "== worldserver -u ended with $rc" && exit 1; }
  echo "== up to date"
}

# The program that the updater gives its files to: MariaDB's client with none of the options that the server's people
# gave it, in a session as the core's SQL is written for, whatever all sessions begin with here. It counts a file that
# it SOURCEs as done although a statement in it failed, and the updater would believe it. After the updater's own words,
# as the last of two counts.
client() {
  printf '#!/bin/sh\nexec %s --no-defaults --abort-source-on-error "$@" --host=localhost --init-command="%s"\n' \
    "$(mariadb_client)" \
    "SET SESSION sql_mode = '$CORE_MODE', autocommit = 1, sql_safe_updates = 0, max_statement_time = 0"
}

# how_to_connect: the host of the core's own connections. It notes in double quotes which update it has applied, and
# where these are no text but names it would end. MariaDB's client library takes an option in the place of a host, and
# then the socket that the environment names.
how_to_connect() {
  case $(sql <<<'SELECT @@GLOBAL.sql_mode') in
    *ANSI_QUOTES*) printf "init-command={SET SESSION sql_mode = '%s'}" "$CORE_MODE" ;;
    *) echo . ;;
  esac
}

login() { printf '%s;%s;%s;;%s' "$connect_as" "${ARG[socket]-}" "${ARG[user]-}" "${ARG[$1]-}"; }

account() { printf "%s@'localhost'" "$(sql_quote "${ARG[user]-}")"; }

if [[ ${2-} == end ]]; then
  load_request "$1"
  lock_account "$(account)"
  rm -f -- "${ARG[work]%/*}/mariadb-strict"
else
  job_main "$1" update_databases
fi
