# shellcheck shell=bash
# Whether servers that have just started stay up and serve.

# watch_realm SECONDS COMMIT UNIT…: ends with the cause when one of them does not. With COMMIT the worldserver has to
# say that it is of that commit. In ARG: auth, realm (its number), worldserver's unit in UNIT, announcer (curl's login).
watch_realm() {
  local seconds=$1 commit=$2 unit until answer="" unanswered=""
  local -A life=() doors=()
  shift 2
  for unit; do
    life[$unit]=$(life_of "$unit")
    doors[$unit]=$(doors_of "$unit")
  done
  [[ -z $commit || ! -f ${ARG[announcer]-} || " $* " != *" worldserver"* ]] || unanswered=yes
  until=$((SECONDS + seconds))
  while :; do
    for unit; do
      [[ $(life_of "$unit") == "${life[$unit]}" ]] || die_of_watch "$unit"
      [[ -z $(LC_ALL=C comm -23 <(printf '%s\n' "${doors[$unit]}") <(doors_of "$unit")) ]] ||
        die "${unit%.service} runs, but no longer listens where it did"
    done
    if [[ -n $unanswered ]] && answer=$(ask_world 'server info' "${ARG[announcer]}"); then
      [[ $answer == *"${commit:0:12}"* ]] || die "the worldserver that answers is not of ${commit:0:12}: $(printable "${answer:0:200}")"
      unanswered=""
    fi
    ((SECONDS < until)) || break
    sleep 1
  done
  [[ -z $unanswered ]] || die "the worldserver does not answer: $(printable "${answer:0:200}")"
  [[ -z ${ARG[realm]-} || " $* " != *" worldserver"* ]] || realm_is_shown ||
    die "the realm is shown as offline in the players' list"
}
life_of() { systemctl show "$1" -p ActiveState -p MainPID -p NRestarts | sort | paste -sd ' '; }
doors_of() {
  local pid
  pid=$(systemctl show -P MainPID "$1")
  ss -Hltnp 2>/dev/null | awk -v pid="pid=$pid," 'index($0, pid) { print $4 }' | LC_ALL=C sort
}
die_of_watch() {
  read_unit "$1" Result ActiveState NRestarts ExecMainStatus
  die "${1%.service} did not stay up: it $(if [[ ${PROPERTY[Result]} == success ]]; then echo "ended, or was started anew"; else printf 'failed (%s)' "$(ending "$1")"; fi)" \
    "journalctl -u $1 has its last words"
}
# realm_is_shown: a running worldserver takes the mark for offline (2) away.
realm_is_shown() {
  [[ $(sql <<<"SELECT flag & 2 FROM $(sql_name "${ARG[auth]-}").realmlist WHERE id = ${ARG[realm]}") == 0 ]]
}
