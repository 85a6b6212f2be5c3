# shellcheck shell=bash
# Who did what on this host, when, and how it ended: one line for an action, in a file of root's.

# audit ACTION OUTCOME [WORDS]: a line `TIME WHO STACK ACTION OUTCOME WORDS`, with tabs between. It never fails. No
# value of a secret belongs into WORDS.
audit() { write_audit "$@" 2>/dev/null || true; }

write_audit() {
  ((EUID == 0)) || return 0
  (
    mkdir -p "${AUDIT_LOG%/*}" && umask 077 && exec {fd}>>"$AUDIT_LOG.lock" && flock -w 5 "$fd" || exit 1
    # Four older files are kept, of about a megabyte each.
    if [[ -f $AUDIT_LOG && $(stat -c %s "$AUDIT_LOG") -gt ${AUDIT_BYTES:-1000000} ]]; then
      for old in 3 2 1; do [[ ! -f $AUDIT_LOG.$old ]] || mv -fT "$AUDIT_LOG.$old" "$AUDIT_LOG.$((old + 1))"; done
      mv -fT "$AUDIT_LOG" "$AUDIT_LOG.1"
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$(printable "$(who_acts)")" \
      "$(printable "$(cat "$STATE_DIR/owner" 2>/dev/null || echo -)")" "$(printable "$1")" "$(printable "$2")" \
      "$(printable "${3-}")" >>"$AUDIT_LOG"
  )
}

# who_acts: the user who logged in, and from where; a unit where systemd started this.
who_acts() {
  local unit login from=${SSH_CONNECTION-}
  unit=$(sed -n 's|^0::.*/\([^/]*\.service\)\(/.*\)\?$|\1|p; s|^[0-9]*:name=systemd:.*/\([^/]*\.service\)\(/.*\)\?$|\1|p' \
    /proc/self/cgroup 2>/dev/null | head -n 1)
  if [[ -n ${INVOCATION_ID-} && -n $unit && $unit != ssh* ]]; then
    printf '%s' "$unit"
    return
  fi
  login=${SUDO_USER-}
  [[ -n $login ]] || login=$(getent passwd "$(cat /proc/self/loginuid 2>/dev/null)" 2>/dev/null | cut -d : -f 1)
  printf '%s%s' "${login:-$(id -un)}" "${from:+ from ${from%% *}}"
}
