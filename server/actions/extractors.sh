#!/bin/bash
# The extractors of the newest release with every library that they need, the loader among them, so that they run on any
# Linux of the same architecture; `npm run realm -- data extract` fetches them.
#   extractors.sh CORE USER ARCHITECTURE    writes a tar.gz on standard output; CORE is the folder with the releases,
#                                           and ARCHITECTURE that of the machine they are to run on
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
core=${1-} user=${2-} architecture=${3-}
[[ $(uname -m) == "$architecture" ]] ||
  die "the host is of architecture $(uname -m), and this machine of $architecture"
release=$(newest_release "$core")
[[ -n $release ]] || die "there is no release on this host yet" "\`pulumi up\` builds one; its extractors are needed"
bin=$core/releases/$release/bin
programs=()
for program in mapextractor vmap4extractor vmap4assembler mmaps_generator; do
  [[ -x $bin/$program ]] || die "the release $release has no $program" "\`pulumi up\` builds it again"
  programs+=("$bin/$program")
done

loader="" libraries=()
# The linker reads what a build made, so it is not root that asks it.
while read -r name arrow path _; do
  case $name:$arrow:$path in
    *:'=>:not') die "an extractor of the release $release lacks the library $name" "\`pulumi up\` puts that right" ;;
    *:'=>:/'*) libraries+=("$path") ;;
    /*:'(0x'*) loader=$name ;;
  esac
done < <(run_caged "$user" ldd "${programs[@]}" 2>/dev/null | sort -u)
[[ -n $loader && ${#libraries[@]} != 0 ]] || die "which libraries the extractors need could not be found out"
mapfile -t libraries < <(printf '%s\n' "${libraries[@]}" | sort -u)

# shellcheck disable=SC2016 # the other shell expands it
as_user "$user" sh -ec '
  release=$1 loader=$2 count=$3
  shift 3
  folder=$(mktemp -d)
  trap '\''rm -rf "$folder"'\'' EXIT
  mkdir "$folder/lib"
  while [ "$count" -gt 0 ]; do
    cp -L "$1" "$folder"
    shift
    count=$((count - 1))
  done
  cp -L "$@" "$folder/lib"
  cp -L "$loader" "$folder/loader"
  printf "%s\n" "$release" >"$folder/release"
  tar -C "$folder" --owner=0 --group=0 -czf - .
' sh "$release" "$loader" "${#programs[@]}" "${programs[@]}" "${libraries[@]}" ||
  die "the extractors could not be read" "is there room in /tmp on the host?"
