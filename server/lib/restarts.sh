# shellcheck shell=bash
# When servers that players are on may be stopped, and how players are told (trinitycore:restarts). A step that stops
# them has in ARG:
#   restarts (empty: now; announce; window), announce_seconds, window (a calendar expression of systemd's),
#   window_minutes worldserver, authserver (their units), login (that for the worldserver's SOAP interface, as a config
#   of curl's: so it is on no command line)

# must_wait_for_window: for now the running servers have to be left as they are, as the window is closed.
must_wait_for_window() {
  [[ ${ARG[restarts]-} == window ]] && ! in_window &&
    systemctl is-active --quiet "${ARG[worldserver]-}" "${ARG[authserver]-}"
}

# The timer that opens the window says so itself.
in_window() {
  local now next
  [[ ${TRINITY_WINDOW-} != open ]] || return 0
  printf -v now '%(%s)T' -1
  next=$(window_after $((now - 60 * ${ARG[window_minutes]-0}))) && ((next <= now))
}

# window_after SECONDS: when the window opens next after that time, in seconds; 1 when it never does.
window_after() {
  local line
  # In UTC where both are told: `date` does not know every zone's short name.
  line=$(systemd-analyze calendar --base-time="@$1" "${ARG[window]-}" 2>/dev/null |
    sed -nE 's/^ *(Next elapse|\(in UTC\)): //p' | tail -n 1)
  date -d "$line" +%s 2>/dev/null
}
window_opens() {
  local now next
  printf -v now '%(%s)T' -1
  if next=$(window_after "$now"); then
    date -d "@$next" '+%a %F %H:%M %Z'
  else
    echo "never: trinitycore:window.schedule has no such time"
  fi
}
# hint_waiting SENTENCE: worth knowing, but as it should be until the window opens.
hint_waiting() { hint "$1; players stay on until the window opens ($(window_opens))"; }

# ask_world COMMAND: the worldserver's answer; 1 with curl's words when it does not answer or refuses.
ask_world() {
  curl --silent --show-error --fail --max-time 20 --config "${ARG[login]-}" --header 'Content-Type: text/xml' --data-binary @- 2>&1 <<EOF
<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:TC"><SOAP-ENV:Body><ns1:executeCommand><command>$1</command></ns1:executeCommand></SOAP-ENV:Body></SOAP-ENV:Envelope>
EOF
}

# announce_and_stop: where players are to be told, the worldserver is asked to stop and counts down before all of them;
# ends when it has stopped. At once when nobody is on, or when it cannot be asked: it may hang, and that is what a
# restart is for.
announce_and_stop() {
  local seconds=${ARG[announce_seconds]-} answer online
  [[ -n ${ARG[restarts]-} ]] || return 0
  # Done again from the receipt of an earlier version, it would tell nobody.
  [[ -n ${ARG[worldserver]-} ]] ||
    die "which server to ask is not in the receipt, which is of an earlier version" "run \`pulumi up\` again"
  systemctl is-active --quiet "${ARG[worldserver]}" || return 0
  # Where MariaDB does not answer there may be players.
  online=$(players_online) || online=""
  [[ $online != 0 ]] || return 0
  # `force`, or the core would choose another time. Ended with 0 it is not started again by systemd.
  if ! answer=$(ask_world "server shutdown force $seconds 0"); then
    note "players could not be told, as the worldserver did not answer: $(printable "${answer:0:200}")"
    return
  fi
  note "${online:-some} player$([[ $online == 1 ]] || echo s) told: the worldserver stops in $seconds s"
  wait_for $((seconds + 10)) worldserver_stopped || still_stopping ||
    die "the worldserver was told to stop in $seconds s, and still runs: was it cancelled in the game (server shutdown cancel)?" \
      "run \`pulumi up\` again when it suits, or stop it: systemctl stop ${ARG[worldserver]-}"
}
worldserver_stopped() { ! systemctl is-active --quiet "${ARG[worldserver]-}"; }

# players_online: how many, as the database has it; nothing when it does not answer. What the worldserver says in words
# is a row that operators translate.
players_online() {
  local characters
  sql_name -v characters "${ARG[characters]-}"
  sql_lenient <<<"SELECT COUNT(*) FROM $characters.characters WHERE online = 1"
}

# still_stopping: one that saves its players and unloads its maps answers no more, which may take minutes; 1 when it
# goes on as before.
still_stopping() {
  local minute
  for ((minute = 0; minute < ${FAREWELL_MINUTES:-30}; minute++)); do
    ! ask_world 'server info' >/dev/null || return 1
    note "the worldserver is saving what is in the world ($minute min)"
    ! wait_for 60 worldserver_stopped || return 0
  done
  return 1
}
