# shellcheck shell=bash
# How one gets into this host over SSH: what has to stay open whatever filters packets.

# ssh_connection: "CLIENT PORT ADDRESS PORT" of the SSH connection that this runs in; nothing where it runs in none.
# sudo takes it out of the environment, but not out of that of the processes above it.
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

# ssh_ports: the TCP ports that lead in over SSH, one a line: the config's, that of the present connection, what an SSH
# server or its socket listens on, and what sshd is set to listen on once it is started again.
ssh_ports() {
  local login
  login=$(ssh_connection)
  {
    arg ssh
    printf '\n%s\n' "${login##* }"
    listening_ssh_ports
    # Its `port` lines are wrong where ListenAddress names a port, and all of them where a socket of systemd listens for
    # it.
    systemctl is-active -q ssh.socket sshd.socket || sshd -T 2>/dev/null |
      sed -n 's/^listenaddress .*:\([0-9]*\)$/\1/p' || true
  } | grep -Ex '[0-9]+' | sort -nu
}
# listening_ssh_ports: the ports of SSH servers that run, and of systemd's sockets for them.
listening_ssh_ports() {
  local address rest pid
  while read -r _ _ _ address _ rest; do
    [[ $rest =~ \(\"(sshd|dropbear|tinysshd)\",pid=([0-9]+) && $address != 127.* && $address != '[::1]':* ]] || continue
    pid=${BASH_REMATCH[2]}
    # The others are what somebody who is logged in has forwarded.
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
# is_ssh_port_known: one that is used or listened on right now; a port of the config alone may be that of a router.
is_ssh_port_known() { [[ -n $(ssh_connection)$(listening_ssh_ports) ]]; }

# ssh_device: the network interface that the present connection comes in through, else the one of the default route.
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
