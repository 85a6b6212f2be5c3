#!/usr/bin/env bash
# Makes what the tests need of this machine before they run, so that no test's time limit has to cover it. Where the lab
# cannot run, its tests report that they are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [[ $(uname -s) != Linux || $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "lab      needs Linux, root and apt; its tests will be skipped"
  exit
fi
./machine.sh host-packages
./machine.sh image-baked
./engine.sh ensure
