#!/bin/bash
# Game data on its way into a realm; `npm run realm -- data` runs this.
#   game-data.sh state  DATA INCOMING MANIFEST USER LOCK               what there is, and what speaks against sending
#   game-data.sh finish DATA INCOMING MANIFEST USER LOCK FILES BYTES   all has arrived: it is noted, and goes live
#   game-data.sh check  DATA INCOMING MANIFEST USER LOCK               reads all of it and compares it with the list
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
action=${1-} data=${2-} incoming=${3-} manifest=${4-} user=${5-} lock=${6-}

against() { printf 'against %s\n' "$(printable "$*")"; }

state() {
  local folder noted=no
  if new_data_waits "$incoming"; then
    note "new game data that was cut off while it took its place is there now"
    swap_data "$data" "$incoming" "$manifest" || die "the new game data of the last time could not be brought into its place"
  fi
  command -v rsync >/dev/null || against "rsync is not installed there; \`pulumi up\` installs it"
  if ! getent passwd "$user" >/dev/null || [[ ! -d $data ]]; then
    against "there is no realm yet, as $data is missing; \`pulumi up\` makes it"
  else
    for folder in "$data" "${DATA_FOLDERS[@]/#/$data/}"; do
      if [[ -L $folder ]]; then
        against "$folder is a link to $(readlink "$folder"): bring the files there by hand, or remove the link"
      elif mountpoint -q "$folder"; then
        against "$folder is mounted from elsewhere: bring the files there by hand, or unmount it"
      fi
    done
    if [[ -f $manifest ]] && manifest_is_live; then noted=yes; fi
  fi
  printf 'noted %s\nfree %s\n' "$noted" "$(df --output=avail -B1 "${data%/*}" 2>/dev/null | tail -n 1 | tr -dc 0-9)"
  printf 'listing %s\n' "$({
    data_files "$data" "$user" | sed 's/^/live\t/'
    data_files "$incoming" "$user" | sed 's/^/incoming\t/'
  } | gzip -1 | base64 -w 0)"
}
manifest_is_live() { [[ -z $(data_files "$data" "$user" | manifest_says "$manifest" | head -n 1) ]]; }

# arrived FILES BYTES
arrived() {
  local files bytes
  read -r files bytes < <(data_files "$incoming" "$user" | awk -F '\t' '{ bytes += $1 } END { printf "%d %d\n", NR, bytes }')
  [[ $files == "$1" && $bytes == "$2" ]] ||
    die "not all has arrived: $files files of $1, $bytes bytes of $2; run it again" "what is live was not touched"
}

# write_manifest: sums of what is new; those of a file that is the same as before, down to where it lies on the disk,
# are known.
write_manifest() {
  declare -g work
  work=$(mktemp -d) || die "there is no room in ${TMPDIR:-/tmp}"
  trap 'rm -rf "$work"' EXIT
  listed_links "$incoming" >"$work/there"
  listed_links "$data" >"$work/live"
  awk -F '\t' -v new="$work/new" -v list="$manifest" -v live="$work/live" '
    BEGIN {
      while ((getline line <live) > 0) { split(line, f, "\t"); inode[f[4]] = f[3] }
      while ((getline line <list) > 0) if (line !~ /^#/) { split(line, f, "\t"); sum[f[4]] = f[3]; at[f[4]] = f[1] " " f[2] }
      printf "" >new
    }
    { known = inode[$4] == $3 && at[$4] == $1 " " $2
      if (known) print $1 "\t" $2 "\t" sum[$4] "\t" $4
      else { printf "%s%c", $4, 0 >new; print $1 "\t" $2 "\t-\t" $4 } }
  ' "$work/there" >"$work/lines"
  sums <"$work/new" >"$work/sums" || die "what arrived could not be read" "what is live was not touched"
  {
    printf '# %s\n# sent at %(%F %T)T\n' "$(data_formats "$incoming" "$user")" -1
    awk -F '\t' -v sums="$work/sums" '
      BEGIN { while ((getline line <sums) > 0) sum[substr(line, 67)] = substr(line, 1, 64) }
      { if ($3 == "-") $3 = sum[$4]; if ($3 == "") exit 1; print $1 "\t" $2 "\t" $3 "\t" $4 }
    ' "$work/lines"
    kept_lines "$work/lines"
  } >"$work/manifest" || die "what arrived changed while it was read; run it again"
  write_file "$incoming/manifest" 0644 root:root <"$work/manifest"
}
# listed_links FOLDER: as data_files has it, with the file's place on the disk: SIZE MTIME INODE PATH.
# shellcheck disable=SC2016 # the other shell expands it
listed_links() {
  [[ -d $1 ]] || return 0
  as_user "$user" bash -c 'cd "$1" && for folder in "${@:2}"; do
    [[ ! -d $folder ]] || find -L "$folder" -type f -printf "%s\t%Ts\t%i\t%p\n"; done' bash "$1" "${DATA_FOLDERS[@]}"
}
# sums <paths, each with a NUL behind it. With little priority, as players may be on.
sums() { as_user_in "$incoming" nice -n 10 xargs -0 -r -P 2 -n 256 stdbuf -oL sha256sum --; }
as_user_in() { AS_USER_CWD=$1 as_user "$user" "${@:2}"; }

# kept_lines LINES: of folders that were not sent this time, what is known of them.
kept_lines() {
  [[ -f $manifest ]] || return 0
  awk -F '\t' 'NR == FNR { sub(/\/.*/, "", $4); sent[$4] = 1; next }
    !/^#/ { folder = $4; sub(/\/.*/, "", folder); if (!(folder in sent)) print }' "$1" "$manifest"
}

# finish FILES BYTES
finish() {
  # From an earlier time on that was cut off here, it is live already.
  if new_data_waits "$incoming"; then swap_data "$data" "$incoming" "$manifest" && return; fi
  arrived "$@"
  write_manifest
  swap_data "$data" "$incoming" "$manifest" || die "the new game data could not be brought into its place" \
    "it is whole in $incoming; run it again"
}

# check: paths that are not what was sent.
check() {
  local wrong
  [[ -f $manifest ]] || die "nothing is known of what was sent: $manifest is missing" \
    "\`npm run realm -- data send FOLDER\` writes it, and sends only what differs"
  wrong=$(
    data_files "$data" "$user" | manifest_says "$manifest"
    awk -F '\t' '!/^#/ { print $3 "  " $4 }' "$manifest" |
      as_user_in "$data" nice -n 10 sha256sum --check --quiet 2>/dev/null | sed -n 's/: FAILED$//; s/^/sum /p' |
      grep -v ': FAILED open or read$'
  )
  [[ -z $wrong ]] || awk '{ path = $0; sub(/^[a-z]+ /, "", path); if (!seen[path]++) print "wrong " $0 }' <<<"$wrong"
  printf 'files %s\n' "$(grep -vc '^#' "$manifest")"
}

# alone: as long as this runs, nobody else sends, and an `up` moves nothing: its step has the same lock.
alone() {
  local fd
  { mkdir -p "$LOCK_DIR" && exec {fd}>>"$LOCK_DIR/$lock"; } || die "$LOCK_DIR/$lock cannot be written"
  # One that was cut off needs a moment to see that.
  flock -w 10 "$fd" || die "another \`data send\` is at work on this host, or the end of one that was cut off has not been noticed there yet" \
    "wait for two minutes, then run it again"
}

case $action in
  state | finish | check) alone && "$action" "${@:7}" ;;
  *) die "usage: game-data.sh state|finish|check DATA INCOMING MANIFEST USER LOCK …" ;;
esac
printf '\ngame data end\n'
