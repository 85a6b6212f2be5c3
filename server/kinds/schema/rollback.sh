# shellcheck shell=bash
# Back to an older release because the operator says so: as going live, but the databases are restored, not updated.

# list_releases: a line for each, the newest first: name, when it was built (in seconds), `live` or nothing, ROLE=BACKUP
# for each database that would be restored, with blanks between, and why it cannot run; with tabs between.
list_releases() {
  local dir id live problems back
  live=$(release_at "${ARG[root]-}/run")
  mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  while read -r _ dir; do
    id=${dir##*/} back="" problems=()
    if [[ $id != "$live" ]]; then
      mapfile -t problems < <(release_problems "$dir" "${ARG[user]-}")
      if ((${#problems[@]} == 0)); then back=$(way_back "$id") || problems=("$back") back=""; fi
    fi
    printf '%s\t%s\t%s\t%s\t%s\n' "$id" "$(stat -c %Y "$dir/.good")" "$([[ $id != "$live" ]] || echo live)" "$back" \
      "$(printable "${problems[0]-}")"
  done < <(stat -c '%Y %n' "${ARG[root]-}"/releases/*/.good 2>/dev/null | sed 's|/\.good$||' | sort -rn)
}

# way_back ID: prints ROLE=BACKUP for each database that has had updates which release ID does not know: the backup from
# before the first change after it. 1, with the reason, where there is none.
way_back() {
  local roles role from backups=() word line
  local -A backup=()
  roles=$(unknown_updates "${ARG[root]-}/releases/$1" | cut -d ' ' -f 1 | sort -u)
  while IFS=$'\t' read -r _ from _ _ line; do
    for word in $line; do backup[${word%%=*}]=${word#*=}; done
    [[ $from != "$1" ]] || break
  done < <(tac "$(live_history)" 2>/dev/null)
  for role in $roles; do
    if [[ ${from-} != "$1" || -z ${backup[$role]-} ]] || ! backup_is_there "${backup[$role]}"; then
      printf 'the %s database has had updates that it does not know, and there is no backup from before them' "$role"
      return 1
    fi
    backups+=("$role=${backup[$role]}")
  done
  printf '%s' "${backups[*]}"
}

backup_is_there() { know_backups && [[ -f $BACKUP_FOLDER/$1/manifest ]]; }

# release_named WORDS: the one release that begins so.
release_named() {
  local found=("${ARG[root]-}/releases/$1"*/)
  [[ $1 != *[/*?[]* && -d ${found[0]} ]] || die "there is no release $(printable "$1")" "npm run realm -- rollback lists them"
  ((${#found[@]} == 1)) || die "several releases begin with $1" "npm run realm -- rollback lists them"
  basename "${found[0]}"
}

# go_back_to RELEASE: what the verb does.
go_back_to() {
  local id why
  id=$(release_named "$1") || exit 1
  [[ $id != "$(release_at "${ARG[root]-}/run")" ]] || die "releases/$id is live"
  hold_realm "npm run realm -- rollback"
  wait_for 30 mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  [[ ! -d $(live_journal) ]] || die "a change of the release was cut off" "run \`pulumi up\`, which finishes or undoes it"
  require_runnable "$id"
  why=$(way_back "$id") || die "releases/$id cannot run any more: $why"
  ARG[back]=$id
  if [[ -n $(servers_to_restart) ]]; then
    work_unattended "releases/$id" "$SCRIPTS_DIR/current"
  else
    roll_back "$id"
  fi
}
require_runnable() {
  local problems
  mapfile -t problems < <(release_problems "${ARG[root]-}/releases/$1" "${ARG[user]-}")
  ((${#problems[@]} == 0)) || die "${problems[0]}, so it cannot go live; nothing was changed" "${problems[@]:1}"
  refuse_unread_data "${ARG[root]-}/releases/$1"
}

roll_back() {
  local words word role roles=()
  words=$(way_back "$1") || die "releases/$1 cannot run any more: $words"
  begin_journal "$1"
  for word in $words; do
    role=${word%%=*}
    roles+=("$role")
    LIVE["back_$role"]=${word#*=}
  done
  note_live rollback=yes pending="${roles[*]}"
  try_apart go_back
  end_live
}

go_back() {
  local role
  note_live stage=stopping stopped="$(date +%s)"
  stop_realm
  # shellcheck disable=SC2086 # words
  back_up_before ${LIVE[pending]-}
  keep_room
  note_live stage=migrating
  for role in ${LIVE[pending]-}; do restore_role "$role" "${LIVE[back_$role]}" back; done
  after_migration
}

# try_again: the newest release may go live although it failed, or was taken back.
try_again() {
  local id commit
  id=$(release_at "${ARG[root]-}/candidate")
  commit=$(field "${ARG[root]-}/releases/$id/release.info" commit)
  if [[ -z $commit ]] || ! why_failed "$commit" >/dev/null; then
    note "nothing is held back: releases/${id:-?} may go live"
    return
  fi
  forget_failed "$commit"
  note "releases/$id may go live again: run \`pulumi up\`"
}
