# shellcheck shell=bash
# What is known of the world's content: its sum, and that of the file it came as. A record of its own until it is
# imported, then among what is known of the databases.

content_record() { printf '%s/world-content' "$(records_folder)"; }

# content_sum FILE USER: as that user, whose folder it lies in.
content_sum() {
  local sum
  read -r sum _ < <(as_user "$2" sha256sum "$1" 2>/dev/null) || return 1
  printf '%s' "${sum#\\}"
}
# record_content FILE SUM CAME
record_content() { printf '%s\n' "content=${1##*/}" "sum=$2" "came=$3" | write_file "$(content_record)" 0600 0:0; }
# content_lines: of what is in the database already, or lies ready for it.
content_lines() {
  local file key
  for file in "$(content_record)" "$(schema_record)"; do
    [[ -n $(field "$file" sum) ]] || continue
    for key in content sum came; do printf '%s=%s\n' "$key" "$(field "$file" "$key")"; done
    return
  done
}

# content_problem FILE USER [SHA256]: why that dump may not be imported; nothing when it may. SHA256: what the config
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
