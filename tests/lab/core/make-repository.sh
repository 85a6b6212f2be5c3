#!/usr/bin/env bash
# make-repository.sh DIR: makes the repositories for a realm's source.repository, with the same commits every time:
#   DIR/core.git      bare, branch 3.3.5, dep/standin is the submodule ../standin.git
#   DIR/standin.git   bare
#   DIR/core          a checkout to change, commit and `git push` from (user and signing are set)
# `make-repository.sh commit DIR MESSAGE` commits every change in DIR/core, pushes the commit and prints it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=Standin \
  GIT_AUTHOR_EMAIL=standin@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

publish() { # CHECKOUT BARE
  git -C "$1" push -q "$2" HEAD:3.3.5
  git -C "$2" update-server-info # so that a plain web server can offer it
}

if [[ $1 == commit ]]; then
  git -C "$2/core" add -A
  git -C "$2/core" commit -q --allow-empty -m "$3"
  publish "$2/core" "$2/core.git"
  exec git -C "$2/core" rev-parse HEAD
fi

dir=$1
export GIT_AUTHOR_DATE='2026-07-21T12:00:00+0000' GIT_COMMITTER_DATE='2026-07-21T12:00:00+0000'
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
rm -rf "$dir/core" "$dir/core.git" "$dir/standin.git"
for name in core standin; do git init -q --bare -b 3.3.5 "$dir/$name.git"; done

standin=$(mktemp -d)
trap 'rm -rf "$standin"' EXIT
cp -r "$here/../core-submodule/." "$standin/"
git -C "$standin" init -q -b 3.3.5
git -C "$standin" add -A
git -C "$standin" commit -q -m 'The stand-in of a submodule'
publish "$standin" "$dir/standin.git"

mkdir -p "$dir/core/dep/standin"
cp -r "$here/"{CMakeLists.txt,cmake,revision_data.h.in.cmake,sql,src,.gitmodules,README.md} "$dir/core/"
git -C "$dir/core" init -q -b 3.3.5
git -C "$dir/core" add -A
git -C "$dir/core" update-index --add --cacheinfo "160000,$(git -C "$standin" rev-parse HEAD),dep/standin"
git -C "$dir/core" commit -q -m 'The stand-in core'
git -C "$dir/core" remote add origin ../core.git
publish "$dir/core" "$dir/core.git"
git -C "$dir/core" fetch -q origin
git -C "$dir/core" branch -q --set-upstream-to=origin/3.3.5
git -C "$dir/core" rev-parse HEAD
