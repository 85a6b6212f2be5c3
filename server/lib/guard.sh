# shellcheck shell=bash
# The guard stops a packet filter that the stack started, and restores its configuration, unless a new SSH login gets
# through within a minute. It runs in a unit of its own (units/take-back.sh); a boot begins the minute again.

GUARD_FILE=/etc/systemd/system/$GUARD_UNIT

guard_pending() { [[ -e $GUARD_DIR ]]; }

# guard_new_filter FILTER FOLDER: call it before anything of the filter is changed.
guard_new_filter() {
  guard_clear
  rm -f "$RECEIPTS/$STEP/taken-back"
  set_guard "$@" && note_started started "$1" && return
  guard_clear
  die "$1 was not started: what would stop it again if it shut you out could not be set up" \
    "is the disk full? df -h $STATE_DIR"
}
# shellcheck disable=SC2154 # `here` is the folder of these scripts
set_guard() {
  local new=$GUARD_DIR.new
  rm -rf "$new"
  install -d -m 0700 "$new" && cp -a "$2" "$new/saved" && cp "$here/units/take-back.sh" "$new" || return
  # ufw changes the kernel's parameters as well.
  if [[ -f $2/sysctl.conf ]]; then
    sed -n 's/^\([a-z][^=]*\)=.*/\1/p' "$2/sysctl.conf" | xargs sysctl -e >"$new/sysctl" 2>/dev/null
  fi
  printf '%s\n' "$1" "$2" "$(enabled_state "$1")" "$RECEIPTS/$STEP/taken-back" >"$new/of" && ssh_connection >"$new/login" ||
    return
  write_file "$GUARD_FILE" 0644 root:root <<UNIT || return
[Unit]
Description=Stops a packet filter that shuts out who logs in over SSH
RequiresMountsFor=$GUARD_DIR
After=ufw.service firewalld.service

[Service]
ExecStart=/bin/bash $GUARD_DIR/take-back.sh $GUARD_UNIT

[Install]
WantedBy=multi-user.target
UNIT
  mv -T "$new" "$GUARD_DIR" && daemon_reload && systemctl enable --quiet --now "$GUARD_UNIT"
}

# note_started WHAT FILTER [PORT/PROTOCOL]: records what the stack did besides opening its ports, and does not undo:
# WHAT is `started`, or `way` for a port opened for SSH.
note_started() { printf '%s\n' "$*" >>"$RECEIPTS/$STEP/started"; }
# filter_started FILTER: what the record says, in words; nothing when the stack did not start it.
filter_started() {
  local what filter port found="" ways=()
  while read -r what filter port; do
    [[ $filter == "$1" ]] || continue
    found=yes
    [[ $what != way ]] || ways+=("$port")
  done < <(sort -u "$RECEIPTS/$STEP/started" 2>/dev/null)
  [[ -z $found ]] ||
    printf '%s, which the stack started%s' "$1" "${ways[*]:+, with $(and_list "${ways[@]}") open for SSH}"
}

# guard_confirm: a login came through; 1 when it was too late.
guard_confirm() { mv -T "$GUARD_DIR" "$GUARD_DIR.proven" 2>/dev/null && guard_clear; }
guard_clear() {
  if [[ -e $GUARD_FILE ]]; then
    systemctl disable --quiet --now "$GUARD_UNIT" 2>/dev/null || true
    rm -f "$GUARD_FILE"
    daemon_reload
  fi
  rm -rf "$GUARD_DIR" "$GUARD_DIR.proven"
}

# taken_back FILTER: says that the guard stopped it and that it does not run; 1 otherwise.
taken_back() {
  local filter when
  # One step alone starts a filter.
  read -r filter when < <(cat "$RECEIPTS"/*/taken-back 2>/dev/null) && [[ $filter == "$1" ]] || return
  printf '%s was started, and stopped again at %s: within a minute no new login over SSH had come through' "$filter" \
    "$when"
}
