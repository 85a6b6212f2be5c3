#!/usr/bin/env bash
# make-client.sh DIR [LOCALE…]: writes a made-up game client that the stand-in's extractors take (LOCALE: else enUS).
set -euo pipefail
dir=${1:?DIR}
shift
if (($# == 0)); then set -- enUS; fi
archive() { mkdir -p "$(dirname "$1")" && printf 'MPQ\32made up' >"$1"; }
for name in common common-2 expansion lichking patch; do archive "$dir/Data/$name.MPQ"; done
for locale; do
  for name in locale expansion-locale lichking-locale patch; do archive "$dir/Data/$locale/$name-$locale.MPQ"; done
done
