# shellcheck shell=bash
# The checksums of the world content: of the dump, and of the file that it came in. They have a record of their own
# until the import, then they are in the record of the databases.

content_record() { printf '%s/world-content' "$(records_folder)"; }

# content_sum FILE USER: read as USER, who owns the folder.
content_sum() {
  local sum
  read -r sum _ < <(as_user "$2" sha256sum "$1" 2>/dev/null) || return 1
  printf '%s' "${sum#\\}"
}
# record_content FILE SUM CAME
record_content() { printf '%s\n' "content=${1##*/}" "sum=$2" "came=$3" | write_file "$(content_record)" 0600 0:0; }
# content_lines: the sums of the content that is in the database, or is ready to be imported.
content_lines() {
  local file key
  for file in "$(content_record)" "$(schema_record)"; do
    [[ -n $(field "$file" sum) ]] || continue
    for key in content sum came; do printf '%s=%s\n' "$key" "$(field "$file" "$key")"; done
    return
  done
}

# content_problem FILE USER [SHA256]: why the dump may not be imported; nothing when it may. SHA256 is what the config
# wants.
content_problem() {
  local record sum came
  record=$(content_record)
  if [[ $(field "$record" content) != "${1##*/}" ]]; then
    printf 'the sum of %s is not on record' "$1"
    return
  fi
  sum=$(field "$record" sum) came=$(field "$record" came)
  if [[ -n ${3-} && $3 != "$came" && $3 != "$sum" ]]; then
    printf '%s is not from the file that %s names' "$1" "$(realm_key tdb.sha256)"
  elif [[ $(content_sum "$1" "$2") != "$sum" ]]; then
    printf '%s is not what was put there: its sum differs' "$1"
  fi
}
