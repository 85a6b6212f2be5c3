# shellcheck shell=bash
# What a game client is: where its archives are, whatever the case of their names, and whether they are whole.

# The client that the core speaks with.
BUILD=12340
ARCHIVES=(common common-2 expansion lichking patch)
LOCALE_ARCHIVES=(locale expansion-locale lichking-locale patch)
# As the extractors look for them: the first one there is the one that the data's texts are in.
LOCALES=(enGB enUS deDE esES frFR koKR zhCN zhTW enCN enTW esMX ruRU)

# What `look` prints; names that the extractors ask for, and the files they stand for; how large those are together.
LOOKED=() LINK_NAMES=() LINK_FILES=() INPUTS=() CLIENT_BYTES=0

# in_any_case FOLDER NAME: the path of that name in the folder. A client was made for a file system that takes upper
# and lower case for the same.
in_any_case() {
  if [[ -e $1/$2 ]]; then
    printf '%s' "$1/$2"
  else
    find -L "${1%/}/" -mindepth 1 -maxdepth 1 -iname "$2" -print -quit 2>/dev/null
  fi
}

# inspect CLIENT LOCALE: fills LOOKED, LINK_NAMES, LINK_FILES and INPUTS.
inspect() {
  local client=${1%/} data name
  [[ -d $client ]] || { wrong "$client is no folder" && return; }
  data=$(in_any_case "$client" Data)
  # Somebody named the folder within the client.
  [[ -n $data || ! -f $(in_any_case "$client" common.MPQ) ]] || data=$client client=${client%/*}
  [[ -d $data ]] || { wrong "$1 is no game client: there is no folder Data in it" && return; }
  inspect_program "$(in_any_case "$client" Wow.exe)"
  for name in "${ARCHIVES[@]}"; do take_archive "$data" "$name.MPQ" "" needed; done
  take_patches "$data" patch "" 5
  inspect_locales "$data" "$2"
  LOOKED+=("bytes $CLIENT_BYTES")
}
wrong() { LOOKED+=("wrong $1"); }

# refuse_wrong CLIENT: ends it when the client will not do.
refuse_wrong() {
  local line lines=()
  for line in "${LOOKED[@]}"; do [[ $line != 'wrong '* ]] || lines+=("${line#wrong }"); done
  ((${#lines[@]} == 0)) || fail "$1 cannot be extracted: ${lines[0]}" "${lines[@]:1}"
}

inspect_program() {
  local build
  [[ -n $1 ]] || { LOOKED+=("note there is no Wow.exe; the archives say which build it is") && return; }
  build=$(program_build "$1")
  [[ -n $build ]] || { LOOKED+=("note $1 does not say which build it is; the archives do") && return; }
  LOOKED+=("build $build")
  [[ $build == "$BUILD" ]] || wrong "its Wow.exe is of build $build; the core speaks with 3.3.5a, build $BUILD, alone"
}

# program_build FILE: the build that a Windows program names in its version resource (VS_FIXEDFILEINFO).
program_build() {
  local at version build
  while IFS=: read -r at _; do
    [[ $(od -An -tu4 -j $((at + 4)) -N 4 "$1" | tr -d ' ') == 65536 ]] || continue
    read -r _ _ build version < <(od -An -tu2 -j $((at + 8)) -N 8 "$1")
    # The words of a number lie with the lower one first, so 3.3.5.12340 is 3 3 12340 5.
    [[ -z $version ]] || printf '%s' "$build"
    return
  done < <(grep -obUaF $'\xbd\x04\xef\xfe' "$1" 2>/dev/null)
}

# take_archive FOLDER NAME AS needed|optional: NAME becomes AS/NAME for the extractors.
take_archive() {
  local file flaw
  file=$(in_any_case "$1" "$2")
  if [[ -z $file ]]; then
    [[ $4 == optional ]] || wrong "the archive $1/$2 is missing"
    return
  fi
  flaw=$(archive_flaw "$file")
  if [[ -n $flaw && $4 == optional ]]; then
    LOOKED+=("note $file $flaw, and is left out")
  elif [[ -n $flaw ]]; then
    wrong "$file $flaw"
  else
    LINK_NAMES+=("${3:+$3/}$2") LINK_FILES+=("$(realpath -- "$file")")
    INPUTS+=("${3:+$3/}$2 $(stat -Lc '%s %Y' -- "$file")")
    CLIENT_BYTES=$((CLIENT_BYTES + $(stat -Lc %s -- "$file")))
  fi
}

# archive_flaw FILE: what is wrong with an MPQ archive. The extractors would go on without it, and end well.
archive_flaw() {
  local size magic version hash block hashes blocks high=(0 0) end other
  [[ -f $1 && -r $1 ]] || { printf 'cannot be read' && return; }
  size=$(stat -Lc %s -- "$1")
  read -r magic _ _ version hash block hashes blocks < <(od -An -v -tu4 -w32 -N 32 -- "$1")
  [[ $magic == 441536589 && -n $blocks ]] || { printf 'is no MPQ archive' && return; }
  # The second version of the format has room for archives of more than 4 GB.
  (((version & 65535) == 0)) || read -r -a high < <(od -An -tu2 -j 40 -N 4 -- "$1")
  end=$((hash + (${high[0]:-0} << 32) + 16 * hashes)) other=$((block + (${high[1]:-0} << 32) + 16 * blocks))
  ((end > other)) || end=$other
  ((end <= size)) || printf 'is cut off: it has %d bytes of at least %d' "$size" "$end"
}

# take_patches FOLDER NAME AS LAST: those with a number, as many as there are. mapextractor reads none beyond LAST;
# vmap4extractor would, and what it made of them would not fit the maps.
take_patches() {
  local number name
  for number in {2..9}; do
    name=$2-$number.MPQ
    if ((number > $4)); then
      [[ -z $(in_any_case "$1" "$name") ]] || LOOKED+=("note $name is left out: mapextractor does not read it")
      continue
    fi
    take_archive "$1" "$name" "$3" optional
    ((number < 4)) || [[ ${LINK_NAMES[-1]-} != *"$name" ]] ||
      LOOKED+=("note $name is none of the game's own; what it changes will be in the data")
  done
}

# inspect_locales DATA LOCALE
inspect_locales() {
  local locale folder name found=()
  for locale in "${LOCALES[@]}"; do
    folder=$(in_any_case "$1" "$locale")
    [[ -d $folder && (-z $2 || $2 == "$locale") ]] || continue
    [[ -n $(in_any_case "$folder" "locale-$locale.MPQ") ]] || {
      LOOKED+=("note $folder has no locale-$locale.MPQ, and is left out")
      continue
    }
    found+=("$locale")
    for name in "${LOCALE_ARCHIVES[@]}"; do take_archive "$folder" "$name-$locale.MPQ" "$locale" needed; done
    take_patches "$folder" "patch-$locale" "$locale" 4
  done
  ((${#found[@]})) || wrong "$1 has no ${2:-locale such as enUS} in it"
  LOOKED+=("locales ${found[*]}")
}
