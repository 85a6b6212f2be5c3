#!/bin/bash
# What the job of the schema step runs: the release's own updater, on the three databases. It runs as the service user,
# whom MariaDB lets in over its socket without a password: the updater would pass a password to the `mysql` program as
# an argument, which anybody on the host can read.
#   migrate.sh REQUEST_DIR     args: work, conf, user, socket, auth, characters, world, release
#   migrate.sh REQUEST_DIR end         after the updater has ended, however it did
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# shellcheck disable=SC2034 # as_user reads both
update_databases() {
  local work user release logs AS_USER_CWD AS_USER_ENV connect_as rc=0
  work=${ARG[work]%/*} user=${ARG[user]-} release=${ARG[release]-}
  # Not the servers' log folder: each start truncates the logs there.
  logs=$work/schema-logs
  make_own_folder "$logs" "$user:" || { echo "== $logs is no folder of its own, or $work is not root's" && exit 1; }
  client | write_file "$work/mariadb-strict" 0755 0:0
  connect_as=$(how_to_connect)
  AS_USER_CWD=${ARG[work]-}
  AS_USER_ENV=(
    TC_LOGIN_DATABASE_INFO="$(login auth)" TC_CHARACTER_DATABASE_INFO="$(login characters)" TC_WORLD_DATABASE_INFO="$(login world)"
    TC_UPDATES_ENABLE_DATABASES=7
    # The core would delete the row of an update whose file is gone. But the row says that the update was done: without
    # it, the update could be done again one day.
    TC_UPDATES_CLEAN_DEAD_REF_MAX_COUNT=0
    TC_SOURCE_DIRECTORY="$release" TC_LOGS_DIR="$logs" TC_CONSOLE_ENABLE=0 TC_MY_SQLEXECUTABLE="$work/mariadb-strict"
    # After the first connection the core forgets a socket that is not the client library's own.
    MYSQL_UNIX_PORT="${ARG[socket]-}"
  )
  unlock_account "$(account)"
  as_user "$user" stdbuf -oL "$release/bin/worldserver" -c "$release/etc/worldserver.conf.dist" --config-dir \
    "${ARG[conf]-}" \
    -u </dev/null || rc=$?
  ((rc == 0)) || { echo "== worldserver -u ended with $rc" && exit 1; }
  echo "== up to date"
}

# client: prints the program that the updater gives its SQL files to: MariaDB's client without the operator's options,
# in a session as the core's SQL expects it, whatever the defaults on this host are. Without --abort-source-on-error the
# client counts a SOURCEd file as done although a statement failed, and the updater would believe it. --host and
# --init-command come after the updater's own arguments, as the last of two counts.
client() {
  printf '#!/bin/sh\nexec %s --no-defaults --abort-source-on-error "$@" --host=localhost --init-command="%s"\n' \
    "$(mariadb_client)" \
    "SET SESSION sql_mode = '$CORE_MODE', autocommit = 1, sql_safe_updates = 0, max_statement_time = 0"
}

# how_to_connect: prints the host for the core's own connections. The core writes in double quotes which update it has
# applied; with ANSI_QUOTES these are names, not text, and the core would end. MariaDB's client library takes an option
# in the place of a host, and then uses the socket that the environment names.
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
