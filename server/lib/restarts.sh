# shellcheck shell=bash
# When servers that players are on may be stopped, and how players are told (trinitycore:restarts). A step that stops
# them has in ARG:
#   restarts                  empty (now), announce or window
#   announce_seconds          how long players are told before the worldserver stops
#   window, window_minutes    when the window opens, a calendar expression of systemd's, and how long it stays open
#   worldserver, authserver   their units
#   login                     a config file for curl with the login for SOAP, so that no command line has it

# must_wait_for_window: running servers may not be stopped now, as the window is closed.
must_wait_for_window() {
  [[ ${ARG[restarts]-} == window ]] && ! in_window &&
    systemctl is-active --quiet "${ARG[worldserver]-}" "${ARG[authserver]-}"
}

# The window's timer sets TRINITY_WINDOW.
in_window() {
  local now next
  [[ ${TRINITY_WINDOW-} != open ]] || return 0
  printf -v now '%(%s)T' -1
  next=$(window_after $((now - 60 * ${ARG[window_minutes]-0}))) && ((next <= now))
}

# window_after SECONDS: the next opening of the window after that time, in seconds; 1 when there is none.
window_after() { calendar_after "$1" "${ARG[window]-}"; }
# calendar_after SECONDS SCHEDULE: when a calendar expression of systemd's comes next.
calendar_after() {
  local line
  # systemd prints UTC as well; `date` does not know the short name of every zone.
  line=$(systemd-analyze calendar --base-time="@$1" "$2" 2>/dev/null |
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
# hint_waiting SENTENCE: as it should be until the window opens.
hint_waiting() { hint "$1; players stay on until the window opens ($(window_opens))"; }

# ask_world COMMAND [LOGIN]: prints the worldserver's answer; 1, with curl's words, when it does not answer or refuses.
ask_world() {
  curl --silent --show-error --fail --max-time 20 --config "${2-${ARG[login]-}}" --header 'Content-Type: text/xml' --data-binary @- 2>&1 <<EOF
<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:TC"><SOAP-ENV:Body><ns1:executeCommand><command>$1</command></ns1:executeCommand></SOAP-ENV:Body></SOAP-ENV:Envelope>
EOF
}

# announce_and_stop: asks the worldserver to stop, which counts down before all players, and waits until it has stopped.
# Returns at once when no players are on, or when it cannot be asked: it may hang, and then a restart is what helps.
announce_and_stop() {
  local seconds=${ARG[announce_seconds]-} answer online
  [[ -n ${ARG[restarts]-} ]] || return 0
  # The receipt of an earlier version does not name the server, so players would not be told.
  [[ -n ${ARG[worldserver]-} ]] ||
    die "which server to ask is not in the receipt, which is of an earlier version" "run \`pulumi up\` again"
  systemctl is-active --quiet "${ARG[worldserver]}" || return 0
  # Without MariaDB's answer there may be players.
  online=$(players_online) || online=""
  [[ $online != 0 ]] || return 0
  # Without `force` the core may choose another time. systemd does not restart a server that ends with 0.
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

# players_online: their number, from the database; nothing when MariaDB does not answer. The worldserver's own words are
# rows that operators translate.
players_online() {
  local characters
  sql_name -v characters "${ARG[characters]-}"
  sql_lenient <<<"SELECT COUNT(*) FROM $characters.characters WHERE online = 1"
}

# still_stopping: a worldserver that saves players and unloads maps does not answer, which may take minutes; 1 when it
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
