#!/bin/bash
# /tmp, /var/tmp, /dev/shm and /run are mounted noexec, as hardening guides want it: the stack has to work all the same.
set -eu
for each in /tmp /var/tmp /dev/shm /run; do
  mount --bind "$each" "$each"
  mount -o remount,bind,noexec,nosuid,nodev "$each"
done
