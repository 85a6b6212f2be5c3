# shellcheck shell=bash
# Where alerts go, and the units that make and send them. Without a hook they are in the journal and in a record alone.
# observed: the units, by their text; the hook, by its content and mode; whether alerts could be sent
# not observed: whether anybody reads them: `npm run realm -- alert` sends one to see

observe() {
  local unit units
  list units units
  # shellcheck disable=SC2154 # list fills it
  for unit in "${units[@]}"; do
    check_file "/etc/systemd/system/$unit" 0644 root:root "${ARG[$unit]-}" show
  done
  if [[ -n $(hook) ]]; then
    check_file "$ALERTS/hook" 0600 root:root "$(hook)"$'\n'
    [[ ! -f $ALERTS/failed ]] || hint "alerts could not be sent: $(head -c 300 "$ALERTS/failed"); they are tried again for a day"
  elif [[ -e $ALERTS/hook ]]; then
    say "alerts are still sent, though the config names neither alerts.webhook nor alerts.command"
  fi
}

# hook: its kind, the realm's name, and where it leads, in base64 as it may hold anything.
hook() {
  local kind
  for kind in webhook command; do
    if has_secret "$kind"; then printf '%s\n%s\n%s' "$kind" "${ARG[realm]-}" "$(secret "$kind" | base64 -w 0)"; fi
  done
}

apply() {
  local unit units
  list units units
  for unit in "${units[@]}"; do arg "$unit" | write_file "/etc/systemd/system/$unit" 0644 root:root; done
  daemon_reload || die "systemd could not read its units again"
  install -d -m 0700 "$ALERTS"
  if [[ -n $(hook) ]]; then
    { hook && echo; } | write_file "$ALERTS/hook" 0600 root:root
  else
    # What waits was for a hook that is no longer wanted.
    rm -rf -- "$ALERTS"/{hook,failed,waiting} "$ALERTS_IN_MEMORY"
  fi
}

outcome() {
  case $(hook | head -n 1) in
    webhook) echo "to the webhook" ;;
    command) echo "to the command" ;;
    *) echo "in the journal alone" ;;
  esac
}

manifest() {
  local unit units
  list units units
  for unit in "${units[@]}"; do printf 'file /etc/systemd/system/%s\n' "$unit"; done
  printf 'folder %s\n' "$ALERTS"
}

drop() {
  case $1 in
    'file '*)
      systemctl stop --quiet "${1##*/}" 2>/dev/null || true
      systemctl reset-failed --quiet "${1##*/}" 2>/dev/null || true
      rm -f -- "${1#file }"
      daemon_reload
      ;;
    'folder '*) rm -rf -- "${1#folder }" "$ALERTS_IN_MEMORY" ;;
  esac
}
