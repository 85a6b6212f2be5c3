#!/bin/bash
# What trinity-build.service runs: it configures, compiles and installs one release beside the live one, whole or not at
# all. Whatever the checkout can make run, runs as the service user; root only takes over the finished files.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

make_release() {
  root=${ARG[root]-} user=${ARG[user]-} id=${ARG[id]-}
  build=$root/build stage=$root/build/stage
  prepare_folder
  configure
  compile
  install_staged
  take_over
  echo "== Built $id"
}

fail() {
  echo "== failed: $1"
  exit 1
}

# shellcheck disable=SC2034,SC2054 # as_user reads both; the commas are ccache's
as_builder() {
  local AS_USER_CWD AS_USER_ENV
  AS_USER_CWD=$root/src
  # ccache leaves the folder out of its hashes only below CCACHE_BASEDIR; precompiled headers need the sloppiness.
  AS_USER_ENV=(
    CCACHE_BASEDIR="$root" CCACHE_MAXSIZE=5G DESTDIR="${destdir-}"
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  )
  as_user "$user" "$@" </dev/null
}
# shellcheck disable=SC2016 # the other shell expands it
put_as_builder() { as_user "$user" sh -c 'cat >"$1"' sh "$1"; }

# prepare_folder: deletes a build tree that was made with another compiler or other libraries, as their objects must not
# be mixed. A build tree of somebody else is moved aside.
prepare_folder() {
  local toolchain aside
  toolchain=$(grep -v '^option \|^type=' <<<"${ARG[key]-}")
  if [[ -n $(find "$build" -mindepth 1 -print -quit 2>/dev/null) && ! -f $build/.toolchain ]]; then
    aside=$build.before-$(date -u +%Y%m%d-%H%M%S)
    echo "== The build tree of somebody else is kept as $aside"
    mv -T "$build" "$aside"
  elif [[ -d $build && $(read_as_user "$user" "$build/.toolchain") != "$toolchain" ]]; then
    echo "== Removing the old build tree: compiler or libraries have changed"
    rm -rf --one-file-system "$build"
  fi
  forget_future
  if [[ ! -d $build ]]; then
    make_own_folder "$build" "$user:" || fail "$build is no folder of its own"
    put_as_builder "$build/.toolchain" <<<"$toolchain"
  fi
  [[ -z $(find "$build" ! -user "$user" -print -quit) ]] || chown -hR "$user:" "$build"
}

# forget_future: when the clock was ahead, old objects look newer than any change to come.
forget_future() {
  [[ ! -d $build || -z $(find "$build" -newermt '1 hour' -print -quit) ]] || {
    echo "== Removing the old build tree: the clock was ahead when it was made"
    rm -rf --one-file-system "$build"
  }
}

# configure: runs in every build, as cmake only then finds new source files. So ninja need not check whether cmake has
# to run again: with a wrong clock ninja never stops doing so. When the options change, the cache goes: an option that
# is no longer set would stay in it.
configure() {
  local options=() given flags="" cc=gcc cxx=g++ launcher=""
  echo "== Configuring"
  if [[ $(read_as_user "$user" "$build/.configured") != "${ARG[key]-}" ]]; then rm -f "$build/CMakeCache.txt"; fi
  [[ ${ARG[compiler]-} != clang ]] || { cc=clang cxx=clang++; }
  if command -v ccache >/dev/null; then
    launcher=ccache
    if [[ $cc == clang ]]; then flags="-Xclang -fno-pch-timestamp"; else flags="-fpch-preprocess"; fi
  fi
  list options given
  for option in "${given[@]}"; do
    case $option in
      CMAKE_CXX_FLAGS=*) flags="${option#*=} $flags" ;;
      *) options+=("-D$option") ;;
    esac
  done
  as_builder cmake -S "$root/src" -B "$build" -G Ninja -DTOOLS=1 -DSERVERS=1 "${options[@]}" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_C_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_FLAGS="$flags" \
      -DCMAKE_BUILD_TYPE="${ARG[type]-}" \
    -DCMAKE_INSTALL_PREFIX="$root/run" -DCONF_DIR="$root/run/etc" -DCMAKE_JOB_POOLS=link=1 -DCMAKE_JOB_POOL_LINK=link \
    -DCMAKE_SUPPRESS_REGENERATION=ON ||
    fail "cmake does not accept this source or these options"
  put_as_builder "$build/.configured" <<<"${ARG[key]-}"
}

compile() {
  local jobs rc=0 from
  jobs=${ARG[jobs]-}
  echo "== Compiling, $jobs at a time, since $(date +%s)"
  from=$(wc -l <"$(job_log build)")
  as_builder ninja -C "$build" -j "$jobs" || rc=$?
  ((rc)) || return 0
  if ((jobs > 1)) && tail -n "+$from" "$(job_log build)" |
    grep -qE 'Killed signal|: Killed$|signal 9 \[Killed\]|execute command: Killed'; then
    echo "== Memory ran out: once more with $(((jobs + 1) / 2)) at a time"
    as_builder ninja -C "$build" -j $(((jobs + 1) / 2)) && return
  fi
  fail "the compiler gave up"
}

# install_staged: paths are compiled in, so the prefix is where the release will be once it is live. DESTDIR puts the
# files into the stage instead.
install_staged() {
  local file destdir
  echo "== Installing"
  as_builder rm -rf "$stage"
  destdir=$stage as_builder cmake --install "$build" >/dev/null || fail "cmake --install gave up"
  as_builder mkdir -p "$stage$root/run/debug"
  echo "== Splitting off the debug symbols"
  for file in "$stage$root/run/bin"/*; do
    [[ -f $file && ! -L $file ]] || continue
    # shellcheck disable=SC2016 # the other shell expands it
    as_builder sh -ec 'objcopy --only-keep-debug --compress-debug-sections "$1" "$2"
      strip --strip-debug "$1"
      cd "${2%/*}" && objcopy --add-gnu-debuglink="${2##*/}" "$1"' sh "$file" "$stage$root/run/debug/${file##*/}.debug" ||
      echo "debug symbols of ${file##*/} stay where they are"
  done
  # gdb looks for debug symbols there.
  as_builder ln -sfn ../debug "$stage$root/run/bin/.debug"
}

# take_over: root reads the service user's files only through a pipe, and writes only into a folder that nobody else can
# touch.
take_over() {
  local new=$root/releases/.$id.new old=$root/releases/.$id.old said rc=0
  rm -rf --one-file-system "$new" "$old"
  install -d -m 0700 -o 0 -g 0 "$new" "$new/sql"
  as_builder tar -C "$stage$root/run" -cf - . | tar -C "$new" --no-same-owner -xf - || fail "the release could not be copied"
  # Only the SQL that git knows: other SQL has its own place in the config.
  # shellcheck disable=SC2016 # the other shell expands it
  as_builder sh -ec 'cd sql && git ls-files -z -- base updates custom old | tar --null -T - -cf -' | tar -C "$new/sql" --no-same-owner -xf - ||
    fail "the SQL files could not be copied"
  as_builder rm -rf "$stage"
  chmod -R u=rwX,go=rX "$new"
  # The version is the commit and nothing more only when the checkout did not change meanwhile.
  said=$(as_builder "$new/bin/worldserver" --version 2>&1) || rc=$?
  said=${said%%$'\n'*}
  ((rc == 0)) || fail "the built worldserver cannot say its version: $(why_unrunnable "$rc" || echo "it ended with $rc"); it says \"$said\""
  [[ $said == *"$(short_id "${ARG[commit]-}")"* && $said != *+\ * ]] || fail "the built worldserver says \"$said\", should name $(short_id "${ARG[commit]-}")"
  {
    printf '%s\n' "commit=${ARG[commit]-}" "date=$(as_builder git show -s --format=%cI "${ARG[commit]-}")" "tdb=$(tdb_expected "$root/src" "$user")" \
      "formats=$(as_builder git grep -hE "$FORMAT_NAMES" -- src | formats_in_source)" "${ARG[key]-}"
  } >"$new/release.info"
  (cd "$new" && find bin etc release.info -type f -exec sha256sum {} + >.good)
  chmod 0644 "$new/.good" "$new/release.info"
  said=$(release_problems "$new" "$user")
  [[ -z $said ]] || fail "$said"
  sync -f "$new"
  # A broken release makes room; processes that run from it keep their files.
  [[ ! -e $root/releases/$id ]] || mv -T "$root/releases/$id" "$old"
  mv -T "$new" "$root/releases/$id"
  relabel -R "$root/releases/$id"
  rm -rf --one-file-system "$old"
}

job_main "$1" make_release
