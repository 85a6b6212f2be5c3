# shellcheck shell=bash
# What the core's updater prints, for people.

# schema_progress <log: what it is at, at most a line a second.
schema_progress() {
  local line now last=0 count=0 text
  while IFS= read -r line; do
    case $line in
      *'is empty, auto populating'*) text="filling the ${line#*Database }" && text="${text%% is empty*} database" ;;
      *'Applying update "'* | *'Reapplying update "'*) count=$((count + 1)) text=${line#*pplying update \"} && text="update $count: ${text%%\"*}" ;;
      *'>> Applying '*) text="importing ${line##*/}" && text=${text//[\'\"]/} && text=${text/>> Applying /} && text=${text%...*} ;;
      *'up-to-date'* | *'>> Applied '*) text=${line#*>> } ;;
      *) continue ;;
    esac
    printf -v now '%(%s)T' -1
    ((now > last)) || [[ $text != update* ]] || continue
    last=$now
    note "$text"
  done
}

# schema_errors <log: the update it stopped at, and what it complained of.
schema_errors() {
  local log at found
  log=$(cat)
  at=$(grep -aoE 'pplying (update )?["'\''][^"'\'']+' <<<"$log" | tail -n 1 | sed "s/.*[\"']//") || true
  found=$(grep -aE '^ERROR|[Ee]rror|[Ff]atal|[Cc]ould not|is missing|does not exist|[Dd]uplicate filename|NOT opened|denied' <<<"$log" | tail -n 8) || true
  [[ -z $at ]] || printf 'it stopped at %s\n' "${at##*/}"
  if [[ -n $found ]]; then printf '%s\n' "$found"; else tail -n 8 <<<"$log"; fi
}
