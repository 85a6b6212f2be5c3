# shellcheck shell=bash
# An update of the core from its branch, without Pulumi and without a login: what is new is built beside the live
# release, and goes live later. The steps do it as their receipts have them. UPDATE_BY says who wants it (night, hand).

# prepare_update [COMMIT]: builds what is new, or COMMIT. A commit that failed before is left alone unless it is named.
# Afterwards the record says what waits to go live; there is none when nothing does.
prepare_update() {
  local wanted=${1-} base head release from now live why back anew
  require_first_up
  refuse_pinned "$wanted"
  settle_update
  now=$(field "$(source_record)" base) from=$(field "$(update_record)" from) from=${from:-$now}
  look_at "$wanted"
  if [[ -n $wanted ]]; then
    forget_failed "$head"
  elif why=$(why_failed "$head"); then
    note "$(short_id "$head") is not tried again: $why; to try it all the same: npm run realm -- update $base"
    # What is new in the system's libraries still counts.
    look_at "$from"
    # So it is where the realm was taken back from what is checked out.
    ! back=$(why_failed "$head") || {
      end_update
      note_update "$UPDATE_BY" nothing "nothing to do: $(short_id "$head") is not tried again: $back"
      return
    }
  fi
  release=$(as_step build release_of "$head") || exit 1
  live=$(as_step build running_release)
  # A candidate that is not live yet has been cut off on its way.
  if [[ $release == "$live" && $(as_step build candidate_release) == "$live" && $base == "$now" ]]; then
    end_update
    # Of what is there something may be missing.
    try_step build || fail_update "$head" "$from"
    note_update "$UPDATE_BY" nothing \
      "up to date, nothing to do: ${why:+the newest, which failed before, is not tried again; }$(short_id "$head") is live"
    return
  fi
  anew=$(why_anew "$head" "$live")
  note "building $(short_id "$head")${anew:+ anew: $anew}"
  note_phase building "from=$from" "to=$base" "head=$head" "release=$release" "live=${UPDATE_LIVE-}"
  TRINITY_MOVE_TO=$base try_step source || fail_update "$head" "$from"
  TRINITY_UPDATE=build try_step build || fail_update "$head" "$from"
  note_phase built
  tidy_releases
  audit update built "$release"
  note_update "$UPDATE_BY" built "releases/$release is built${anew:+ anew ($anew)}; releases/$live is still live"
}

# look_at COMMIT: fills base and head, of COMMIT or of the branch's newest.
look_at() {
  local answer rc=0
  answer=$(as_step source with_lock source upstream "$1" 2>"$UPDATE_ERRORS") || rc=$?
  cat "$UPDATE_ERRORS" >&2
  if ((rc)); then
    end_failed update-failed "$(first_error "the branch could not be looked at")"
  fi
  base=$(sed -n 's/^base=//p' <<<"$answer") head=$(sed -n 's/^head=//p' <<<"$answer")
}

running_release() { release_at "${ARG[root]-}/run"; }
candidate_release() { release_at "${ARG[root]-}/candidate"; }

require_first_up() {
  local step
  for step in source build release; do
    completed "$step" || die "the first \`pulumi up\` has not come to its end" "run it, then try again"
  done
}

# refuse_pinned COMMIT
refuse_pinned() {
  local pin
  pin=$(as_step source arg commit)
  [[ -z $1 || -z $pin || $1 == "$pin" ]] ||
    die "the config keeps the realm at $(short_id "$pin"); nothing was changed" \
      "for $(short_id "$1"): pulumi config set --path trinitycore:core.source.commit $1, then \`pulumi up\`" \
      "to follow the branch: pulumi config rm --path trinitycore:core.source.commit, then \`pulumi up\`"
}

# settle_update: ends an update that was cut off when it had gone live already. Any other is begun again, and finds what
# was done.
settle_update() {
  local -A is=()
  [[ -f $(update_record) ]] || return 0
  read_fields "$(update_record)" is
  [[ ${is[phase]-} != switching || $(as_step build running_release) != "${is[release]-}" ]] || end_update
}

# why_anew HEAD LIVE: why the live release's own commit is built again: a library, the compiler or an option.
why_anew() {
  [[ $(as_step build release_commit "$2") == "$1" ]] || return 0
  as_step build observe 2>/dev/null | sed -n 's/^drift-replacing: //p' | head -n 1
}
release_commit() { field "${ARG[root]-}/releases/$1/release.info" commit; }

# note_phase PHASE [KEY=VALUE…]: what cannot be noted is not begun.
note_phase() {
  : >"$UPDATE_ERRORS"
  begin_phase "$@" 2>"$UPDATE_ERRORS" && return
  cat "$UPDATE_ERRORS" >&2
  end_failed update-failed "$(first_error "$(update_record) could not be written")"
}

# try_step STEP: applies it again; what it says of an error goes to UPDATE_ERRORS too.
try_step() {
  local rc=0
  again_step "$1" 2>"$UPDATE_ERRORS" || rc=$?
  cat "$UPDATE_ERRORS" >&2
  return "$rc"
}
# first_error [OTHERWISE]
first_error() {
  local why
  why=$(sed -n 's/^error: //p' "$UPDATE_ERRORS" | head -n 1)
  printf '%s' "${why:-${1-}}"
}

# end_failed EVENT WHY: the error itself was said where it came about.
end_failed() {
  [[ $2 == "$(first_error)" ]] || printf 'error: %s\n' "$2" >&2
  note_update "$UPDATE_BY" failed "$2"
  audit update failed "$2"
  alert "$1" "$2" "journalctl -u $UPDATE_UNIT has the rest"
  exit 1
}

# fail_update COMMIT FROM: goes back to what was checked out, so that the host is as the live release wants it, and
# ends.
fail_update() {
  local why event=update-failed
  why=$(first_error "the update failed")
  [[ $why != 'build of '* ]] || event=build-failed
  ! build_is_to_blame "$why" || remember_failed "$1" "$why"
  check_out_former "$2" || note "the checkout could not be taken back to $(short_id "$2"); the next update tries again"
  end_failed "$event" "$why"
}

# build_is_to_blame WHY: the commit itself cannot be built. Want of room or of memory, or somebody who ended the build,
# says nothing against it.
build_is_to_blame() {
  [[ $1 == 'build of '* && $(job_result build) == exit-code ]] && (($(as_step build room_for_more) >= 20)) &&
    ! grep -qE 'No space left on device|Disk quota exceeded|Read-only file system|Input/output error' "$(job_log build)"
}

# room_for_more: the megabytes that are free where the build is. Not every program says why it could not write.
room_for_more() { free_mb "${ARG[root]-}/build" 2>/dev/null || echo 0; }

# check_out_former FROM: what was checked out before is checked out again; the release is there.
check_out_former() {
  local TRINITY_MOVE_TO=$1
  export TRINITY_MOVE_TO
  again_step source && end_update && again_step build && tidy_releases
}

# tidy_releases: what was built and is of no use now counts among the releases that are kept. Where another one is on
# its way to go live, the release step would switch to it.
tidy_releases() {
  [[ $(as_step build running_release) != "$(as_step build candidate_release)" ]] ||
    again_kinds again_step release >/dev/null || true
}

# switch_update: what waits goes live.
switch_update() {
  local why
  local -A is=()
  read_fields "$(update_record)" is
  case ${is[phase]-} in
    built | switching) ;;
    *) note "nothing waits to go live" && return ;;
  esac
  hold_realm "${STEP-an update}"
  note_phase switching
  if again_to_live; then
    end_update
    note_update "$UPDATE_BY" live "releases/${is[release]} is live"
    audit update "went live" "${is[release]}"
    return
  fi
  why=$(first_error "releases/${is[release]} did not go live")
  host_is_to_blame "$why" || remember_failed "${is[head]}" "$why"
  # Databases that are of the new release already have no way back from here.
  [[ $(as_step build running_release) == "${is[release]}" ]] || check_out_former "${is[from]}" || true
  end_failed update-failed "$why"
}

# host_is_to_blame WHY: the release itself was not tried.
host_is_to_blame() {
  local words='MariaDB does not answer| MB free| lock is still held|the disk is full|could not write|cannot be written'
  words+='|there is no (backup|room)|could not be (put on record|copied)|was ended from outside|for want of memory'
  [[ $1 =~ $words ]]
}

# again_to_live: the steps that follow a build, in their order.
again_to_live() {
  export TRINITY_UPDATE=switch TRINITY_WINDOW=open
  local rc=0
  try_step build && again_kinds try_step schema release service || rc=1
  unset TRINITY_UPDATE TRINITY_WINDOW
  return "$rc"
}

# again_step STEP: as its receipt has it.
# shellcheck disable=SC2154 # `here` is the folder of these scripts
again_step() { bash "$here/run/step.sh" again "$1"; }

# again_kinds COMMAND KIND…: calls COMMAND with each step of these kinds, kind by kind. The alphabet puts the
# authserver before the worldserver, as wanted.
again_kinds() {
  local kind receipt step
  for kind in "${@:2}"; do
    for receipt in "$RECEIPTS"/*/; do
      step=$(basename "$receipt")
      if ! completed "$step" || [[ $(<"$receipt/kind") != "$kind" ]]; then continue; fi
      note "$step"
      "$1" "$step" || return 1
    done
  done
}
