# shellcheck shell=bash
# The ways into this host over SSH, which stay open whatever filters packets.

# ssh_connection: `CLIENT PORT ADDRESS PORT` of the SSH connection that this runs in; nothing when there is none. sudo
# removes it from the environment, but the processes above sudo still have it.
ssh_connection() {
  local pid=$$ line address='([0-9a-fA-F.:]+(%[A-Za-z0-9.-]+)?)'
  while ((pid > 1)); do
    while IFS= read -r -d '' line; do
      [[ ! $line =~ ^SSH_CONNECTION=($address\ [0-9]+\ $address\ [0-9]+)$ ]] ||
        { printf '%s' "${BASH_REMATCH[1]}" && return; }
    done 2>/dev/null <"/proc/$pid/environ"
    pid=$(parent_of "$pid")
  done
}
parent_of() {
  local key value
  while read -r key value; do
    [[ $key != PPid: ]] || { printf '%s' "$value" && return; }
  done 2>/dev/null <"/proc/$1/status"
  printf 0
}

# ssh_ports: the TCP ports for SSH, one a line: that of the config, that of the present connection, what an SSH server
# or its socket listens on, and what sshd will listen on when it is restarted.
ssh_ports() {
  local login
  login=$(ssh_connection)
  {
    arg ssh
    printf '\n%s\n' "${login##* }"
    listening_ssh_ports
    # sshd's `port` lines do not count when ListenAddress names a port, and none of its lines when a socket of systemd
    # listens for it.
    systemctl is-active -q ssh.socket sshd.socket || sshd -T 2>/dev/null |
      sed -n 's/^listenaddress .*:\([0-9]*\)$/\1/p' || true
  } | grep -Ex '[0-9]+' | sort -nu
}
# listening_ssh_ports: those of SSH servers that run, and of systemd's sockets for them.
listening_ssh_ports() {
  local address rest pid
  while read -r _ _ _ address _ rest; do
    [[ $rest =~ \(\"(sshd|dropbear|tinysshd)\",pid=([0-9]+) && $address != 127.* && $address != '[::1]':* ]] || continue
    pid=${BASH_REMATCH[2]}
    # A process of sshd's that systemd did not start serves a login, and its port is one that the login forwards.
    [[ $(parent_of "$pid") != 1 ]] || printf '%s\n' "${address##*:}"
  done < <(ss -Hltnp)
  while IFS= read -r rest; do
    [[ ! $rest =~ ^Listen=[0-9a-fA-F.:*]*\[?.*:([0-9]+)\ \(Stream\)$ || $rest == Listen=/* ||
      $rest == Listen=vsock* ]] ||
      printf '%s\n' "${BASH_REMATCH[1]}"
  done < <(for rest in ssh.socket sshd.socket dropbear.socket; do
    ! systemctl is-active -q "$rest" || systemctl show "$rest" -p Listen
  done)
}
# is_ssh_port_known: one is used or listened on now; the config's port may be that of a router in front of the host.
is_ssh_port_known() { [[ -n $(ssh_connection)$(listening_ssh_ports) ]]; }

# ssh_device: the network interface of the present SSH connection, else that of the default route.
ssh_device() {
  local login address device="" line
  login=$(ssh_connection)
  read -r _ _ address _ <<<"$login"
  [[ -z $address ]] || read -r _ device _ < <(ip -o addr show to "${address%%%*}" 2>/dev/null)
  if [[ -z $device ]]; then device=$(default_device); fi
  printf '%s' "${device%:}"
}
default_device() {
  local line device
  while read -r line; do
    [[ $line == *' dev '* ]] || continue
    device=${line##* dev }
    printf '%s' "${device%% *}"
    return
  done < <(ip -o route show default)
}
