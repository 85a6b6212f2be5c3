# shellcheck shell=bash
# The release that is live: `run` must point to the release that `candidate` names. Older releases are kept as a way
# back.
# observed: what `run` points to; releases beside those to keep; what is left of a build that was cut off
# not observed: kept releases other than the live one: they are checked before they go live

# shellcheck disable=SC2034 # the runner reads it
CHANGES_REALM=yes

observe() {
  local root wanted live dir rests why
  root=${ARG[root]-} wanted=$(release_at "${ARG[root]-}/candidate") live=$(release_at "${ARG[root]-}/run")
  [[ -n $wanted ]] || { blind "$root/candidate names no release that is to go live" && return; }
  if [[ -d $root/run && ! -L $root/run ]]; then
    say "run is a folder, should point to releases/$wanted"
  elif [[ -z $live ]]; then
    say "run is missing, should point to releases/$wanted"
  elif [[ $live != "$wanted" ]]; then
    if why=$(held_back "$wanted"); then
      hint "$why"
    elif must_await_window "$wanted"; then
      hint_waiting "releases/$wanted is there to go live in place of releases/$live"
    else
      say "run points to releases/$live, should point to releases/$wanted"
    fi
  fi
  while IFS= read -r dir; do
    say_without_effect "releases/$dir is not among the ${ARG[keep]-} that are kept"
  done < <(surplus_releases "$live" "$wanted")
  mapfile -t rests < <(build_leftovers)
  if ((${#rests[@]} == 0)) || job_running build; then return 0; fi
  for dir in "${rests[@]}"; do say_without_effect "releases/$dir is left over from a build that was cut off"; done
}

apply() {
  local root wanted dir
  root=${ARG[root]-}
  wanted=$(release_at "$root/candidate")
  [[ -n $wanted && -f $root/releases/$wanted/.good ]] ||
    die "there is no whole release to go live" "$root/candidate points to ${wanted:-nothing}"
  if [[ ! -L $root/run ]] || { [[ $(release_at "$root/run") != "$wanted" ]] && ! must_await_window "$wanted" &&
    ! held_back "$wanted" >/dev/null; }; then
    go_live "$wanted"
    forget_former_data
  fi
  while IFS= read -r dir; do
    note "removing releases/$dir"
    rm -rf --one-file-system -- "$root/releases/${dir:?}"
  done < <(surplus_releases "$(release_at "$root/run")" "$wanted" && { job_running build || build_leftovers; })
}

# must_await_window RELEASE: RELEASE needs other databases, and their update has to wait for the window.
must_await_window() { [[ $(field "$(schema_record)" release) != "$1" ]] && must_wait_for_window; }

# surplus_releases LIVE CANDIDATE: prints all but `keep` releases. Those that have served stay before others, as they
# are the way back; else the newest stay, by when they last went live or were built. LIVE and CANDIDATE always stay, and
# count among those that are kept; what an update has built stays too.
surplus_releases() {
  local root=${ARG[root]-} keep=${ARG[keep]-} dir live=$1 candidate=$2 others=() held
  held=$(field "$(update_record)" release)
  [[ -z $live ]] || keep=$((keep - 1))
  [[ -z $candidate || $candidate == "$live" ]] || keep=$((keep - 1))
  for dir in "$root"/releases/*/; do
    dir=${dir%/}
    [[ ! -d $dir || ${dir##*/} == @("$live"|"$candidate"|"$held") ]] ||
      others+=("$(merit_of "$dir") ${dir##*/}")
  done
  ((${#others[@]})) || return 0
  printf '%s\n' "${others[@]}" | sort -k 1,1rn -k 2,2rn | tail -n +$(((keep > 0 ? keep : 0) + 1)) | cut -d ' ' -f 3-
}
# merit_of RELEASE_FOLDER: 1 where it was live and nothing is known against it, else 0; and when it was live or built.
merit_of() {
  local served=0
  [[ ! -f $1/.live ]] || why_failed "$(field "$1/release.info" commit)" >/dev/null || served=1
  printf '%s %s' "$served" "$(stat -c %Y "$1" "$1/.good" "$1/.live" 2>/dev/null | sort -n | tail -n 1)"
}
build_leftovers() {
  local dir
  for dir in "${ARG[root]-}"/releases/.*.{new,old}; do [[ ! -e $dir && ! -L $dir ]] || printf '%s\n' "${dir##*/}"; done
}

manifest() {
  printf 'tree %s/releases\n' "${ARG[root]-}"
  printf 'link %s/%s\n' "${ARG[root]-}" candidate "${ARG[root]-}" run
  find "${ARG[root]-}" -maxdepth 1 -name 'run.before-*' -printf 'kept %p\n' 2>/dev/null || true
}
drop() { remove_place "$1"; }

outcome() { printf '%s\n' "$(release_at "${ARG[root]-}/run")"; }
