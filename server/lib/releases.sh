# shellcheck shell=bash
# Where the checkout, the build and the releases of a realm are, and what is known of each.

# The commit that was checked out last, and what for: it outlives a lost checkout, so that the same commit comes back.
source_record() { printf '%s/source' "$STATE_DIR"; }

# There from before the first import into an empty database until everything is in: what is found with it is half done.
import_marker() { printf "%s/importing" "$STATE_DIR"; }

# field FILE KEY: the value in a file of `key=value` lines; empty when there is none.
field() {
  local line
  [[ -f $1 ]] || return 0
  while IFS= read -r line; do
    [[ ${line%%=*} != "$2" ]] || { printf '%s' "${line#*=}" && return; }
  done <"$1"
}

short() { printf '%s' "${1:0:12}"; }

# The release a link (candidate, run) points to, by name; empty when there is none.
release_at() { [[ ! -L $1 ]] || basename "$(readlink "$1")"; }

# switch_link LINK TARGET: whoever follows the link sees the old target or the new one, never nothing.
switch_link() {
  local tmp=$1.switching
  ln -sfn "$2" "$tmp" && mv -fT "$tmp" "$1" && sync "$(dirname "$1")"
}

# tdb_expected SOURCE: the name of the world dump that this source looks for, compiled into its worldserver.
tdb_expected() {
  local line file=$1/revision_data.h.in.cmake
  [[ -f $file && ! -L $file ]] || return 1
  while IFS= read -r line; do
    if [[ $line =~ DATABASE_FULL_DATABASE[[:space:]]+\"([A-Za-z0-9._-]+)\" ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return
    fi
  done <"$file"
  return 1
}

# flaws_of DIR USER: a sentence for each thing that keeps a release from running as it was built.
flaws_of() {
  local dir=$1 user=$2 name=releases/${1##*/} file line said=0
  [[ -d $dir ]] || { echo "$name is missing" && return; }
  [[ -f $dir/.good ]] || { echo "$name is not complete" && return; }
  while IFS= read -r line; do
    said=1
    case $line in
      *': FAILED open or read') echo "$name/${line%: *} is missing" ;;
      *) echo "$name/${line%: *} is not what was built" ;;
    esac
  done < <(cd "$dir" && sha256sum -c --quiet .good 2>/dev/null | sort)
  ((said == 0)) || return 0
  for file in "$dir"/bin/*; do
    [[ -f $file && -x $file ]] || continue
    while read -r line _; do
      said=1
      echo "$name/bin/${file##*/} lacks the library $line"
    done < <(ldd "$file" 2>/dev/null | grep 'not found')
  done
  ((said == 0)) || return 0
  line=$(AS_USER_CWD=/ as_user "$user" timeout 10 "$dir/bin/worldserver" --version </dev/null 2>&1 | head -n 1)
  [[ $line == *"$(short "$(field "$dir/release.info" commit)")"* && $line != *+\ * ]] ||
    echo "$name/bin/worldserver --version says \"${line:0:120}\", should name $(short "$(field "$dir/release.info" commit)")"
}

free_mb() { df --output=avail -BM "$1" | tail -n 1 | tr -dc 0-9; }

# enough_space DIR MB WHAT: ends the step before it could fill the disk.
enough_space() {
  local free
  free=$(free_mb "$1")
  ((free >= $2)) || die "$(df --output=target "$1" | tail -n 1) has $free MB free; $3 needs $2 MB" "make room, then run \`pulumi up\` again"
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
