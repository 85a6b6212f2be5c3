# shellcheck shell=bash
# Where a realm's checkout, build and releases are, and what is on record of each.

# The commit that was checked out last, and for which settings. It outlives a lost checkout, so that the same commit
# comes back.
source_record() { printf '%s/source' "$STATE_DIR"; }

# records_folder: records of what was done to the realm's databases.
records_folder() { printf '%s' "${ARG[records]:-$STATE_DIR}"; }
schema_record() { printf '%s/schema' "$(records_folder)"; }
# live_history: a line for each change of the live release: when, from, to, seconds without players, then ROLE=BACKUP
# for each database that was changed, with tabs between.
live_history() { printf '%s/went-live' "$(records_folder)"; }
# The marker is there from before the first import into an empty database until the import is complete: with it, a
# database is half imported.
import_marker() { printf '%s/importing' "$(records_folder)"; }

# field FILE KEY: the value in a file of `key=value` lines; empty when there is none.
field() {
  local line
  [[ -f $1 ]] || return 0
  while IFS= read -r line; do
    [[ ${line%%=*} != "$2" ]] || { printf '%s' "${line#*=}" && return; }
  done <"$1"
}

# read_fields FILE ARRAY: all values at once.
read_fields() {
  local -n _fields=$2
  local line
  [[ -f $1 ]] || return 0
  while IFS= read -r line; do
    [[ $line != ?*=* || -n ${_fields[${line%%=*}]+set} ]] || _fields[${line%%=*}]=${line#*=}
  done <"$1"
}

short_id() { printf '%s' "${1:0:12}"; }

# release_at LINK: the name of the release that a link (candidate, run) points to; empty when there is none.
release_at() {
  local target
  [[ -L $1 ]] || return 0
  target=$(readlink "$1")
  target=${target%/}
  printf '%s\n' "${target##*/}"
}
# newest_release CORE: the name of the release that goes live next, else of the live one; empty when there is none.
newest_release() {
  local name
  name=$(release_at "$1/candidate")
  if [[ -n $name && -d $1/releases/$name ]]; then printf '%s\n' "$name"; else release_at "$1/run"; fi
}

# switch_link LINK TARGET: a reader finds the old target or the new one, never none.
switch_link() {
  local tmp=$1.switching
  ln -sfn "$2" "$tmp" && mv -fT "$tmp" "$1" && sync "$(dirname "$1")"
}

# go_live RELEASE: `run` points to it, and the stack's units replace those of a former realm. Game data that waits for
# this release takes its place.
go_live() {
  local run=${ARG[root]-}/run kept
  if [[ -d $run && ! -L $run ]]; then
    kept=$run.before-$(date -u +%Y%m%d-%H%M%S)
    note "the folder $run is kept as $kept"
    mv -T "$run" "$kept"
  fi
  bring_waiting_data "${ARG[root]-}/releases/$1"
  touch "${ARG[root]-}/releases/$1/.live"
  switch_link "$run" "releases/$1"
  note "releases/$1 is live"
  replace_former
}

# held_back RELEASE: prints why a release that failed is not tried again unasked; 1 when it may go live, or already did.
held_back() {
  local commit why live
  live=$(release_at "${ARG[root]-}/run")
  [[ -n $live && $live != "$1" ]] || return 1
  commit=$(field "${ARG[root]-}/releases/$1/release.info" commit)
  [[ -n $commit ]] && why=$(why_failed "$commit") || return 1
  printf 'releases/%s is not tried again: %s; releases/%s stays live until there is a newer commit, or until: npm run realm -- retry' "$1" "$why" "$live"
}

# remove_place LINE: removes a link or a folder of the realm that a manifest names.
remove_place() {
  case $1 in
    'link /'*) [[ ! -L ${1#link } ]] || rm -f -- "${1#link }" ;;
    'tree /'*/*/*) rm -rf --one-file-system -- "${1#tree }" ;;
  esac
}

# tdb_expected SOURCE USER: the name of the world content that this source's worldserver looks for.
tdb_expected() {
  local line
  [[ -d $1 ]] || return 1
  while IFS= read -r line; do
    if [[ $line =~ FULL_DATABASE[[:space:]]+\"([A-Za-z0-9._-]+)\" ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return
    fi
  done < <(read_as_user "$2" "$1/revision_data.h.in.cmake")
  return 1
}

# release_problems DIR USER: a sentence for each thing that keeps a release from running as it was built.
release_problems() {
  local dir=$1 user=$2 name=releases/${1##*/} file line said=0 wrong programs=() commit why
  local -A info=()
  [[ -d $dir ]] || { echo "$name is missing" && return; }
  [[ -f $dir/.good ]] || { echo "$name is not complete" && return; }
  file=$(find "$dir" \( ! -user root -o -perm /022 ! -type l \) -printf '%P (%u)' -quit)
  [[ -z $file ]] || { echo "$name has files that others than root may change: $file" && return; }
  wrong=$(cd "$dir" && sha256sum -c --quiet .good 2>/dev/null)
  if [[ -n $wrong ]]; then
    while IFS= read -r line; do
      case $line in
        *': FAILED open or read') echo "$name/${line%: *} is missing" ;;
        *) echo "$name/${line%: *} is not what was built" ;;
      esac
    done < <(sort <<<"$wrong")
    return
  fi
  for file in "$dir"/bin/*; do [[ ! -f $file || ! -x $file ]] || programs+=("$file"); done
  while read -r file line; do
    said=1
    echo "$name/bin/$file lacks the library $line"
  done < <(lacking_libraries "$user" "${programs[@]}")
  ((said == 0)) || return 0
  line=$(run_caged "$user" timeout 10 "$dir/bin/worldserver" --version </dev/null 2>&1) || {
    ! why=$(why_unrunnable $?) || { echo "$name/bin/worldserver cannot be run here: $why" && return; }
  }
  line=${line%%$'\n'*}
  [[ $line != 'Failed to connect to bus: '* ]] ||
    { echo "$name cannot be tried, as systemd does not answer: $line" && return; }
  read_fields "$dir/release.info" info
  commit=${info[commit]-}
  [[ $line == *"${commit:0:12}"* && $line != *+\ * ]] ||
    echo "$name/bin/worldserver --version says \"${line:0:120}\", should name ${commit:0:12}"
}

# lacking_libraries USER FILE…: `PROGRAM LIBRARY` for each library that the linker does not find. The user is not root,
# because the linker reads files that a build made.
lacking_libraries() {
  local user=$1 file=${2-} line
  shift
  # For a single file ldd does not print its name.
  while IFS= read -r line; do
    case $line in
      /*:) file=${line%:} ;;
      *'not found'*) line=${line#"${line%%[![:space:]]*}"} && printf '%s %s\n' "${file##*/}" "${line%%[[:space:]]*}" ;;
    esac
  done < <((($#)) && run_caged "$user" ldd "$@" 2>/dev/null)
}

free_mb() { df --output=avail -BM "$1" | tail -n 1 | tr -dc 0-9; }

# enough_space DIR MB WHAT: ends the step when the disk has too little room.
enough_space() {
  local free
  free=$(free_mb "$1")
  ((free >= $2)) ||
    die "$(df --output=target "$1" | tail -n 1) has $free MB free; $3 needs $2 MB" \
      "make room, then run \`pulumi up\` again"
}

# percent_notes LABEL [PATTERN]: turns the running percentages of git, curl or wget into a line every two seconds.
percent_notes() {
  local line now next
  printf -v next '%(%s)T' -1
  stdbuf -o0 tr '\r' '\n' | while IFS= read -r line; do
    [[ $line == *${2-}* && $line =~ ([0-9]{1,3})(\.[0-9]+)?% ]] || continue
    printf -v now '%(%s)T' -1
    ((now > next)) || continue
    next=$((now + 1))
    note "$1 ${BASH_REMATCH[1]}%"
  done
}

# duration SECONDS: for people.
duration() {
  if (($1 >= 60)); then printf '%s m %s s' $(($1 / 60)) $(($1 % 60)); else printf '%s s' "$1"; fi
}
