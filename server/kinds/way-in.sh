# shellcheck shell=bash
# Shows that a new login over SSH gets through the packet filter that the stack started: the login of this step is one.
# observed: a login has come through since the filter was started; without one it is stopped again after a minute
# not observed: logins from elsewhere than where Pulumi runs

observe() {
  local filter=${ARG[backend]-} taken
  case $filter in firewalld | ufw) ;; *) return 0 ;; esac
  if guard_pending; then
    say "no new login over SSH has come through $filter since it was started; a minute after that it is stopped again"
  elif ! "${filter}_active"; then
    if taken=$(taken_back "$filter"); then blind "$taken"; else blind "$filter does not run"; fi
  fi
}

apply() {
  local filter=${ARG[backend]-} login taken advice
  advice="see that trinitycore:host.ssh.port is the port that sshd listens on, and what else filters packets; then run \`pulumi up\` again, or: pulumi config set --path trinitycore:host.firewall.kind none"
  if taken=$(taken_back "$filter"); then die "$taken" "$advice"; fi
  guard_pending || return 0
  login=$(ssh_connection)
  [[ -n $login && $login != "$(cat "$GUARD_DIR/login" 2>/dev/null)" ]] ||
    die "this is no new login over SSH: that $filter lets one through is not shown" \
      "it is stopped again a minute after its start"
  guard_confirm ||
    die "$filter was started, and is being stopped again: no new login over SSH had come through within a minute" \
      "$advice"
  note "a new login over SSH comes through $filter"
}
