# shellcheck shell=bash
# How a kind of step is loaded and asked, and the defaults for what it does not define. README.md here is the contract.

# load_kind KIND: reads the kind's script, and the parts of it in the folder beside it.
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
# One line on how the thing is now; the stack's outputs show it.
outcome() { :; }
# Waits for what must end before the thing is taken away.
settle() { :; }
# One line on what stays when the step is gone. It is printed last, as `pulumi destroy` keeps showing the last line.
keeps() { :; }
drop() {
  case $1 in
    'file '*) rm -f -- "${1#file }" ;;
  esac
}

# look REQUEST_DIR…: observes all steps at once, and writes what each sees to REQUEST_DIR/seen. Each look has a process
# group of its own: one that hangs can be ended with all that it started. A look that fails is "blind", never in sync.
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
