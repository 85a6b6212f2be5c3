#!/usr/bin/env bash
# make-client.sh DIR [LOCALE…]: writes a made-up game client that the stand-in's extractors take (default: enUS).
# Its archives begin as real ones do, and hold the few words that the stand-in looks for; its Wow.exe has the part in
# which a program names its build. BUILD in the environment makes it another client than 12340.
set -euo pipefail
dir=${1:?DIR}
shift
if (($# == 0)); then set -- enUS; fi
build=${BUILD:-12340}
u32() { local n; for n; do printf '%b' "$(printf '\\x%02x' $((n & 255)) $((n >> 8 & 255)) $((n >> 16 & 255)) $((n >> 24)))"; done; }
# archive FILE TEXT: a head of 32 bytes, the text, and two tables with an entry each.
archive() {
  local tables=$((32 + ${#2}))
  mkdir -p "$(dirname "$1")"
  { printf 'MPQ\32' && u32 32 $((tables + 32)) $((3 << 16)) $tables $((tables + 16)) 1 1 && printf '%s%032d' "$2" 0; } >"$1"
}
archive "$dir/Data/common.MPQ" 'World\Maps'
for name in common-2 expansion lichking patch; do archive "$dir/Data/$name.MPQ" "$name"; done
for locale; do
  for name in locale expansion-locale lichking-locale; do archive "$dir/Data/$locale/$name-$locale.MPQ" "$name"; done
  archive "$dir/Data/$locale/patch-$locale.MPQ" "<componentinfo version=\"$build\">"
done
{ printf 'MZ%062d' 0 && u32 0xfeef04bd 0x10000 $((3 << 16 | 3)) $((5 << 16 | build)) && printf '%032d' 0; } >"$dir/Wow.exe"
