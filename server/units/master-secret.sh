#!/bin/bash
# Around each start of the authserver, whoever starts it: hands the accounts' two-factor secrets over from one master
# secret to the next.
#   master-secret.sh prepare ENVIRONMENT SOCKET DATABASE   before it; ENVIRONMENT has the wanted one
#   master-secret.sh settle SOCKET DATABASE                when it is ready ($MAINPID)
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# prepare DATABASE WANTED: while a worldserver runs with another master secret, the authserver goes on with
# the one in force; the restart of both is the service step's.
prepare() {
  local wanted=$2 present
  rm -f "$(start_environment)"
  [[ -n $wanted ]] || return 0
  # Without MariaDB the authserver does not start either, and says so.
  read_two_factor "$1" || return 0
  present=$(master_in_force "$wanted")
  if [[ $present != "$wanted" && $present != unknown && -n $(worlds_with_another_master "$wanted") ]]; then
    give TC_TOTPMASTER_SECRET "${present#none}"
    return
  fi
  # What only a cut-off start can have brought into force is noted before the note of that start is overwritten.
  [[ $present == none || $present == unknown ]] || is_noted "$present" || note_master "$present"
  # It is on the host before the core has it, and the one in force stays there until the core has not.
  printf '%s\n' "$wanted" | write_file "$(next_master)" 0600 root:root
  [[ $present == "$wanted" || $present == none || $present == unknown ]] || give TC_TOTPOLD_MASTER_SECRET "$present"
}
give() { install -d -m 0755 "$RUNTIME_DIR" && printf '%s="%s"\n' "$1" "$2" | write_file "$(start_environment)" 0600 root:root; }

is_noted() { grep -Fxqs -- "$1 $DIGEST" "$(master_record)"; }
# note_master MASTER: it is the last one of the record.
note_master() {
  { [[ ! -f $(master_record) ]] || grep -Fxv -- "$1 $DIGEST" "$(master_record)"; printf '%s %s\n' "$1" "$DIGEST"; } |
    write_file "$(master_record)" 0600 root:root
}

# settle_master DATABASE: the master secret that the authserver runs with is in force.
settle_master() {
  local master last="" next
  master=$(master_of_process "${MAINPID:-0}")
  read_two_factor "$1" || return 0
  [[ -n $master && -n $DIGEST ]] || return 0
  if [[ -f $(master_record) ]]; then last=$(tail -n 1 "$(master_record)"); fi
  [[ $last == "$master $DIGEST" ]] || note_master "$master"
  former_master_runs || rm -f "$(start_environment)"
  if read_whole next "$(next_master)" && [[ ${next%$'\n'} == "$master" ]]; then rm -f "$(next_master)"; fi
}

case ${1-} in
  prepare) ARG+=([socket]=$3) && prepare "$4" "$(wanted_master "$2")" ;;
  settle) ARG+=([socket]=$2) && settle_master "$3" ;;
  *) die "usage: master-secret.sh prepare ENVIRONMENT SOCKET DATABASE | settle SOCKET DATABASE" ;;
esac
