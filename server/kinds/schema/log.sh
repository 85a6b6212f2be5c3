# shellcheck shell=bash
# What the core's updater prints, made readable.

# schema_progress <log: says what the updater is doing; of the updates at most one a second.
schema_progress() {
  local line now last=0 count=0 text
  while IFS= read -r line; do
    case $line in
      *'is empty, auto populating'*) text="filling the ${line#*Database }" && text="${text%% is empty*} database" ;;
      *'Applying update "'* | *'Reapplying update "'*)
        count=$((count + 1)) text=${line#*pplying update \"} && text="update $count: ${text%%\"*}"
        ;;
      *'>> Applying '*) text="importing ${line##*/}" && text=${text//[\'\"]/} && text=${text/>> Applying /} &&
        text=${text%...*} ;;
      *'up-to-date'* | *'>> Applied '*) text=${line#*>> } ;;
      *) continue ;;
    esac
    printf -v now '%(%s)T' -1
    ((now > last)) || [[ $text != update* ]] || continue
    last=$now
    note "$text"
  done
}

# schema_errors <log: prints the cause in one line, then what else is known. It names a file only when the core says
# that this file failed: the last file that the core began may have succeeded.
schema_errors() {
  local log file database error statement others
  log=$(cat)
  read -r file database \
    < <(sed -nE "s/.*Applying of file '([^']+)' to database '([^']+)' failed.*/\1 \2/p" <<<"$log" | tail -n 1) || true
  error=$(grep -aoE 'ERROR [0-9]+ \([0-9A-Z]{5}\).*' <<<"$log" | tail -n 1 | sed "s/ in file: '[^']*'//") || true
  statement=$(failed_statement <<<"$log")
  mapfile -t others < <(grep -aE '[Ee]rror|[Ff]atal|[Ff]ailed|[Cc]ould not|is missing|does not exist|[Dd]uplicate filename|NOT opened|denied|[Ll]ost ' <<<"$log" |
    grep -avE 'ERROR [0-9]+ \(|Applying of file ' | tail -n 8)
  if [[ -n $file ]]; then
    printf '%s failed in the database %s%s\n' "${file##*/}" "$database" "${error:+: $error}"
    [[ -z $statement ]] || printf 'the statement: %s\n' "$statement"
    echo "what stands before it, in that file too, has been done"
  elif [[ -n $error ]]; then
    printf '%s\n' "$error"
  fi
  if ((${#others[@]})); then printf '%s\n' "${others[@]}"; elif [[ -z $file$error ]]; then tac <<<"$log" | head -n 8; fi
}

# found_no_room <log: MariaDB, or the updater, had no room on the disk.
found_no_room() { grep -qaE 'ERROR (1021|1114|3) \(|No space left on device|([Ee]rrcode|[Ee]rrno|[Ee]rror):? 28\b'; }

# failed_statement <log: prints the statement that failed, or the beginning of a long one. MariaDB's client prints it
# between two lines of dashes.
failed_statement() {
  local text
  text=$(awk '/^--------------$/ { if (within) last = block; within = !within; block = ""; next } within { block = block " " $0 } END { print last }')
  text=$(printable "${text# }")
  if ((${#text} <= 300)); then printf '%s' "$text"; else printf '%s …' "${text:0:300}"; fi
}
