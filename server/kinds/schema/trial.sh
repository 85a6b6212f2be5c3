# shellcheck shell=bash
# The trial: the release's own updater runs on copies of the databases while the realm goes on. What it cannot do there
# it could not do for real, and nobody has been put out for it. It writes into all three databases wherever they are, so
# none of them may be a live one: a database that the release does not change is copied without its rows.

trial_name() { printf '%s__trial' "$1"; }

# try_update RELEASE
try_update() {
  local release=$1 role name wanted
  [[ -n ${LIVE[pending]-} ]] || return 0
  for role in "${ROLES[@]}"; do
    case $(count_tables_in "${ARG[$role]-}") in 0 | missing) return 0 ;; esac
    ((${#ARG[$role]} <= 57)) || { note "no trial: there is no room in a name for a copy of ${ARG[$role]}" && return; }
  done
  wanted=$(trial_needs)
  if ! has_room_for_trial "$wanted"; then
    note "no trial: copies of the databases need $wanted MB, and MariaDB's disk has less"
    return
  fi
  drop_trials
  note "trying releases/${LIVE[to]} on copies of the databases"
  for role in "${ROLES[@]}"; do
    name=${ARG[$role]-}
    if [[ " ${LIVE[pending]} " == *" $role "* ]]; then
      copy_database "$name" "$(trial_name "$name")" || exit 1
    else
      copy_structure "$name" "$(trial_name "$name")"
    fi
    sql < <(grant_trial GRANT TO "$name")
  done
  run_trial "$release" || exit 1
  drop_trials
}

# trial_needs: in MB; what is copied, twice over for what an update does to a large table.
trial_needs() {
  local role names=""
  for role in ${LIVE[pending]}; do names+=", $(sql_quote "${ARG[$role]-}")"; done
  sql <<<"SELECT CEIL(COALESCE(SUM(data_length + index_length), 0) * 2 / 1048576) + ${ARG[min_disk_mb]-0}
    FROM information_schema.tables WHERE table_schema IN (${names:2})"
}
has_room_for_trial() { (($(free_mb "$(sql <<<'SELECT @@datadir')") >= $1)); }

# copy_structure FROM TO: with the rows of the updater's own tables alone.
copy_structure() {
  local rcs
  create_like "$1" "$2" || die "the database $2 could not be made"
  {
    dump_of --no-data --routines --events --triggers -- "$1" &&
      dump_of --no-create-info --skip-triggers -- "$1" updates updates_include
  } | sql_client --binary-mode -- "$2" >/dev/null
  rcs=("${PIPESTATUS[@]}")
  [[ ${rcs[*]} == "0 0" ]] || die "the structure of $1 could not be copied to $2"
}

# grant_trial GRANT TO DATABASE, grant_trial REVOKE FROM DATABASE: the updater's account may change the copy.
grant_trial() {
  local name
  name=$(trial_name "$3") name=${name//\\/\\\\}
  printf "%s ALL ON %s.* %s %s@'localhost';\n" "$1" "$(sql_name "${name//_/\\_}")" "$2" "$(sql_quote "${ARG[user]-}")"
}

# drop_trials: also what a trial that was cut off has left.
drop_trials() {
  local role job
  job=$(of_this_realm trial)
  ! job_running "$job" || systemctl stop --quiet "$(job_unit "$job")" || true
  for role in "${ROLES[@]}"; do
    drop_database "$(trial_name "${ARG[$role]-}")"
    sql < <(grant_trial REVOKE FROM "${ARG[$role]-}") 2>/dev/null || true
  done
}

# run_trial RELEASE: as migrate does it for real.
# shellcheck disable=SC2004,SC2030,SC2034 # the parameters are other ones in here alone
run_trial() (
  STEP=$(of_this_realm trial)
  for role in "${ROLES[@]}"; do ARG[$role]=$(trial_name "${ARG[$role]-}"); done
  TRIAL=yes migrate "${LIVE[to]}" "$1"
)
