# shellcheck shell=bash
# What every kind uses: its parameters and secrets, findings, messages, locks and waiting.

# The same environment for every script, whoever started it.
set -u -o pipefail
umask 022
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l SYSTEMD_COLORS=0 GIT_TERMINAL_PROMPT=0
unset LANG LANGUAGE BASH_ENV ENV CDPATH GLOBIGNORE POSIXLY_CORRECT

declare -gA ARG=()
REQUEST=""

# load_request DIR: reads `args` (NUL-separated key=value) of a request; secrets stay files beside it.
load_request() {
  local pair
  REQUEST=$1
  ARG=()
  while IFS= read -r -d '' pair; do ARG[${pair%%=*}]=${pair#*=}; done <"$REQUEST/args"
}

arg() { printf '%s' "${ARG[$1]-}"; }

# read_whole NAME FILE: all of a text file into a variable, to its last byte; 1 when it is not there or no text (a NUL
# is in it).
read_whole() {
  printf -v "$1" ''
  [[ -f $2 ]] && ! IFS= read -r -d '' "$1" <"$2"
}

# list KEY ARRAYNAME: a newline-separated parameter as an array; an empty one has no element.
list() {
  local -n _into=$2
  _into=()
  [[ -z ${ARG[$1]-} ]] || mapfile -t _into <<<"${ARG[$1]}"
}

# A secret is a file only root reads, in the request's own folder under /run.
has_secret() { [[ -f $REQUEST/secrets/$1 ]]; }
# secret [-v NAME] KEY: printed, or put into a variable.
secret() {
  local _text
  if (($# == 3)); then
    read_whole "$2" "$REQUEST/secrets/$3"
  else
    read_whole _text "$REQUEST/secrets/$1" && printf '%s' "$_text"
  fi
}
# secret_key WHAT NAME: the name of the secret that an account has; its own name is in it in hexadecimal.
secret_key() {
  local i sign hex=""
  for ((i = 0; i < ${#2}; i++)); do
    printf -v sign '%02x' "'${2:i:1}"
    hex+=$sign
  done
  printf '%s.%s' "$1" "$hex"
}
secret_file() { printf '%s' "$REQUEST/secrets/$1"; }

# Control characters from the host could change what the operator's terminal shows.
printable() { printf '%s' "${1//[[:cntrl:]]/?}"; }
# print_finding WORD TEXT…: prints one finding of a look. The word decides what follows (`lineWords` in
# steps/observation.ts).
print_finding() {
  printf '%s: ' "$1"
  printable "${*:2}"
  printf '\n'
}
say() { print_finding drift "$@"; }
# Like say, but its repair does not have the effect on players that the step's plan warns of.
say_without_effect() { print_finding drift-without-effect "$@"; }
# Like say, but its repair makes another thing than the last run left, which concerns the steps behind.
say_replacing() { print_finding drift-replacing "$@"; }
# Like say, unless a step that this one follows is repaired too: that may repair this one.
say_unless_repaired_before() { print_finding drift-unless-repaired-before "$@"; }
# hint: worth knowing, but as it should be (the worldserver waits for its game data); plans nothing.
hint() { print_finding hint "$@"; }
blind() { print_finding blind "$@"; }
# refuse: applying the step would do harm; the text ends with what to do. Neither a preview nor an `up` goes on, and
# nothing is changed.
refuse() { print_finding refused "$@"; }
# say_effect: what applying the step means to players as things are, where that is less than its plan says.
say_effect() { print_finding effect "$@"; }
# foretell: what applying the step will do to what is there already; shown only when it is going to be applied.
foretell() { print_finding foretold "$@"; }
note() { printf '%s\n' "$*"; }

# die SENTENCE [LINE…]: ends the step; the first line is the error, the rest its details.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# why_unrunnable STATUS: why a program did not run at all, by its exit status; 1 for any other status.
why_unrunnable() {
  case $1 in
    126) printf 'it may not be run: its mode, or its folder is mounted noexec' ;;
    127) printf 'it is not there, or not what it needs to be run' ;;
    132) printf 'illegal instruction: it was made for another processor' ;;
    *) return 1 ;;
  esac
}
# stopped_at STATUS COMMAND: for a command that failed without a message. COMMAND is as the script has it, so no value
# of a secret shows.
stopped_at() {
  local why
  printf 'stopped at: %s' "$2"
  ! why=$(why_unrunnable "$1") || printf ' (%s)' "$why"
  printf '\n'
}

# wait_for SECONDS CMD…: polls until CMD succeeds; 1 after SECONDS.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

# with_lock NAME CMD…: runs CMD while holding the lock; says who holds it when it has to wait.
with_lock() {
  local name=$1 file fd rc
  shift
  file=$LOCK_DIR/$name
  { mkdir -p "$LOCK_DIR" && exec {fd}>>"$file"; } || die "$file cannot be written" "is it full? df -h $LOCK_DIR"
  if ! flock -n "$fd"; then
    note "waiting for the $name lock held by $(head -c 200 "$file.holder" 2>/dev/null || echo 'another run')"
    flock -w "${LOCK_WAIT:-1800}" "$fd" ||
      die "the $name lock is still held by $(head -c 200 "$file.holder" 2>/dev/null || echo 'another run')" \
      "wait for that run to end, or stop it, then run \`pulumi up\` again"
  fi
  printf '%s (process %s, since %s)' "${STEP:-a step}" "$$" "$(TZ=UTC0 printf '%(%H:%M:%S)T') UTC" >"$file.holder"
  # The command must not inherit the lock: a daemon it starts would hold it for ever.
  "$@" {fd}>&-
  rc=$?
  exec {fd}>&-
  return "$rc"
}
