# shellcheck shell=bash
# Values of a server's conf as the core reads them: a number as a C++ stream reads it, without quotes; a switch as one
# of a few words; a text as it is (Config.cpp, StringConvert.h). A value that it cannot read the core replaces by its
# default, and only its log says so.

WHOLE='^[+-]?[0-9]+$'
FRACTION='^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$'
SWITCH='^(1|y|on|yes|true|0|n|off|no|false)$'

# trim NAME TEXT: sets NAME to the text without outer blanks.
trim() {
  local _text=${2#"${2%%[! $'\t']*}"}
  printf -v "$1" '%s' "${_text%"${_text##*[! $'\t']}"}"
}

# core_reads KIND DEFAULT VALUE: KIND `whole` takes only whole numbers.
core_reads() {
  case $1 in
    whole) [[ $3 =~ $WHOLE ]] && fits "$3" ;;
    fraction) [[ $3 =~ $FRACTION ]] && fits_float "$3" ;;
    switch) [[ ${3,,} =~ $SWITCH ]] ;;
    number)
      if [[ $3 =~ $WHOLE ]]; then
        fits "$3"
      elif [[ $3 =~ $FRACTION ]]; then
        fits_float "$3"
      else
        [[ $2 == [01] && ${3,,} =~ $SWITCH ]]
      fi
      ;;
    *) true ;;
  esac
}
# is_in_doubt DEFAULT VALUE: only the source tells whether the core can read this value of a number.
is_in_doubt() { [[ ! $2 =~ $WHOLE ]] || ! fits "$2" || [[ $1 == [01] && $2 != [01] ]]; }

# fits NUMBER: it fits into the core's int of 32 bits.
fits() {
  local digits=${1#[+-]} most=2147483647
  digits=${digits#"${digits%%[!0]*}"} digits=${digits:-0}
  [[ $1 != -* ]] || most=2147483648
  ((${#digits} < 10 || (${#digits} == 10 && digits <= most)))
}
# fits_float NUMBER: in the core's float.
fits_float() { awk -v v="$1" 'BEGIN { v += 0; exit !(v > -3.4028235e38 && v < 3.4028235e38) }'; }

# read_as ROOT KEY…: `KEY KIND`, by the function with which the source in ROOT reads it; none where that is unclear.
# Whole numbers of 64 bits count as any number.
read_as() {
  local root=$1 places=() place keys
  shift
  keys=$(IFS='|' && printf '%s' "${*//./\\.}")
  for place in "$root"/src/src/{common,server/{authserver,worldserver,database,shared,game/World,game/Server}}; do
    [[ ! -d $place ]] || places+=("$place")
  done
  ((${#places[@]})) || return 0
  as_user "$(stat -c %U "$root/src")" grep -rhoE --include='*.cpp' \
    "Get(Bool|Int|Int64|Float|String)Default\(\"($keys)\"" "${places[@]}" 2>/dev/null |
    sed -E \
      's/^Get(.*)Default\("(.*)"$/\2 \1/; s/ Bool$/ switch/; s/ Int$/ whole/; s/ (Int64|Float)$/ fraction/; s/ String$/ text/' \
      | sort -u
}

# misread KIND DEFAULT VALUE: what the key takes and why this value does not fit, with a guess at what was meant.
misread() {
  local takes="a number"
  case $1 in
    whole) takes="a whole number" ;;
    switch) takes="a switch (1 or 0, yes or no, on or off, true or false)" ;;
  esac
  printf '%s, its default is %s, and the core cannot read "%s" as one' "$takes" "$2" "$3"
  if [[ $1 != switch && $3 =~ $WHOLE ]] && ! fits "$3"; then printf ': it goes from -2147483648 to 2147483647'; fi
}
guess_meant() {
  local guess=$3
  if [[ $guess =~ ^0[xX][0-9a-fA-F]{1,7}$ ]]; then
    guess=$((guess))
  else
    guess=${guess/,/.} guess=${guess%[fF]} guess=${guess%[dD]}
  fi
  if [[ $guess != "$3" ]] && core_reads "$1" "$2" "$guess"; then printf '%s' "$guess"; else printf '…'; fi
}
