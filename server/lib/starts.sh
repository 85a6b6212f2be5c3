# shellcheck shell=bash
# Starts a server, and says why it did not start: the first line of the error is the cause.

# servers_of UNIT…: prints `UNIT LOG` of the stack's server for each UNIT, also for units of the former realm; the
# authserver first.
servers_of() {
  local program own log unit
  while read -r program own log _; do
    for unit in "$own" $(former_units "$program"); do
      [[ " $* " != *" $unit "* ]] || { printf '%s %s\n' "$own" "$log" && break; }
    done
  done < <(tac <<<"${ARG[servers]-}")
}

# units_of_realm: the stack's own units of the servers, the worldserver first.
units_of_realm() { awk '{ print $2 }' <<<"${ARG[servers]-}"; }

# stop_units: all of them, whether or not they run; nobody is told.
stop_units() {
  local unit
  while IFS= read -r unit; do systemctl stop --quiet "$unit" 2>/dev/null || true; done < <(units_of_realm)
}

# start_servers UNIT…: those of these units, or what has taken their place, the authserver first. Ends with the cause
# where one does not start.
start_servers() {
  local servers server unit log
  mapfile -t servers < <(servers_of "$@")
  for server in "${servers[@]}"; do
    read -r unit log <<<"$server"
    systemctl reset-failed --quiet "$unit" 2>/dev/null || true
    start_and_wait start "$unit" "$log"
  done
}

# start_and_wait VERB UNIT LOG: waits until the server is ready; says every half minute that it is still loading.
start_and_wait() {
  local job began=$SECONDS next=30 since
  since=$(date +%s.%6N)
  note "$1ing $2"
  systemctl "$1" --quiet "$2" 2>/dev/null &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - began >= next)); then
      note "${2%.service} is loading ($((SECONDS - began)) s)"
      next=$((next + 30))
    fi
  done
  wait "$job" || die_of_start "$@" "$since"
}

# die_of_start VERB UNIT LOG SINCE: ends the step with the last lines of this start alone. The start sets an older log
# aside, unless it failed before that.
die_of_start() {
  local lines log=$3 why
  read_unit "$2" User Result ExecMainStatus
  journalctl --sync 2>/dev/null || true
  # systemd does not even try it then.
  why=$(mariadb_is_down) || why=$(cause "$2" "$4" "$log")
  mapfile -t lines < <(
    [[ $why != *namespacing* ]] || sandbox_way_out "$2"
    if [[ -n $(find "$log" -newermt "@$4" 2>/dev/null) ]]; then
      printf 'the end of %s:\n' "$log"
      end_of_log 8 "$log" | cut -c -300 | sed 's/^/  /'
    fi
    printf 'the end of its journal:\n'
    journal_of "$2" "$4" | tail -n 8 | cut -c -300 | sed 's/^/  /'
  )
  die "${2%.service} did not $1: $(printable "$why")" "${lines[@]//[^[:print:]]/?}"
}

# mariadb_is_down: MariaDB does not run, without which no server starts.
mariadb_is_down() {
  local unit=${ARG[mariadb]-} state
  [[ -n $unit ]] && state=$(systemctl show -P ActiveState "$unit") && [[ $state != active ]] &&
    printf 'MariaDB does not run (%s is %s): systemctl status %s says why' "$unit" "$state" "$unit"
}

# cause UNIT SINCE LOG: of the command that failed, with its own status and words. PROPERTY holds what systemd says of
# the unit's Result.
cause() {
  local kind="" path="" code="" status=0 words=""
  case ${PROPERTY[Result]} in
    start-limit-hit) printf 'it failed too often in a short time' && return ;;
    timeout) printf 'it was not ready within %s' "$(systemctl show -P TimeoutStartUSec "$1")" && return ;;
    oom-kill) printf 'the kernel ended it for want of memory' && return ;;
    resources) printf 'systemd could not start it: %s' "$(systemds_words "$1" "$2")" && return ;;
    success) printf 'somebody else stopped it meanwhile' && return ;;
  esac
  failed_command "$1" || { printf '%s' "${PROPERTY[Result]}" && return; }
  if [[ $code == exited ]] && ((status >= 200)); then words=$(systemds_words "$1" "$2") || true; fi
  if [[ -n $words ]]; then
    printf 'systemd could not run %s, status %s/%s: %s' "${path##*/}" "$status" "$(exit_name "$status")" "$words"
  elif [[ $kind != Start ]]; then
    printf '%s, which is run %s it, ended with %s' "${path##*/}" \
      "$([[ $kind == StartPre ]] && echo before || echo after)" "$(ended "$code" "$status")"
  else
    words=$(telling_log_line "$1" "$2" "$3")
    printf '%s%s' "$(ended "$code" "$status")" "${words:+: $words}"
  fi
}

# ending UNIT: the same in a few words, for a look.
ending() {
  local kind="" path="" code="" status=0
  case ${PROPERTY[Result]} in
    start-limit-hit) printf 'too often' ;;
    resources) printf 'systemd could not start it' ;;
    exit-code | signal | core-dump)
      failed_command "$1" || { code=exited && status=${PROPERTY[ExecMainStatus]}; }
      ended "$code" "$status"
      [[ $kind != Start?* ]] || printf ' of %s' "${path##*/}"
      ;;
    *) printf '%s' "${PROPERTY[Result]}" ;;
  esac
}

# failed_command UNIT: sets kind, path, code and status to those of the first of its commands that failed.
failed_command() {
  local line ended_well="" \
    shape='^Exec(StartPre|Start|StartPost)=\{ path=([^;]*) ;.* ignore_errors=no ;.* code=([a-z]+) ; status=([0-9]+)'
  while IFS= read -r line; do
    [[ $line =~ $shape ]] || continue
    kind=${BASH_REMATCH[1]} path=${BASH_REMATCH[2]} code=${BASH_REMATCH[3]} status=${BASH_REMATCH[4]}
    if [[ $code/$status == exited/0 ]]; then
      [[ $kind != Start ]] || ended_well=yes
      continue
    fi
    # The probe waits for a server that has ended without being told to.
    if [[ $path == */probe.sh && $ended_well ]]; then kind=Start code=exited status=0; fi
    return 0
  done < <(systemctl show "$1" -p ExecStartPre -p ExecStart -p ExecStartPost)
  return 1
}

# ended CODE STATUS
ended() {
  if [[ $1/$2 == exited/0 ]]; then
    printf 'it ended by itself before it was ready, with status 0'
  elif [[ $1 == exited ]]; then
    printf 'status %s%s' "$2" "$( ((${2} < 200)) || exit_name "$2" /)"
  else
    printf 'signal %s' "$(kill -l "$2" 2>/dev/null || echo "$2")"
  fi
}
# exit_name STATUS [BEFORE]: systemd's name of it, with what goes before it.
exit_name() {
  systemd-analyze exit-status "$1" 2>/dev/null | awk -v before="${2-}" 'END { printf "%s%s", before, $1 }'
}

# journal_of UNIT SINCE: including what systemd logged in the process that was to become the unit's, which may be gone
# before the journal knows its unit.
journal_of() { journalctl -q _SYSTEMD_UNIT="$1" + UNIT="$1" -o cat --no-pager --since "@$2"; }

# systemds_words UNIT SINCE: systemd's complaint, which comes before its account of what failed.
systemds_words() {
  journal_of "$1" "$2" | sed -n "s/^$1: //p" |
    grep -vE -m 1 \
      '^(Failed at step|Failed with result|Control process exited|Main process exited|Scheduled restart|Consumed|Deactivated)'
}

# end_of_log LINES LOG: as the server's own user, who could have put a link there.
end_of_log() { as_user "${PROPERTY[User]:-nobody}" tail -n "$1" "$2" 2>/dev/null || true; }

# telling_log_line UNIT SINCE LOG: the line of the server's output that explains most: a complaint of MariaDB's, a
# missing file, the last error.
telling_log_line() {
  local said line
  said=$(
    [[ -z $(find "$3" -newermt "@$2" 2>/dev/null) ]] || end_of_log 200 "$3"
    journal_of "$1" "$2" | grep -vE "^$1: |^(Starting|Started|Failed to start|Stopped) "
  )
  for line in \
    "Access denied for|Unknown database|Can't connect to|Lost connection|is not allowed to connect|Too many connections|Unknown column|Table '.*' doesn't exist" \
    "Error in config file|does not exist!|not found by path|failed to run command|_outdated_|[Bb]ind|Realm ID not defined|cannot open shared object" \
      'NOT opened|ERROR|FATAL|[Ee]rror|[Ff]atal|denied'; do
    line=$(grep -aE -m 1 -- "$line" <<<"$said") || continue
    printf '%s' "$(printable "${line:0:200}")"
    return
  done
}
