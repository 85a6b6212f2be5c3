# shellcheck shell=bash
# Game data that `npm run realm -- data` brought: the list of its files, and how it takes its place.
# The list (manifest) is root's, beside the data. Its lines that begin with # are for people; each other line is a file:
# SIZE MTIME SHA256 PATH, with tabs between them. New data is gathered in a folder beside the live one. That folder is
# root's, the folders in it are the service user's. In it the file `swapping` says that the data is whole and is taking
# its place, the file `waiting` that it is whole and that its place is free when a release with its formats goes live.
# The link `sender` has a random text, by which the archives of one `data send` know each other.
# The file `parts` has a line, "USER FOLDER…": of these folders only the new files are there, and those in the file
# `gone` are not wanted any more.

DATA_FOLDERS=(dbc maps vmaps mmaps Cameras)

# data_files FOLDER USER: prints "SIZE MTIME PATH" of each file in the data's folders, with tabs between them.
data_files() { print_files "$1" "$2" '%s\t%Ts\t%p\n' 2>/dev/null; }

# print_files FOLDER USER FORMAT: prints each file in the data's folders, as find's -printf has it. Without a time zone
# find would look for the host's once for each file, which takes twice as long as all the rest.
# shellcheck disable=SC2016 # the other shell expands it
print_files() {
  [[ -d $1 ]] || return 0
  as_user "$2" bash -c '
    cd "$1" || exit 0
    for folder in "${@:3}"; do
      [[ ! -d $folder ]] || TZ=UTC0 find -L "$folder" -type f -printf "$2"
    done
  ' bash "$1" "$3" "${DATA_FOLDERS[@]}"
}

# compare_with_manifest MANIFEST <data_files: prints "lacks PATH", "size PATH" or "more PATH" for each file that is not
# as the list has it. A file that is not in the list is "more" only in a folder that the list has.
compare_with_manifest() {
  awk -F '\t' '
    NR == FNR { if ($0 !~ /^#/ && NF == 4) { size[$4] = $1; sub(/\/.*/, "", $4); sent[$4] = 1 } next }
    $3 in size { if (size[$3] != $1) print "size " $3; seen[$3] = 1; next }
    { folder = $3; sub(/\/.*/, "", folder); if (folder in sent) print "more " $3 }
    END { for (path in size) if (!(path in seen)) print "lacks " path }
  ' "$1" -
}

# swap_was_cut_off INCOMING: whole data was taking its place when the host or the run ended.
swap_was_cut_off() { [[ -f $1/swapping ]]; }

# not_a_folder DATA INCOMING: prints a sentence for each folder of the data that is a link or a mount. Data cannot take
# its place there: it would be moved to another disk, or somebody else's files would be.
not_a_folder() {
  local folder
  for folder in "$1" "${DATA_FOLDERS[@]/#/$1/}" "$2"; do
    if [[ -L $folder ]]; then
      printf '%s is a link to %s: copy the files there by hand, or remove the link\n' "$folder" "$(readlink "$folder")"
    elif mountpoint -q "$folder"; then
      printf '%s is mounted from elsewhere: copy the files there by hand, or unmount it\n' "$folder"
    fi
  done
}

# swap_data DATA INCOMING MANIFEST: new data takes its place, a folder at a time, or where little of a folder is new a
# file at a time. It may be cut off anywhere and begun again. The former data is kept until all is done. The folders
# above are root's, so nobody can put a link in the way; a link in the place of a folder is moved itself, not what it
# leads to.
swap_data() {
  local data=$1 incoming=$2 manifest=$3 folder former user="" parts=""
  [[ ! -f $incoming/parts ]] || read -r user parts <"$incoming/parts"
  : >"$incoming/swapping" && sync "$incoming/swapping" "$incoming" || return
  for folder in "${DATA_FOLDERS[@]}"; do
    [[ -d $incoming/$folder ]] || continue
    if [[ " $parts " == *" $folder "* ]]; then
      # A file takes its place at once, and one that has taken it does so again.
      AS_USER_CWD=$data as_user "$user" cp -alfT -- "$incoming/$folder" "$folder" || return
      continue
    fi
    if [[ -e $data/$folder || -L $data/$folder ]]; then
      former=$incoming/former-$folder
      # Somebody put another folder there while this was cut off.
      until [[ ! -e $former && ! -L $former ]]; do former+=-; done
      mv -T -- "$data/$folder" "$former" || return
    fi
    mv -T -- "$incoming/$folder" "$data/$folder" || return
  done
  if [[ -s $incoming/gone ]]; then
    AS_USER_CWD=$data as_user "$user" xargs -d '\n' rm -f -- <"$incoming/gone" || return
  fi
  [[ ! -f $incoming/manifest ]] || mv -fT -- "$incoming/manifest" "$manifest" || return
  for folder in "${DATA_FOLDERS[@]}"; do relabel -R "$data/$folder"; done
  sync "$data" "${data%/*}"
  # What is left has nothing more to put in place, so this too may be cut off.
  rm -rf --one-file-system -- "$incoming"/former-* && rm -f -- "$incoming/waiting" &&
    rm -rf --one-file-system -- "$incoming"
}
