# shellcheck shell=bash
# The operator's own files in a server's folder of conf files. The core reads all that end in .conf, in folders below
# too, in the order of the file system (Config.cpp, LoadAdditionalDir); the last one wins.

# others_in FOLDER DROPIN <keys: a sentence for each other file, with those of these keys that it sets too. Keys in the
# environment win over all files, so they are left out.
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

# keys_in FILE: the keys of its first section; the core reads no other.
keys_in() {
  awk '
    { sub(/^[ \t]+/, ""); sub(/[ \t\r]+$/, "") }
    /^($|[;#])/ { next }
    /^\[/ { if (inside++) exit; next }
    !inside { exit }
    match($0, /[ \t]*=/) { print substr($0, 1, RSTART - 1) }' "$1"
}
