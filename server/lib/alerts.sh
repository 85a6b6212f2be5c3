# shellcheck shell=bash
# What the operator is told unasked. An alert goes to the journal and to a record, and where the config names a hook it
# waits as a file until its service has sent it (server/units/alerts.sh).

# alert EVENT SENTENCE [LINE…]: never fails, and never waits more than a moment; LINEs are details. ALERT_OF may say
# what it is about (a unit): the same event of the same thing is sent once an hour, with a count.
alert() { tell_operator began "$@" || true; }

# alert_over EVENT SENTENCE [LINE…]: what an earlier alert told of has ended.
alert_over() { tell_operator over "$@" || true; }

# tell_operator began|over EVENT SENTENCE [LINE…]
tell_operator() {
  local sentence
  sentence=$(printable "$3")
  logger -t "$ALERT_TAG" -p daemon.warning -- "$2: $sentence" 2>/dev/null || true
  # The record and the hook are root's; units of other users tell root by failing.
  ((EUID == 0)) || return 0
  record_alert "$1" "$2" "$sentence"
  [[ ! -f $ALERTS/hook ]] || { spool_alert "$1" "$2" "$sentence" "${@:4}" &&
    timeout 5 systemctl start --quiet --no-block "$ALERT_UNIT" 2>/dev/null; }
}

# record_alert STATE EVENT SENTENCE: a line `TIME STATE EVENT OF SENTENCE`, with tabs between.
record_alert() {
  (
    umask 077
    mkdir -p "$ALERTS" && printf '%(%s)T\t%s\t%s\t%s\t%s\n' -1 "$1" "$2" "${ALERT_OF-}" "$3" >>"$ALERTS/record"
  ) 2>/dev/null || true
}

# spool_alert STATE EVENT SENTENCE [LINE…]: one file for an alert, a line each: time, state, event, what it is about,
# sentence, details.
spool_alert() {
  local folder name
  name=$(date +%s%N)-$BASHPID
  for folder in "$ALERTS" "$ALERTS_IN_MEMORY"; do
    ! (
      umask 077
      mkdir -p "$folder/waiting" &&
        { printf '%(%s)T\n%s\n%s\n%s\n%s\n' -1 "$1" "$2" "${ALERT_OF-}" "$3" &&
          { (($# < 4)) || printf '%s\n' "${@:4}"; }; } >"$folder/waiting/.$name" &&
        mv -T "$folder/waiting/.$name" "$folder/waiting/$name"
    ) 2>/dev/null || return 0
    rm -f "$folder/waiting/.$name" 2>/dev/null || true
  done
  return 1
}

# condition_file EVENT OF: there as long as it holds.
condition_file() { printf '%s/holds/%s%s' "$ALERTS" "$1" "${2:+.${2//\//_}}"; }

# condition_holds EVENT OF SENTENCE [LINE…]: alerts when it begins to hold; as long as it holds it is not told again.
condition_holds() {
  local ALERT_OF=$2 file
  file=$(condition_file "$1" "$2")
  if [[ ! -e $file ]]; then
    (umask 077 && mkdir -p "$ALERTS/holds" && printf '%s\n' "$3" >"$file") 2>/dev/null || true
    alert "$1" "${@:3}"
  fi
}
# condition_is_over EVENT OF SENTENCE: tells that it has ended, where it held.
condition_is_over() {
  local ALERT_OF=$2 file
  file=$(condition_file "$1" "$2")
  [[ -e $file ]] || return 0
  rm -f "$file" 2>/dev/null || true
  alert_over "$1" "$3"
}
