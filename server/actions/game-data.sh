#!/bin/bash
# New game data on its way into a realm; `npm run realm -- data` runs this. Each action has the same first words:
# DATA INCOMING MANIFEST USER LOCK CORE.
#   game-data.sh state …                        what is there, and what speaks against new data
#   game-data.sh finish … FILES BYTES FOLDER…   these folders are there whole: they are listed, and go live or wait for
#                                               their release
#   game-data.sh arrived … FOLDER… <LINES       the same of files that were sent; LINES, packed by gzip and base64, has
#                                               a line of the list for each file that the list does not have, and one
#                                               that begins with "gone" for each that is not wanted any more
#   game-data.sh unpack … SENDER SILENCE GROUP FOLDER… <ARCHIVE
#                                               new files, to where new data is gathered, in these folders; several at
#                                               once where they are of one SENDER
#   game-data.sh check …                        reads all data and compares it with the list
#   game-data.sh list … FROM                    the files of a folder on this host, with their first bytes
#   game-data.sh copy … FROM FOLDER…            copies that folder to where new data is gathered
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
# shellcheck source=server/actions/game-data/arrived.sh
. "$(dirname "${BASH_SOURCE[0]}")/game-data/arrived.sh"
# shellcheck source=server/actions/game-data/unpack.sh
. "$(dirname "${BASH_SOURCE[0]}")/game-data/unpack.sh"
action=${1-} data=${2-} incoming=${3-} manifest=${4-} user=${5-} lock=${6-} core=${7-}
# The answer goes to the verb, so that it can read it.
answer() { printf '%s %s\n' "$1" "$(printable "$2")"; }

state() {
  local line
  make_work
  # Nothing is being sent now, so the next who sends may be anybody.
  [[ -L $incoming ]] || rm -f "$incoming/sender"
  if swap_was_cut_off "$incoming"; then
    note "new game data was cut off while it took its place; it is there now"
    swap_data "$data" "$incoming" "$manifest" || die "the new game data of the last time could not take its place"
  fi
  command -v rsync >/dev/null || answer against "rsync is not installed there; \`pulumi up\` installs it"
  if ! getent passwd "$user" >/dev/null || [[ ! -d $data ]]; then
    answer against "there is no realm yet, as $data is missing; \`pulumi up\` makes it"
  else
    while IFS= read -r line; do answer against "$line"; done < <(not_a_folder "$data" "$incoming")
  fi
  printf 'formats %s\n' "$(data_formats "$data" "$user")"
  for line in run candidate; do
    answer reads "$(release_at "$core/$line") $(field "$core/$line/release.info" formats)"
  done
  printf 'free %s\n' "$(df --output=avail -B1 "${data%/*}" 2>/dev/null | tail -n 1 | tr -dc 0-9)"
  printf 'listing %s\n' "$({
    data_files "$data" "$user" | listed_apart
    data_files "$incoming" "$user" | sed 's/^/incoming\t/'
  } | gzip -1 | base64 -w 0)"
  printf 'listed %s\n' "$(<"$work/listed")"
}
# listed_apart <data_files: puts "listed" before each file that the list has with this size and time and a sum, "live"
# before the others. Makes the file `listed`, which says yes where all that the list has is there.
listed_apart() {
  local list=$manifest
  [[ -f $list ]] || list=/dev/null
  awk -F '\t' -v all="$work/listed" '
    kind == "list" && /^#/ { next }
    kind == "list" { at[$4] = length($3) == 64 ? $1 "\t" $2 : "-"; left++; next }
    at[$3] == $1 "\t" $2 { print "listed\t" $0; left--; found++; next }
    { print "live\t" $0 }
    END { print (found && !left ? "yes" : "no") >all }
  ' kind=list "$list" kind=files -
}
make_work() {
  declare -g work
  work=$(mktemp -d) || die "there is no room in ${TMPDIR:-/tmp}" "the live data was not touched"
  trap 'rm -rf "$work"' EXIT
}

# require_folders: new data cannot take its place behind a link or a mount.
require_folders() {
  local wrong
  wrong=$(not_a_folder "$data" "$incoming")
  [[ -z $wrong ]] || die "${wrong%%$'\n'*}" "the live data was not touched"
}

# remove_others FOLDER…: removes what an earlier run gathered of other folders: it may not be whole.
remove_others() {
  local folder
  for folder in "${DATA_FOLDERS[@]}"; do
    [[ " $* " == *" $folder "* ]] || rm -rf --one-file-system -- "${incoming:?}/$folder"
  done
}

# require_all FILES BYTES
require_all() {
  local files bytes
  read -r files bytes < <(
    data_files "$incoming" "$user" | awk -F '\t' '{ bytes += $1 } END { printf "%d %d\n", NR, bytes }'
  )
  [[ $files == "$1" && $bytes == "$2" ]] ||
    die "not all has arrived: $files files of $1, $bytes bytes of $2; run it again" "the live data was not touched"
}

# write_manifest: makes checksums of what is new. A file that is a hard link to a live one keeps its checksum.
write_manifest() {
  make_work
  files_with_inodes "$incoming" >"$work/there"
  files_with_inodes "$data" >"$work/live"
  awk -F '\t' -v new="$work/new" -v list="$manifest" -v live="$work/live" '
    BEGIN {
      while ((getline line <live) > 0) { split(line, f, "\t"); inode[f[4]] = f[3] }
      while ((getline line <list) > 0)
        if (line !~ /^#/) { split(line, f, "\t"); sum[f[4]] = f[3]; at[f[4]] = f[1] " " f[2] }
      printf "" >new
    }
    { known = inode[$4] == $3 && at[$4] == $1 " " $2
      if (known) print $1 "\t" $2 "\t" sum[$4] "\t" $4
      else { printf "%s%c", $4, 0 >new; print $1 "\t" $2 "\t-\t" $4 } }
  ' "$work/there" >"$work/lines"
  checksums <"$work/new" >"$work/sums" || die "what arrived could not be read" "the live data was not touched"
  {
    manifest_head
    awk -F '\t' -v sums="$work/sums" '
      BEGIN { while ((getline line <sums) > 0) sum[substr(line, 67)] = substr(line, 1, 64) }
      { if ($3 == "-") $3 = sum[$4]; if ($3 == "") exit 1; print $1 "\t" $2 "\t" $3 "\t" $4 }
    ' "$work/lines"
    lines_of_other_folders "$work/lines"
  } >"$work/manifest" || die "what arrived changed while it was read; run it again" "the live data was not touched"
  write_file "$incoming/manifest" 0644 root:root <"$work/manifest"
}
manifest_head() { printf '# %s\n# sent at %(%F %T)T\n' "$(data_formats "$incoming" "$user")" -1; }
# files_with_inodes FOLDER: prints SIZE MTIME INODE PATH of each file, with tabs between them.
files_with_inodes() { print_files "$1" "$user" '%s\t%Ts\t%i\t%p\n'; }
# checksums <PATHS, each with a NUL behind it. At low priority, as players may be on.
checksums() { in_folder "$incoming" nice -n 10 xargs -0 -r -P 2 -n 256 stdbuf -oL sha256sum --; }
in_folder() { AS_USER_CWD=$1 as_user "$user" "${@:2}"; }

# lines_of_other_folders LINES: prints what the list has of folders that did not arrive this time.
lines_of_other_folders() {
  [[ -f $manifest ]] || return 0
  awk -F '\t' 'NR == FNR { sub(/\/.*/, "", $4); sent[$4] = 1; next }
    !/^#/ { folder = $4; sub(/\/.*/, "", folder); if (!(folder in sent)) print }' "$1" "$manifest"
}

# finish FILES BYTES FOLDER…
finish() {
  local waits
  # Data that was cut off while it took its place is whole.
  if swap_was_cut_off "$incoming"; then swap_data "$data" "$incoming" "$manifest" && return; fi
  require_folders
  remove_others "${@:3}"
  require_all "$1" "$2"
  waits=$(waits_for) || die "$waits" "the live data was not touched"
  write_manifest
  rm -f "$incoming/parts" "$incoming/gone"
  go_live_or_wait
}
go_live_or_wait() {
  if [[ -n $waits ]]; then
    write_file "$incoming/waiting" 0644 root:root <<<"$waits"
    answer waits "$waits"
  else
    swap_data "$data" "$incoming" "$manifest" || die "the new game data could not take its place" \
      "it is whole in $incoming; run it again"
  fi
}

# waits_for: prints the release that the new data has to wait for, nothing where the live release reads it; returns 1,
# and prints why, where neither does. A running worldserver reads its maps as players move, so it must find its own.
waits_for() {
  local formats live next wrong
  formats=$(data_formats "$incoming" "$user") live=$(release_at "$core/run") next=$(release_at "$core/candidate")
  [[ -n $live ]] || return 0
  wrong=$(misfits "$core/releases/$live" "$formats")
  if [[ -z $wrong ]]; then return 0; fi
  if [[ -n $next && $next != "$live" && -z $(misfits "$core/releases/$next" "$formats") ]]; then
    printf '%s' "$next"
  else
    printf '%s' "${wrong%%$'\n'*}"
    return 1
  fi
}

# check: prints the paths of files that are not what was sent.
check() {
  local wrong
  [[ -f $manifest ]] || die "nothing is known of what was sent: $manifest is missing" \
    "\`npm run realm -- data send FOLDER\` writes it, and sends only what differs"
  wrong=$(
    data_files "$data" "$user" | compare_with_manifest "$manifest"
    # The program that compares the sums passes over lines without one.
    awk -F '\t' '!/^#/ && length($3) != 64 { print "sum " $4 }' "$manifest"
    awk -F '\t' '!/^#/ { print $3 "  " $4 }' "$manifest" |
      in_folder "$data" nice -n 10 sha256sum --check --quiet 2>/dev/null | sed -n 's/: FAILED$//; s/^/sum /p' |
      grep -v ': FAILED open or read$'
  )
  [[ -z $wrong ]] ||
    awk '{ path = $0; sub(/^[a-z]+ /, "", path); if (!seen[path]++) print "wrong " $0 }' <<<"$wrong"
  answer files "$(grep -vc '^#' "$manifest")"
}

# find_owner FROM: sets `owner`, the only user who can change the folder. It is read as that user: root would follow
# links to files that the user may not read.
find_owner() {
  local odd
  [[ $1 == /* && -d $1 ]] || die "$1 is no folder on this host; name it with its whole path"
  owner=$(stat -Lc %U -- "$1")
  odd=$(cd -- "$1" && find . \( ! -user "$owner" -o ! -type l -perm /022 ! -perm -1000 \) -printf '%P (%u, mode %m)' -quit)
  [[ -z $odd ]] || die "$1 can be changed by others than $owner: $odd" "chown -R $owner $1 && chmod -R go-w $1"
}

# list FROM: prints SIZE MTIME PATH of each file, and after each `FIRST PATH` its first bytes. Links are followed.
# shellcheck disable=SC2016 # the other shell expands it
list() {
  find_owner "$1"
  printf 'inside %s\n' "$(as_user "$owner" ls -1 -- "$1" | gzip -1 | base64 -w 0)"
  printf 'files %s\n' "$(print_files "$1" "$owner" '%s\t%Ts\t%p\0' | gzip -1 | base64 -w 0)"
  # For all files at once: a program for each file would take minutes.
  printf 'heads %s\n' "$(as_user "$owner" bash -c 'cd "$1" && for folder in "${@:2}"; do
    [[ ! -d $folder ]] || find -L "$folder" -type f -print0; done | xargs -0 -r head -v -c 20 --' bash "$1" \
    "${DATA_FOLDERS[@]}" | gzip -1 | base64 -w 0)"
}

# copy FROM FOLDER…: as the owner of FROM, into a folder that is that user's until all is there. The owner may have no
# right to go to that folder, so the commands begin in it.
# shellcheck disable=SC2034 # as_user reads it
copy() {
  local folder AS_USER_CWD
  find_owner "$1"
  require_folders
  rm -rf --one-file-system -- "$incoming"
  install -d -m 0755 "$incoming"
  for folder in "${@:2}"; do
    note "copying $folder"
    install -d -m 0700 -o "$owner" "$incoming/$folder"
    AS_USER_CWD=$incoming/$folder
    as_user "$owner" nice -n 10 cp -rL --preserve=timestamps --reflink=auto -T -- "$1/$folder" . ||
      die "$1/$folder could not be copied" "the live data was not touched"
    { as_user "$owner" chmod -R u=rwX,go=rX . && chown -hR "$user:" "$incoming/$folder"; } ||
      die "$incoming/$folder cannot be given to $user" "the live data was not touched"
  done
}

# alone CMD…: while CMD runs, nobody else brings data, and `pulumi up` moves none: the game-data step has the same lock.
# Only archives arrive beside each other.
alone() {
  local fd how=--exclusive
  [[ $1 != unpack ]] || how=--shared
  { mkdir -p "$LOCK_DIR" && exec {fd}>>"$LOCK_DIR/$lock"; } || die "$LOCK_DIR/$lock cannot be written"
  # A run that was cut off needs a moment to notice that.
  flock "$how" -w 10 "$fd" || busy
  "$@"
}
# busy: ends, and says who is in the way.
busy() {
  die "another \`data send\` is at work on this host, or the end of one that was cut off was not noticed there yet" \
    "wait for two minutes, then run it again"
}

case $action in
  state | unpack | finish | arrived | check | list | copy)
    alone "$action" "${@:8}"
    [[ $action != @(finish|arrived|copy) ]] || audit "data $action" "done" "$data"
    ;;
  *) die "usage: game-data.sh state|unpack|finish|arrived|check|list|copy DATA INCOMING MANIFEST USER LOCK CORE …" ;;
esac
