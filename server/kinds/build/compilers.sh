# shellcheck shell=bash
# Compilers that cannot build the core: by the core's own build files, and by experience.

compiler_program() { if [[ ${ARG[compiler]-} == clang ]]; then echo clang++; else echo g++; fi; }
# compiler_version PROGRAM
compiler_version() { "$1" -dumpfullversion -dumpversion 2>/dev/null | head -n 1; }

# is_older VERSION THAN
is_older() { [[ $1 != "$2" && $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }
# lowest_version VARIABLE FILE: the lowest version to which a build file of the checkout sets it.
lowest_version() {
  read_as_user "${ARG[user]-}" "${ARG[root]-}/src/$2" |
    sed -nE "s/^[[:space:]]*set\($1[[:space:]]+\"?([0-9.]+)\"?\).*/\1/p" | sort -V | head -n 1
}

# too_old_tools: a sentence for each tool that the checkout's build files would refuse.
too_old_tools() {
  local program name=gcc variable=GCC_EXPECTED_VERSION is wanted header=/usr/include/boost/version.hpp
  program=$(compiler_program)
  [[ $program != clang++ ]] || name=clang variable=CLANG_EXPECTED_VERSION
  is=$(compiler_version "$program") wanted=$(lowest_version "$variable" "cmake/compiler/$name/settings.cmake")
  if [[ -n $wanted && -n $is ]] && is_older "$is" "$wanted"; then
    printf '%s here is %s, and this source wants %s or later; another compiler: pulumi config set --path trinitycore:core.build.compiler %s, or an earlier commit: trinitycore:core.source.commit\n' \
      "$program" "$is" "$wanted" "$([[ $name == gcc ]] && echo clang || echo gcc)"
  fi
  is=$(sed -nE 's/^#define BOOST_LIB_VERSION "([0-9]+)_([0-9]+).*/\1.\2/p' "$header" 2>/dev/null) || is=""
  wanted=$(lowest_version BOOST_REQUIRED_VERSION dep/boost/CMakeLists.txt)
  if [[ -n $wanted && -n $is ]] && is_older "$is" "$wanted"; then
    printf 'Boost here is %s, and this source wants %s or later; an earlier commit: trinitycore:core.source.commit, or a later release of the distribution\n' \
      "$is" "$wanted"
  fi
}

# tools_known_to_fail: a sentence for a compiler that was seen to fail. With the C++ library of GCC 12 and before,
# std::ranges::find_if needs <algorithm>, which Item.cpp of 2026-07-14 (cf30accd15) does not include. clang uses the
# same library.
tools_known_to_fail() {
  local library text flag='-include algorithm'
  [[ ${ARG[options]-} != *"$flag"* ]] || return 0
  library=$(compiler_version g++)
  if [[ -f $(source_record) || -d ${ARG[root]-}/src ]]; then
    if [[ -z $library ]] || ! is_older "$library" 13; then return 0; fi
    text=$(read_as_user "${ARG[user]-}" "${ARG[root]-}/src/src/server/game/Entities/Item/Item.cpp")
    [[ $text == *std::ranges::find_if* && $text != *'<algorithm>'* ]] || return 0
    printf 'GCC %s is known not to build this source (Item.cpp lacks #include <algorithm>)' "${library%%.*}"
  else
    [[ "$(field /etc/os-release ID) $(field /etc/os-release VERSION_ID)" == 'debian "12"' ]] || return 0
    printf 'Debian 12 is known not to build TrinityCore 3.3.5 of 2026-07-14 and later (Item.cpp lacks #include <algorithm>)'
  fi
  printf \
    "; unless that is mended there: pulumi config set --path trinitycore:core.build.options.CMAKE_CXX_FLAGS -- '%s'\n" \
    "$flag"
}
