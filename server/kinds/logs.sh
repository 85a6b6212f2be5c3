# shellcheck shell=bash
# The timer that compresses old logs and deletes what is older still.

unit_path() { printf '/etc/systemd/system/%s.%s' "$(arg unit)" "$1"; }

observe() {
  local kind
  for kind in service timer; do arg "$kind" | file_says "$(unit_path "$kind")" 0644 root:root show; done
  [[ -e $(unit_path timer) ]] || return 0
  [[ $(systemctl is-enabled "$(arg unit).timer" 2>/dev/null) == enabled ]] || say "$(arg unit).timer does not start with the server"
  [[ $(systemctl is-active "$(arg unit).timer") == active ]] || say "$(arg unit).timer is not running"
}

apply() {
  local said kind
  said=$(systemd-analyze calendar "$(arg schedule)" 2>&1) ||
    die "trinitycore:logs.schedule: systemd refuses \"$(arg schedule)\"" "$(head -n 1 <<<"$said")" "try it with \`systemd-analyze calendar\`"
  for kind in service timer; do arg "$kind" | write_file "$(unit_path "$kind")" 0644 root:root; done
  daemon_reload || die "systemd could not read its units again"
  with_lock systemd systemctl enable --quiet "$(arg unit).timer" || die "$(arg unit).timer could not be enabled"
  systemctl restart "$(arg unit).timer" || die "$(arg unit).timer does not start" "systemctl status $(arg unit).timer says why"
  note "next: $(systemctl show -p NextElapseUSecRealtime --value "$(arg unit).timer")"
}

manifest() {
  printf 'file %s\nfile %s\ntimer %s.timer\n' "$(unit_path service)" "$(unit_path timer)" "$(arg unit)"
}

drop() {
  case $1 in
    'timer '*) systemctl disable --quiet --now "${1#timer }" 2>/dev/null || true ;;
    'file '*)
      rm -f -- "${1#file }"
      daemon_reload
      ;;
  esac
}
