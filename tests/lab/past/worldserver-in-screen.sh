#!/bin/bash
# A worldserver that a user started by hand and left behind in screen.
set -eu
{ apt-get -q update && apt-get -q install -y --no-install-recommends screen; } >/dev/null 2>&1
useradd -m -s /bin/bash player
install -D -o player "$(readlink -f "$(command -v socat)")" /home/player/server/bin/worldserver
runuser -u player -- screen -dmS world /home/player/server/bin/worldserver TCP-LISTEN:8085,fork,reuseaddr EXEC:/bin/true
for _ in {1..100}; do [[ -z $(ss -Hltn 'sport = :8085') ]] || exit 0; sleep 0.1; done
exit 1
