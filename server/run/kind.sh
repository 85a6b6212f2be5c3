# shellcheck shell=bash
# What a kind of step is: how it is loaded, how it is asked, and what it need not have itself. README.md here is its
# contract.

# load_kind KIND: its script and the parts of it that have a folder beside it.
# shellcheck disable=SC2154 # `here` is the folder of these scripts, set by whoever runs them
load_kind() {
  local script
  [[ $1 =~ ^[a-z-]+$ && -f $here/kinds/$1.sh ]] || die "no such kind of step: $1"
  KIND_SCRIPTS=()
  for script in "$here/kinds/$1"/*.sh "$here/kinds/$1.sh"; do
    [[ -f $script ]] || continue
    KIND_SCRIPTS+=("$script")
    # shellcheck source=/dev/null
    . "$script"
  done
}

# Defaults that a kind may replace.
manifest() { :; }
# One line on how the thing is now; the stack's outputs are made of it.
outcome() { :; }
# Awaits what must come to its end before the thing is taken away.
settle() { :; }
# One line on what stays when the step is gone: the last that is printed then, so it is what `pulumi destroy` goes on
# showing.
keeps() { :; }
drop() {
  case $1 in
    'file '*) rm -f -- "${1#file }" ;;
  esac
}

# look REQUEST_DIR…: observes all at once, each in a process group of its own, so that one which hangs can be ended with
# all it started. What is seen is in REQUEST_DIR/seen; what could not be looked at is never "in sync".
look() {
  local seconds=${OBSERVE_SECONDS:-20} request kind running=() watchdog rc
  set -m
  for request; do
    [[ ! -f $request/rc ]] || rm -f "$request/rc"
    read_whole kind "$request/kind"
    {
      (STEP=${STEP:-${request##*/}} && load_kind "$kind" && load_request "$request" && observe && outcome |
        sed 's/^/outcome: /') </dev/null >"$request/seen" 2>"$request/errors"
      echo $? >"$request/rc"
    } &
    running+=("$!")
  done
  end_late "$seconds" "${running[@]}" &
  watchdog=$!
  set +m
  { wait "${running[@]}"; kill -KILL -- "-$watchdog"; wait "$watchdog"; } 2>/dev/null
  for request; do
    rc=late
    [[ ! -s $request/rc ]] || read -r rc <"$request/rc"
    case $rc in
      0) ;;
      late) blind "looking took longer than $seconds s" ;;
      *) blind "looking failed ($rc): $(tail -n 1 "$request/errors")" ;;
    esac >>"$request/seen" || die "what was seen could not be kept in ${request%/*}" "is it full? df -h ${request%/*}"
  done
}
end_late() {
  local seconds=$1
  shift
  sleep "$seconds"
  kill -TERM -- "${@/#/-}" 2>/dev/null
  sleep 2
  kill -KILL -- "${@/#/-}" 2>/dev/null
}
