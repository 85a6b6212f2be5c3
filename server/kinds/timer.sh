# shellcheck shell=bash
# One of the stack's timers, and the service that it starts: for old logs, or for restarts in the window.
# observed: the service and the timer, by their text; the timer is enabled and runs
# not observed: what the service works on: logs come and go, and restarts that wait are the servers' own matter

unit_path() { printf '/etc/systemd/system/%s.%s' "${ARG[unit]-}" "$1"; }

observe() {
  local kind
  for kind in service timer; do
    check_file "/etc/systemd/system/${ARG[unit]-}.$kind" 0644 root:root "${ARG[$kind]-}" show
  done
  [[ -e /etc/systemd/system/${ARG[unit]-}.timer ]] || return 0
  [[ $(enabled_state "${ARG[unit]-}.timer") == enabled ]] || say "${ARG[unit]-}.timer does not start when the host boots"
  [[ $(systemctl is-active "${ARG[unit]-}.timer") == active ]] || say "${ARG[unit]-}.timer is not running"
}

apply() {
  local said kind
  said=$(systemd-analyze calendar "${ARG[schedule]-}" 2>&1) ||
    die "trinitycore:${ARG[key]-}: systemd refuses \"${ARG[schedule]-}\"" "$(head -n 1 <<<"$said")" \
      "try it with \`systemd-analyze calendar\`"
  for kind in service timer; do arg "$kind" | write_file "$(unit_path "$kind")" 0644 root:root; done
  daemon_reload || die "systemd could not read its units again"
  with_lock systemd systemctl enable --quiet "${ARG[unit]-}.timer" || die "${ARG[unit]-}.timer could not be enabled"
  systemctl restart "${ARG[unit]-}.timer" ||
    die "${ARG[unit]-}.timer does not start" "systemctl status ${ARG[unit]-}.timer says why"
  note "next: $(systemctl show -p NextElapseUSecRealtime --value "${ARG[unit]-}.timer")"
}

manifest() {
  printf 'file %s\nfile %s\ntimer %s.timer\n' "$(unit_path service)" "$(unit_path timer)" "${ARG[unit]-}"
}

drop() {
  case $1 in
    'timer '*)
      systemctl disable --quiet --now "${1#timer }" 2>/dev/null || true
      # The record of when it ran last.
      systemctl clean --what=state "${1#timer }" 2>/dev/null || true
      # A run that is at work or has failed would stay in systemd's list without its unit.
      systemctl stop --quiet "${ARG[unit]-}.service" 2>/dev/null || true
      systemctl reset-failed --quiet "${ARG[unit]-}.service" 2>/dev/null || true
      ;;
    'file '*)
      rm -f -- "${1#file }"
      daemon_reload
      ;;
  esac
}
