# shellcheck shell=bash
# Every bash script that comes over SSH reads this first (BASH_ENV), so a step's run can be stopped at any command of
# its work, from outside. /run/hold/STEP has the number of the command; where the work has fewer, the run is stopped
# between its end and the receipt. /run/hold/STEP.at then has the command.
mapfile -d '' -t _words </proc/$$/cmdline
if [[ ${_words[1]-} == */step.sh && ${_words[2]-} == apply && -f /run/hold/${_words[3]-} ]]; then
  _hold=/run/hold/${_words[3]}
  read -r _number <"$_hold"
  # shellcheck disable=SC2016 # the runner's own words
  _stop_there() {
    local count="" names=" ${FUNCNAME[*]} "
    # Only once, or what runs beside it would be stopped too; and not any more when the order is gone.
    [[ -f $_hold && ! -e $_hold.at ]] || return 0
    if [[ $names == *' apply '* ]]; then
      # Not under a lock that other steps wait for.
      [[ ${names%% apply *} != *' with_lock'* ]] || return 0
      # A subshell would count for itself alone.
      { printf . >>"$_hold.count"; } 2>/dev/null || return 0
      read -r count <"$_hold.count" || true
      ((_number > 0 && ${#count} >= _number)) || return 0
    elif [[ $1 != 'after=$(deviations)' ]]; then
      return 0
    fi
    printf '%s\n' "$1" >"$_hold.at"
    kill -STOP "$BASHPID"
  }
  set -T
  trap '_stop_there "$BASH_COMMAND"' DEBUG
fi
unset _words
