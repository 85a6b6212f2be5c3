# shellcheck shell=bash
# Long work runs as a systemd unit of its own: it outlives the connection that asked for it, and another run joins it.

# job_unit NAME: its unit, which systemd also takes without `.service`.
job_unit() { printf '%s%s' "$JOB_PREFIX" "$1"; }

# of_this_realm KIND: the job or receipt of that kind for this step's realm; its name ends as this step's does.
of_this_realm() {
  local kind
  read_whole kind "$REQUEST/kind"
  printf '%s%s' "$1" "${STEP#"$kind"}"
}
job_log() { printf '%s/%s.log' "$JOB_LOGS" "$1"; }
job_running() { unit_runs "$(job_unit "$1").service"; }
# unit_runs UNIT: it runs, starts or is about to end.
unit_runs() {
  case $(systemctl show -P ActiveState "$1" 2>/dev/null) in
    active | activating | deactivating | reloading) ;;
    *) return 1 ;;
  esac
}
job_ended() { ! job_running "$1"; }
# job_key NAME: what the job makes.
job_key() { cat "$JOB_DIR/$1/key" 2>/dev/null; }
job_began() { cat "$JOB_DIR/$1/began" 2>/dev/null || date +%s; }
# job_result NAME: `success`, or what ended it (`exit-code`, `oom-kill`, `signal`, …).
job_result() { systemctl show -P Result "$(job_unit "$1")"; }

# job_ended_by NAME: what ended it, when it did not end by itself.
job_ended_by() {
  local unit result
  unit=$(job_unit "$1").service
  result=$(job_result "$1" 2>/dev/null) || result=""
  case $result in
    success | exit-code) ;;
    '') printf 'how %s ended is not known, as systemd does not answer' "$unit" ;;
    oom-kill) printf 'the kernel ended %s for want of memory' "$unit" ;;
    *) printf '%s was ended from outside (%s)' "$unit" "$result" ;;
  esac
}

# job_forget NAME: removes the unit of an ended job. systemd may still hold it (one process that is left in its control
# group is enough), and would then refuse the name.
job_forget() {
  local unit
  unit=$(job_unit "$1").service
  systemctl reset-failed "$unit" 2>/dev/null || true
  [[ $(systemctl show -P LoadState "$unit" 2>/dev/null) == loaded ]] || return 0
  systemctl stop "$unit"
  rm -f "/run/systemd/transient/$unit"
  daemon_reload
}

# forget_jobs: all jobs since the host booted; a failed one would stay in systemd's list.
forget_jobs() {
  local dir
  for dir in "$JOB_DIR"/*/; do [[ ! -d $dir ]] || job_forget "$(basename "$dir")"; done
  rm -rf -- "$JOB_DIR"
}

# job_start NAME KEY SCRIPT PROPERTY…: SCRIPT gets a folder for load_request, with the step's parameters, the proxy that
# find_proxy found, and the secrets and files, which are removed when the job ends. The job runs in its sandbox and sees
# no other processes.
job_start() {
  local name=$1 key=$2 script=$3 dir=$JOB_DIR/$1 log each properties apart=() since said
  shift 3
  log=$(job_log "$name")
  rm -rf "$dir"
  install -d -m 0700 "$JOB_DIR" "$dir" "$dir/secrets" "$dir/files"
  # The folder of the servers' logs belongs to the service user, who could put a link where root writes.
  install -d -m 0755 "$JOB_LOGS"
  cp "$REQUEST/kind" "$dir/kind"
  printf '%s' "$STEP" >"$dir/step"
  for each in "${!ARG[@]}"; do printf '%s=%s\0' "$each" "${ARG[$each]}"; done >"$dir/args"
  for each in "$REQUEST"/{secrets,files}/*; do [[ ! -f $each ]] || cp -p "$each" "$dir${each#"$REQUEST"}"; done
  ((${#PROXY[@]} == 0)) || (umask 077 && printf '%s\n' "$PROXY_FROM" "${PROXY[@]}" >"$dir/secrets/proxy")
  printf '%s' "$key" >"$dir/key"
  date +%s >"$dir/began"
  [[ ! -e $log ]] || mv -f "$log" "$log.1"
  : >"$log"
  job_forget "$name"
  note_realm_job "$name"
  mapfile -t properties < <(job_sandbox "$name")
  # A drop-in of the operator's that takes the sandbox away may be there because this is not allowed either.
  ((${#properties[@]} == 0)) || ! unshare --pid --fork --mount-proc true 2>/dev/null ||
    apart=(unshare --pid --fork --kill-child --mount-proc)
  since=$(date +%s.%6N)
  said=$(systemd-run --quiet --unit="$(job_unit "$name")" --setenv=TRINITY_REALM_HELD="${TRINITY_REALM_HELD-}" \
    --service-type=exec --description="TrinityCore: $name of $key" "${@/#/--property=}" "${properties[@]/#/--property=}" \
    --property=ExecStopPost="/bin/rm -rf $dir/secrets $dir/files" --property=KillMode=control-group "${apart[@]}" /bin/bash "$script" "$dir" 2>&1) ||
    job_not_started "$(job_unit "$name").service" "$since" "$said"
}
# job_not_started UNIT SINCE SAID: ends the step; SAID is what systemd-run printed.
job_not_started() {
  local status words lines=() said
  said=$(printable "${3%%$'\n'*}")
  status=$(systemctl show -P ExecMainStatus "$1" 2>/dev/null) || status=""
  [[ -n $status ]] || die "$1 could not be started, as systemd does not answer${said:+: $said}" \
    "once \`systemctl is-system-running\` answers on the host (else restart it), run \`pulumi up\` again"
  journalctl --sync 2>/dev/null || true
  words=$(systemds_words "$1" "$2") || true
  ((status < 200)) || mapfile -t lines < <(sandbox_way_out "$1")
  ((status)) || die "$1 could not be started${said:+: $said}${words:+ ($(printable "$words"))}"
  die "$1 could not be started: status $status${words:+: $(printable "$words")}" "${lines[@]}"
}

# job_follow NAME PRINTER: pipes the job's log into PRINTER until the job has ended.
job_follow() {
  local name=$1 printer=$2 pid
  pid=$(systemctl show -P MainPID "$(job_unit "$name")")
  if ((pid)); then
    tail -n +1 -s 0.3 -f --pid="$pid" "$(job_log "$name")" 2>/dev/null | "$printer"
  else
    "$printer" <"$(job_log "$name")"
  fi
  wait_for 60 job_ended "$name"
}

# print_job_log <log: an error and the lines that belong to it go to standard error.
print_job_log() {
  local line failed=""
  while IFS= read -r line; do
    case $line in
      'error: '*) failed=yes ;;
      '== failed: it '*) failed=yes line="error: ${STEP-} ${line#== failed: it }" ;;
      '  '*) ;;
      *) failed="" ;;
    esac
    if [[ -n $failed ]]; then printf '%s\n' "$line" >&2; else printf '%s\n' "$line"; fi
  done
}

# job_await NAME [AGAIN]: follows it to its end; the step fails when the job did. AGAIN says what to do then.
job_await() {
  job_follow "$1" print_job_log || true
  job_verdict "$@"
}
# job_verdict NAME [AGAIN]: the same for one that has ended.
job_verdict() {
  local ended
  ended=$(job_ended_by "$1")
  [[ -z $ended ]] || die "$ended" "${2-run \`pulumi up\` again}; journalctl -u $(job_unit "$1") says more"
  # The job has printed the reason.
  [[ $(job_result "$1") == success ]] || exit 1
}

# job_run NAME KEY SCRIPT PROPERTY…: starts it and waits for its end.
job_run() {
  job_start "$@"
  job_await "$1"
}

# job_join NAME WHAT: waits for a job that an earlier run started, however it ends; 1 when there is none.
job_join() {
  job_running "$1" || return 1
  note "joining $2 that is running ($(job_key "$1"))"
  job_follow "$1" print_job_log 2>&1 || true
}

# job_main DIR FUNCTION: what a job's script calls. All output goes to the log and to the journal.
job_main() {
  local rc logger
  # shellcheck disable=SC2034 # run_caged reads it
  IN_JOB=yes
  # The first process of a PID namespace ignores every signal that it has no handler for.
  trap 'exit 143' TERM
  load_request "$1"
  exec > >(exec tee -a "$(job_log "$(basename "$1")")") 2>&1
  logger=$!
  (
    # shellcheck disable=SC2034 # the trap reads it
    level=$BASH_SUBSHELL
    # shellcheck disable=SC2154 # it is set there
    trap 'failed=$?; ((BASH_SUBSHELL != level)) || echo "== failed: it $(stopped_at "$failed" "$BASH_COMMAND")"' ERR
    set -eE
    "$2"
  )
  rc=$?
  exec >&- 2>&-
  wait "$logger"
  exit "$rc"
}
