# shellcheck shell=bash
# Files of the operator's in a server's config folder. The core reads all that end in .conf, also in folders below, in
# the order in which the file system lists them (Config.cpp, LoadAdditionalDir); the later one wins.

# others_in FOLDER DROPIN <keys: a sentence for each other file there, with those of these keys that it sets too. The
# environment wins over all files, so keys that come from there are safe.
others_in() {
  local folder=$1 dropin=$2 ours=() file keys shared
  mapfile -t ours
  while IFS= read -r -d '' file; do
    [[ $file != "$dropin" ]] || continue
    mapfile -t keys < <(keys_in "$file")
    if [[ ! -s $file ]]; then
      printf '%s is empty: the server will not start with it\n' "$file"
    elif ((${#keys[@]} == 0)); then
      printf '%s is read as well, but sets nothing: its first line should be [%s], with the keys below\n' "$file" \
        "${ARG[server]-}"
    else
      shared=$(comm -12 <(printf '%s\n' "${ours[@]}" | sort -u) <(printf '%s\n' "${keys[@]}" | sort -u) |
        paste -sd ' ' | sed 's/ /, /g')
      if [[ -n $shared ]]; then
        printf '%s sets %s as the stack does, and which of the two wins is a matter of luck: take it out there, or let %s have it\n' \
          "$file" "$shared" "$(settings_key "${ARG[server]-}")"
      else
        printf '%s is read as well; it sets %s\n' "$file" \
          "$(printf '%s, ' "${keys[@]:0:6}" | sed 's/, $//')$( ((${#keys[@]} <= 6)) || echo ", …")"
      fi
    fi
  done < <(find "$folder" -name '*.conf' -xtype f -print0 2>/dev/null | sort -z)
}

# keys_in FILE: those of its first section; the core passes over all else.
keys_in() {
  awk '
    { sub(/^[ \t]+/, ""); sub(/[ \t\r]+$/, "") }
    /^($|[;#])/ { next }
    /^\[/ { if (inside++) exit; next }
    !inside { exit }
    match($0, /[ \t]*=/) { print substr($0, 1, RSTART - 1) }' "$1"
}
