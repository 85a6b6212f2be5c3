# shellcheck shell=bash
# Game data that `npm run realm -- data send` brought: the list of it, and how it takes its place.
# The list (manifest) is root's and lies beside the data: lines that begin with # are for people, and a line for each
# file is SIZE MTIME SHA256 PATH, tabs between them. New data is gathered in a folder beside the live one. That folder
# is root's, those in it the service user's; `swapping` in it says that all is whole and is taking its place.

DATA_FOLDERS=(dbc maps vmaps mmaps Cameras)

# data_formats FOLDER USER: "dbc, maps 10, vmaps 4.8" of what is there, by the first file of each; as the user, who may
# have put links there.
# shellcheck disable=SC2016 # the other shell expands it
data_formats() {
  as_user "$2" bash -c '
    first() { find "$1/" -maxdepth 1 -type f -name "$2" -print -quit 2>/dev/null; }
    number() { [[ ! -f $1 ]] || od -An -t u4 -j "$2" -N 4 "$1"; }
    cd "$1" || exit 0
    said=()
    for folder in "${@:2}"; do
      [[ -n $(find "$folder/" -mindepth 1 -print -quit 2>/dev/null) ]] || continue
      case $folder in
        maps) version=$(number "$(first maps "*.map")" 4) ;;
        mmaps) version=$(number "$(first mmaps "*.mmtile")" 8) ;;
        vmaps) version=$(head -c 8 "$(first vmaps "*.vmtree")" 2>/dev/null) version=${version#VMAP_} ;;
        *) version="" ;;
      esac
      said+=("$folder${version:+ ${version//[^0-9.]/}}")
    done
    printf "%s" "${said[0]-}"
    ((${#said[@]} < 2)) || printf ", %s" "${said[@]:1}"
  ' bash "$1" "${DATA_FOLDERS[@]}" 2>/dev/null
}

# data_files FOLDER USER: "SIZE MTIME PATH" of each file in the data's folders, tabs between them.
# shellcheck disable=SC2016 # the other shell expands it
data_files() {
  [[ -d $1 ]] || return 0
  as_user "$2" bash -c '
    cd "$1" || exit 0
    for folder in "${@:2}"; do
      [[ ! -d $folder ]] || find -L "$folder" -type f -printf "%s\t%T@\t%p\n"
    done
  ' bash "$1" "${DATA_FOLDERS[@]}" 2>/dev/null
}

# manifest_says MANIFEST <data_files: "lacks PATH", "size PATH" and "more PATH" for each file that is not as it is
# listed; what came beside it is "more" only within a folder that was sent.
manifest_says() {
  awk -F '\t' '
    NR == FNR { if ($0 !~ /^#/ && NF == 4) { size[$4] = $1; sub(/\/.*/, "", $4); sent[$4] = 1 } next }
    $3 in size { if (size[$3] != $1) print "size " $3; seen[$3] = 1; next }
    { folder = $3; sub(/\/.*/, "", folder); if (folder in sent) print "more " $3 }
    END { for (path in size) if (!(path in seen)) print "lacks " path }
  ' "$1" -
}

# new_data_waits INCOMING: whole data that was taking its place when it was cut off.
new_data_waits() { [[ -f $1/swapping ]]; }

# swap_data DATA INCOMING MANIFEST: what is whole takes its place, a folder at a time; may be cut off anywhere and begun
# again. What is live until then is kept until all is done. The folders above are root's, so that nobody can put a link
# in the way; one in the place of a folder is moved as what it is.
swap_data() {
  local data=$1 incoming=$2 manifest=$3 folder former
  : >"$incoming/swapping" && sync "$incoming/swapping" "$incoming" || return
  for folder in "${DATA_FOLDERS[@]}"; do
    [[ -d $incoming/$folder ]] || continue
    if [[ -e $data/$folder || -L $data/$folder ]]; then
      former=$incoming/former-$folder
      # Somebody put another one there while this was half done.
      until [[ ! -e $former && ! -L $former ]]; do former+=-; done
      mv -T -- "$data/$folder" "$former" || return
    fi
    mv -T -- "$incoming/$folder" "$data/$folder" || return
  done
  [[ ! -f $incoming/manifest ]] || mv -fT -- "$incoming/manifest" "$manifest" || return
  for folder in "${DATA_FOLDERS[@]}"; do relabel -R "$data/$folder"; done
  sync "$data" "${data%/*}"
  # From here on it is only tidied up, also when that is cut off: what is left has nothing to put in place.
  rm -rf --one-file-system -- "$incoming"/former-* && rm -rf --one-file-system -- "$incoming"
}
