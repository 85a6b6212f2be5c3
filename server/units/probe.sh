#!/bin/bash
# probe.sh PORT: waits until the process that systemd just started ($MAINPID) listens on PORT; fails when the process
# has ended. systemd does not watch the main process while this runs. The unit's TimeoutStartSec ends a wait that is too
# long.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
port=$1 pid=${MAINPID:-0}

server_is_alive() { [[ -r /proc/$pid/stat && $(</proc/"$pid"/stat) != *') Z '* ]]; }

until ss -Hltnp "sport = :$port" | grep -q "pid=$pid,"; do
  if ! server_is_alive; then
    echo "the server ended before it listened on $port/tcp" >&2
    exit 1
  fi
  sleep 0.3
done
