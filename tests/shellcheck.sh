#!/usr/bin/env bash
# Every shell file of the repository, whatever its name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=()
while IFS= read -r -d '' file; do
  if [[ $file == *.sh ]] || head -n 1 "$file" | grep -qE '^#!.*\b(ba)?sh$'; then files+=("$file"); fi
done < <(git ls-files -co --exclude-standard -z)
printf '%s\0' "${files[@]}" | xargs -0 -n 48 -P "$(getconf _NPROCESSORS_ONLN)" shellcheck -x
echo "${#files[@]} shell files checked"
