#!/bin/bash
# As in a container that may not nest: systemd cannot make the mount namespace that a unit's sandbox needs
# (226/NAMESPACE). Here a mount fails instead, in each unit that the stack is going to start.
set -eu
for unit in trinity- authserver worldserver; do
  mkdir -p /etc/systemd/system/$unit.service.d
  printf '[Service]\nBindReadOnlyPaths=/nonexistent\n' >/etc/systemd/system/$unit.service.d/ban.conf
done
systemctl daemon-reload
