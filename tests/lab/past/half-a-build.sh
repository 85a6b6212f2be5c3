#!/bin/bash
# Somebody began by hand, as root: there is the source with a change in it, and a build that went half way.
set -eu
root=/var/lib/trinity/Projects/trinity-335
export GIT_CONFIG_GLOBAL=/srv/gitconfig
printf '[safe]\n\tdirectory = *\n[protocol "file"]\n\tallow = always\n' >/srv/gitconfig
mkdir -p "$root/build"
git clone -q --branch 3.3.5 --recurse-submodules /srv/git/core.git "$root/src"
echo '// mine' >>"$root/src/src/common/Version.cpp"
cmake -S "$root/src" -B "$root/build" -DCMAKE_INSTALL_PREFIX="$root/run" >/dev/null
make -s -C "$root/build" revision >/dev/null
