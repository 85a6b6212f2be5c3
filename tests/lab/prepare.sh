#!/usr/bin/env bash
# What the tests need of this machine, made before they run so that no test's time limit has to hold it; where the lab
# cannot be, its tests report themselves skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [[ $(uname -s) != Linux || $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "lab      needs Linux, root and apt; its tests will be skipped"
  exit
fi
./machine.sh host-packages
./machine.sh image-baked
./engine.sh ensure
