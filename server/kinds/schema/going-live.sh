# shellcheck shell=bash
# Going live, from the look at what the release needs until it has run for a while. Whatever fails, the realm runs again
# as before.

# update ID: the whole of it. Servers that ran start again: with release ID, or with the old one.
update() {
  room_for_data
  if ! refuse_older_release "${ARG[root]-}/releases/$1"; then exit 1; fi
  require_runnable "$1"
  begin_journal "$1"
  try_apart go_forward
  end_live
}

# try_apart FUNCTION: in a process of its own, which ends where something fails. Sets FAILED to its status and WHY to
# the cause; what it said of it is printed.
try_apart() {
  local errors trap
  trap=$(trap -p ERR)
  errors=$(mktemp "$REQUEST_TEMPLATE") ||
    die "$MEMORY_DIR cannot be written" "is it full? df -h $MEMORY_DIR"
  trap - ERR
  set +e
  (
    # shellcheck disable=SC2034 # the trap reads it
    level=$BASH_SUBSHELL
    # shellcheck disable=SC2154 # it is set there
    trap 'failed=$?; ((BASH_SUBSHELL != level)) || printf "error: it %s\n" "$(stopped_at "$failed" "$BASH_COMMAND")" >&2' ERR
    set -eE
    "$@"
  ) 2>"$errors"
  FAILED=$?
  eval "$trap"
  set -e
  WHY=$(sed -n 's/^error: //p' "$errors" | head -n 1)
  cat "$errors" >&2
  rm -f "$errors"
  read_journal || LIVE=()
}

# end_live: what follows an attempt to go forward.
end_live() {
  if ((FAILED == 0)); then
    finish_live
  else
    undo_live "${WHY:-it ended with $FAILED}"
    exit 1
  fi
}

go_forward() {
  local id=${LIVE[to]} release=${ARG[root]-}/releases/${LIVE[to]}
  # Nobody plays on such databases, and there is nothing to try on them.
  empty_half_imported
  note_live pending="$(pending_roles "$release" | paste -sd ' ')"
  try_update "$release"
  back_up_before world
  note_live stage=stopping stopped="$(date +%s)"
  stop_realm
  back_up_before auth characters
  begin_import "$release"
  [[ ! -f $(import_marker) ]] || note_live first=yes
  keep_room
  note_live stage=migrating
  migrate "$id" "$release"
  after_migration
}

# after_migration: may be cut off and begun again. The record of the databases comes first: it must be there before
# anybody plays again.
after_migration() {
  note_live stage=switching
  record_update "${LIVE[to]}"
  go_live_and_start
}

# finish_live: all went well.
finish_live() {
  local role line now commit
  give_room
  printf -v now '%(%s)T' -1
  line=$now$'\t'${LIVE[from]}$'\t'${LIVE[to]}$'\t'${LIVE[down]-}
  for role in ${LIVE[pending]-}; do [[ -z ${LIVE[backup_$role]-} ]] || line+=$'\t'$role=${LIVE[backup_$role]}; done
  # Players are there: a full disk must not leave it to the next run to do this again, or to take it back.
  { tail -n 99 "$(live_history)" 2>/dev/null || true; printf '%s\n' "$line"; } | write_file "$(live_history)" 0600 0:0 ||
    alert update-failed "releases/${LIVE[to]} is live, but that could not be put on record; is the disk full? df -h $STATE_DIR"
  if [[ -n ${LIVE[rollback]-} ]]; then
    # Else the next `up` or night would go forward again.
    commit=$(field "${ARG[root]-}/releases/${LIVE[from]}/release.info" commit)
    [[ -z $commit ]] || remember_failed "$commit" "it was taken back by hand" || true
  fi
  tell_status live "releases/${LIVE[to]} is live"
  [[ -z ${LIVE[down]-} ]] || note "the servers were away for $(duration "${LIVE[down]}")"
  forget_former_data
  end_journal
}

# tell_status DID SENTENCE: for `status`, also where whoever began this is gone. A night says its own words afterwards.
tell_status() { record_ended_update live "$1" "$2" || true; }

# pending_roles RELEASE: the roles whose databases the release would change. An update that is there in other words is
# done again, as the core compares sums; those of an older day only by name.
pending_roles() {
  local role name had
  # shellcheck disable=SC2153 # databases.sh has them
  for role in "${ROLES[@]}"; do
    name=${ARG[$role]-}
    case $(count_tables_in "$name") in 0 | missing) continue ;; esac
    # Without it the database is not the core's, which is told before it is touched.
    table_is_there "$name" updates || continue
    had=$(sql "$name" <<<'SELECT name, hash FROM updates') || die "MariaDB does not answer on ${ARG[socket]-}"
    [[ -z $(would_apply "$1/sql" "$role" "$had") ]] || printf '%s\n' "$role"
  done
}
# would_apply SQL_FOLDER ROLE HAD: prints the names of the files that the updater would run.
would_apply() {
  (cd "$1" && {
    find {updates,custom}/"$2" -type f -name '*.sql' -print0 | xargs -0r sha1sum
    find old/3.3.5a/"$2" -type f -name '*.sql' -printf '- %p\n'
  } 2>/dev/null) | awk '
    !files { hash[$1] = toupper($2); next }
    { name = $2; sub(".*/", "", name) }
    !(name in hash) || ($1 != "-" && hash[name] != "" && hash[name] != toupper($1)) { print name }
  ' <(printf '%s\n' "$3") files=1 -
}

# back_up_before ROLE…: those of them that the release changes, for the way back. Nothing is worth it in a database that
# is filled for the first time.
back_up_before() {
  local role roles=() name
  for role; do [[ " ${LIVE[pending]-} " != *" $role "* ]] || roles+=("$role"); done
  ((${#roles[@]})) || return 0
  note "backing up $(and_list "${roles[@]}") before releases/${LIVE[to]}"
  name=$(back_up_now "before releases/${LIVE[to]}" "${roles[@]}")
  for role in "${roles[@]}"; do LIVE[backup_$role]=$name; done
  note_live
}

# go_live_and_start: makes the release live and starts the servers, so that players can come back. After a first import
# later steps add what is still missing, and start the servers.
go_live_and_start() {
  local root=${ARG[root]-} servers server unit log failed=""
  # shellcheck disable=SC2086 # names of units
  mapfile -t servers < <(servers_of ${LIVE[units]-})
  ((${#servers[@]})) || return 0
  if [[ $(release_at "$root/run") != "${LIVE[to]}" ]]; then
    [[ -z ${LIVE[first]-} ]] || return 0
    go_live "${LIVE[to]}"
  fi
  [[ $(realms_with_id) != 0 ]] || {
    note "the realm has no row yet: a later step writes it, then the servers start" && return 0
  }
  note_live stage=probing
  for server in "${servers[@]}"; do
    read -r unit log <<<"$server"
    (start_and_wait start "$unit" "$log") || failed=yes
  done
  if [[ -n $failed ]]; then
    mariadb_is_down >/dev/null || note_live blame=yes
    exit 1
  fi
  # The servers run: a full disk is no reason to take them down again.
  try_note_live down="$(($(date +%s) - ${LIVE[stopped]:-$(date +%s)}))"
  watch_servers "${servers[@]}"
}

# watch_servers SERVER…: for as long as trinitycore:update.probe says. A fault is the release's, unless MariaDB is away.
watch_servers() {
  local units=() server commit
  for server; do units+=("${server%% *}"); done
  commit=$(field "${ARG[root]-}/releases/$(release_at "${ARG[root]-}/run")/release.info" commit)
  note "watching ${units[*]%.service} for $(duration "${ARG[probe]:-60}")"
  (watch_realm "${ARG[probe]:-60}" "$commit" "${units[@]}") || {
    ! mariadb_answers || note_live blame=yes
    exit 1
  }
}
