#!/bin/bash
# /var is a disk of its own, mounted noexec, as some rules for hardening want it.
set -eu
mount --bind /var /var
mount -o remount,bind,noexec,nosuid,nodev /var
for each in /tmp /var/tmp /dev/shm; do
  mount --bind "$each" "$each"
  mount -o remount,bind,noexec,nosuid,nodev "$each"
done
