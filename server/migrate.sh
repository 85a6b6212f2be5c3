#!/bin/bash
# What trinity-schema.service runs: a release's own updater on the three databases, as the service user, which MariaDB lets in without a
# password over its socket (the updater gives a password to the `mysql` program as a word that anybody on the server can read).
#   migrate.sh REQUEST_DIR     args: root, user, socket, auth, characters, world, release
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for library in "$here"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$library"
done

# shellcheck disable=SC2034 # as_user reads both
update_databases() {
  local root user release logs AS_USER_CWD AS_USER_ENV rc=0
  root=${ARG[root]-} user=${ARG[user]-} release=${ARG[release]-}
  # Not the servers' logs: they are truncated at every start.
  logs=$root/work/schema-logs
  install -d -m 0755 -o "$user" -g "$(id -gn "$user")" "$root/work" "$root/work/worldserver" "$logs"
  # MariaDB's client counts a file that it SOURCEs as done although a statement in it failed, and the updater would believe it.
  printf '#!/bin/sh\nexec %s --abort-source-on-error "$@"\n' "$(mariadb_client)" | write_file "$logs/mariadb-strict" 0755 0:0
  AS_USER_CWD=$root/work/worldserver
  AS_USER_ENV=(
    TC_LOGIN_DATABASE_INFO="$(login auth)" TC_CHARACTER_DATABASE_INFO="$(login characters)" TC_WORLD_DATABASE_INFO="$(login world)"
    TC_UPDATES_ENABLE_DATABASES=7
    # A row of an update whose file is gone tells what was done; without it the update would be done twice one day.
    TC_UPDATES_CLEAN_DEAD_REF_MAX_COUNT=0
    TC_SOURCE_DIRECTORY="$release" TC_LOGS_DIR="$logs" TC_CONSOLE_ENABLE=0 TC_MY_SQLEXECUTABLE="$logs/mariadb-strict"
    # The core forgets a socket that is not the client library's own after the first connection.
    MYSQL_UNIX_PORT="${ARG[socket]-}"
  )
  as_user "$user" stdbuf -oL "$release/bin/worldserver" -c "$release/etc/worldserver.conf.dist" --config-dir "$root/etc/worldserver.conf.d" \
    -u </dev/null || rc=$?
  ((rc == 0)) || { echo "== worldserver -u ended with $rc" && exit 1; }
  echo "== up to date"
}

login() { printf '.;%s;%s;;%s' "${ARG[socket]-}" "${ARG[user]-}" "${ARG[$1]-}"; }

job_main "$1" update_databases
