# shellcheck shell=bash
# A release for what is checked out: built beside the live one, kept in ROOT/releases/COMMIT-KEY, and named by
# the link ROOT/candidate. A release that is there is not built again: then only the link moves.
# observed: that programs may be run where they are built and kept; before a build, whether there is room for it and
#   whether the compiler will do; the release of the wanted commit, options, compiler and libraries is there; every file
#   of it by its SHA-256 sum; libraries its programs lack; what the worldserver says of itself
# not observed: the build tree: it is only a cache, and the next build finds what has changed

# No lock is held while a build is followed, so that a second run can join it. What must not run twice takes the lock
# itself.
LOCK=build-run-$$

observe() {
  local root=${ARG[root]-} wanted named flaw compiler phase
  refuse_noexec "$root"/{releases,build,work}
  if [[ ! -f $(source_record) ]]; then
    check_build_can_run
    if [[ -z $(release_at "$root/candidate") ]]; then
      say "nothing is checked out yet that could be built"
    else
      say "it is not on record what is checked out, so it cannot be told whether that is what was built"
    fi
    return
  fi
  compiler=$(compiler_program)
  command -v "$compiler" >/dev/null || { say "the compiler $compiler is not installed" && return; }
  wanted=$(release_id) named=$(release_at "$root/candidate")
  if [[ -n $named && $named != "$wanted" ]] && phase=$(held_update "$wanted"); then
    # Who builds for an update looks at what he builds, everybody else at what goes on meanwhile.
    if [[ ${TRINITY_UPDATE-} == build ]]; then
      named=$wanted
    else
      hint_held "$wanted" "$phase"
    fi
  elif [[ $named != "$wanted" ]]; then
    observe_other "$wanted" "$named"
    return
  fi
  while IFS= read -r flaw; do say "$flaw"; done < <(release_problems "$root/releases/$named" "${ARG[user]-}")
}

# observe_other WANTED NAMED: the candidate is none, or another release than the wanted one.
observe_other() {
  local root=${ARG[root]-} wanted=$1 named=$2
  if [[ -f $root/releases/$wanted/.good ]]; then
    say "candidate $(if [[ -n $named ]]; then echo "points to releases/$named"; else echo "is missing"; fi), should point to releases/$wanted"
  elif [[ -z $named ]]; then
    check_build_can_run
    say "no release is built yet; $(short_id "$(head_commit)") is checked out"
  else
    check_build_can_run
    differences "$root/releases/$named/release.info"
  fi
}

# check_build_can_run: found in the preview, not after half an hour of work. A build that runs already has its room.
check_build_can_run() {
  local line
  ! line=$(tools_known_to_fail) || [[ -z $line ]] || hint "$line"
  job_running build || while IFS= read -r line; do
    if [[ -z $(release_at "${ARG[root]-}/candidate") ]]; then
      refuse "$line"
    else
      hint "the build will not begin: $line"
    fi
  done < <(lacking_here)
}

head_commit() { field "$(source_record)" head; }
release_id() { release_of "$(head_commit)"; }
# release_of COMMIT: the name of the release of a commit, built as it is wanted here.
release_of() {
  local sum
  sum=$(build_key | sha256sum)
  printf '%s-%s' "${1:0:12}" "${sum:0:8}"
}

# build_key: everything besides the commit that makes it another build, one a line.
build_key() {
  local program version options
  local -A os=()
  program=$(compiler_program)
  # Without the package's revision: a rebuilt compiler of the same version makes the same programs.
  version=$(compiler_version "$program")
  printf 'compiler=%s %s\n' "$program" "$version"
  printf 'type=%s\n' "${ARG[type]-}"
  read_fields /etc/os-release os
  version="${os[ID]-} ${os[VERSION_ID]-}"
  printf 'system=%s %s\n' "${version//\"/}" "$(uname -m)"
  sonames boost_filesystem mariadb ssl readline
  list options options
  ((${#options[@]} == 0)) || printf 'option %s\n' "${options[@]}" | sort
}

# sonames LIBRARY…: the names that programs are linked to, e.g. boost_filesystem=libboost_filesystem.so.1.74.0.
sonames() {
  local library file links=() targets
  local -A link=()
  for library in "$@"; do
    for file in /usr/lib64/lib"$library".so /usr/lib/*-linux-gnu/lib"$library".so /usr/lib/lib"$library".so; do
      [[ ! -L $file ]] || { link[$library]=${#links[@]} && links+=("$file") && break; }
    done
  done
  ((${#links[@]} == 0)) || mapfile -t targets < <(readlink "${links[@]}")
  for library in "$@"; do
    if [[ -n ${link[$library]-} ]]; then file=${targets[${link[$library]}]##*/}; else file=none; fi
    printf '%s=%s\n' "$library" "$file"
  done
}

# differences INFO: why the release in use is not the wanted one.
differences() {
  local was is what key said=0 other=0
  key=$(build_key)
  was=$(short_id "$(field "$1" commit)") is=$(short_id "$(head_commit)")
  [[ $was == "$is" ]] || { said=1 && say_replacing "the newest release is of $was, should be of $is"; }
  for what in compiler type system boost_filesystem mariadb ssl readline; do
    was=$(field "$1" "$what") is=$(sed -n "s/^$what=//p" <<<"$key")
    [[ $was == "$is" ]] || {
      [[ $what == type ]] || other=1
      said=1 && say_replacing "the newest release was built with $what ${was:-unknown}, should be $is"
    }
  done
  # The distribution was upgraded, so no key of the config explains the build.
  ((other == 0)) || hint "the core is built anew for this system; the live release goes on until the new one is there"
  while IFS= read -r what; do
    said=1
    case $what in
      $'\t'*) say_replacing "the newest release was built without -D${what:1}" ;;
      *) say_replacing "the newest release was built with -D$what, which is not wanted" ;;
    esac
  done < <(comm -3 <(sed -n 's/^option //p' "$1" | sort) <(sed -n 's/^option //p' <<<"$key" | sort))
  ((said)) || say_replacing "release $(release_id) is not built yet"
}

apply() {
  local root id
  rm -f "$LOCK_DIR/$LOCK" "$LOCK_DIR/$LOCK.holder"
  root=${ARG[root]-}
  # shellcheck disable=SC2154 # an associative array
  [[ -z ${TRINITY_BUILD_JOBS-} ]] || ARG[jobs]=$TRINITY_BUILD_JOBS
  [[ -n $(head_commit) ]] || die "nothing is checked out that could be built"
  command -v "$(compiler_program)" >/dev/null || die "the compiler $(compiler_program) is not installed"
  id=$(release_id)
  [[ ! -f $root/releases/$id/.good ]] || with_lock packages restore_libraries "$root/releases/$id"
  if [[ -n $(release_problems "$root/releases/$id" "${ARG[user]-}") ]]; then
    build_release "$id" || with_fewer_jobs "$id" || build_failed "$id"
  else
    note "releases/$id is built already"
  fi
  # What an update builds becomes the candidate when it is its time.
  [[ ${TRINITY_UPDATE-} != build ]] || return 0
  with_lock build point_candidate "$root" "$id"
  note "candidate is releases/$id"
}

# Two runs may follow one build, and a later run may have superseded one of them.
point_candidate() {
  ! superseded || die "a later run has taken the build over"
  [[ $(release_at "$1/candidate") == "$2" ]] || switch_link "$1/candidate" "releases/$2"
}

# build_release ID: starts the build or joins the one that runs, and follows it to its end.
failed_by="" used_jobs=1 build_seconds=0
build_release() {
  local began
  with_lock build start_or_join "$1"
  used_jobs=$(tr '\0' '\n' <"$JOB_DIR/build/args" | sed -n 's/^jobs=//p')
  began=$(job_began build)
  job_follow build build_progress || true
  failed_by=$(job_result build)
  build_seconds=$(($(date +%s) - began))
  [[ -f ${ARG[root]-}/releases/$1/.good && -z $(release_problems "${ARG[root]-}/releases/$1" "${ARG[user]-}") ]] || return 1
  note "built $1 in $(duration "$build_seconds")"
}

with_fewer_jobs() {
  [[ $failed_by == oom-kill ]] || return 1
  # shellcheck disable=SC2154 # an associative array
  ARG[jobs]=$(((used_jobs + 1) / 2))
  note "memory ran out: once more with ${ARG[jobs]} at a time"
  build_release "$1"
}

start_or_join() {
  if job_running build; then
    if [[ $(job_key build) == "$1" ]]; then
      note "joining the build of $1 that is running"
      return
    fi
    note "stopping the build of $(job_key build): $1 is wanted now"
    systemctl stop "$(job_unit build)"
  fi
  preflight
  refresh_source
  # shellcheck disable=SC2154 # an associative array
  ARG[id]=$1 ARG[commit]=$(head_commit) ARG[key]=$(build_key) ARG[jobs]=$(jobs_here)
  # shellcheck disable=SC2154 # `here` is the folder of these scripts
  job_start build "$1" "$here/units/build.sh" Nice=19 IOSchedulingClass=idle IOWeight=1 CPUWeight=idle \
    MemoryHigh="$(memory_high)" OOMScoreAdjust=800 OOMPolicy=continue
}

# The build only reads the source. If the clock was ahead, files there are dated in the future and would be built each
# time; git would then take a touched file for a changed one, so its index is refreshed.
# shellcheck disable=SC2034 # as_user reads it
refresh_source() {
  local AS_USER_CWD=${ARG[root]-}/src
  as_user "${ARG[user]-}" find . -name .git -prune -o -newermt '1 hour' -exec touch -h {} +
  as_user "${ARG[user]-}" git -c core.fsmonitor=false -c core.hooksPath=/dev/null update-index -q --refresh || true
}

build_failed() {
  local log live lines ended
  log=$(job_log build) live=$(release_at "${ARG[root]-}/run")
  mapfile -t lines < <(build_errors <"$log" | sed "s|${ARG[root]-}/src/||g; /^$/d")
  ended=$(job_ended_by build)
  [[ -z $ended ]] || lines=("$ended" "${lines[@]}")
  die "build of $(short_id "$1") failed after $(duration "$build_seconds"); $(if [[ -n $live ]]; then echo "release $(short_id "$live") is still live"; else echo "no release is live yet"; fi)" \
    "${lines[@]}" "whole log on the host: $log, or journalctl -u $(job_unit build)"
}

# The release step has the releases in its manifest too, from its first run on.
manifest() {
  printf 'tree %s\n' "${ARG[root]-}/"{build,releases}
  printf 'link %s/candidate\n' "${ARG[root]-}"
}
drop() {
  [[ $1 != 'tree '*/build ]] || job_forget build
  remove_place "$1"
}
