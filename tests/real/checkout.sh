#!/usr/bin/env bash
# checkout.sh SOURCE FOLDER: the files of SOURCE, a checkout or a repository of TrinityCore 3.3.5 (its branch 3.3.5, or
# HEAD). Prints its commit, or an empty line, and then where they are, which is FOLDER for a repository.
set -euo pipefail
source=${1:?SOURCE} tree=${2:?FOLDER}
if ! git -C "$source" rev-parse -q --git-dir >/dev/null 2>&1 || [[ -e $source/CMakeLists.txt && ! -e $source/.git ]]; then
  printf '\n%s\n' "$source"
  exit
fi
commit=$(git -C "$source" rev-parse -q --verify 3.3.5 || git -C "$source" rev-parse HEAD)
mkdir "$tree"
# What only archived databases need is left out before it is read: a partial clone does not have it.
index=$(mktemp -d)
trap 'rm -rf "$index"' EXIT
export GIT_INDEX_FILE=$index/index
git -C "$source" --work-tree="$tree" read-tree "$commit"
git -C "$source" --work-tree="$tree" rm -rq --cached --ignore-unmatch sql/old
git -C "$source" --work-tree="$tree" checkout-index -a --prefix="$tree/"
# Of the archived updates that new databases begin with, only the names are ever asked for.
for role in auth characters; do
  while IFS= read -r file; do
    ! grep -qF "'${file##*/}'" "$tree/sql/base/${role}_database.sql" || install -D -m 0644 /dev/null "$tree/$file"
  done < <(git -C "$source" ls-tree -r --name-only "$commit" "sql/old/3.3.5a/$role")
done
printf '%s\n' "$commit" "$tree"
