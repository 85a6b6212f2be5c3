# shellcheck shell=bash
# Open ports, permanently and in the running firewall, never by a reload: that would drop the rules of docker, libvirt
# and fail2ban. firewalld and ufw have functions of the same names: FILTER_active, FILTER_check, FILTER_apply,
# FILTER_close. A rule is `PORT/tcp` or `NETWORK PORT/tcp`; `NETWORK PORT/tcp first` and `others PORT/tcp` (a refusal)
# go ahead of all rules of others.
# observed: each of the stack's ports, in the running firewall and permanently; a console's port that is open wider than
#   for its networks; the firewall runs and starts when the host boots; that no other one is beside it; of a firewall
#   that is left alone, whether its rules let the ports in
# not observed: ports and rules that others opened, docker's rules, and the firewall in front of the host (a cloud's, a
#   router's): they are not the stack's

# wanted_rules: all rules, one a line.
wanted_rules() {
  local thing
  while IFS= read -r thing; do
    [[ -z $thing ]] || printf '%s\n' "$thing"
  done <<<"${ARG[ports]-}"$'\n'"${ARG[sources]-}"
}
rule_in_words() { case $1 in *' '*) printf '%s from %s' "${1#* }" "${1%% *}" ;; *) printf '%s' "$1" ;; esac; }

observe() {
  local filter=${ARG[backend]-}
  refuse_ipv6_networks "$filter"
  case $filter in
    firewalld | ufw)
      if "${filter}_active"; then refuse_second_filter "$filter"; else before_start "$filter"; fi
      "${filter}_check"
      ;;
    *) tell_left_alone ;;
  esac
}

# of_this_realm FILTER: it runs, and something else filters as well.
refuse_second_filter() {
  local name state
  while read -r name state; do
    if [[ $name != "$1" ]]; then
      hint "$name $(filter_state "$state") beside $1, and what one lets in the other may shut (of the two together: $(ports_that_come_through)); to have one alone, switch $name off"
    fi
  done < <(active_filters)
}

# before_start FILTER: refuses when it must not be started, else foretells what it will let in.
before_start() {
  local filter=$1 name state others="" taken
  while read -r name state; do
    [[ $name != "$filter" ]] || continue
    others=yes
    refuse "$filter does not run, but $name $(filter_state "$state"): started beside it, $filter would undo its rules or shut out who they let in; the way out: pulumi config set --path trinitycore:host.firewall.kind $(firewall_kind_for "$name"), or switch $name off first"
  done < <(active_filters)
  if [[ -n $others ]]; then return; fi
  if other_rules_filter "$filter"; then
    refuse "$filter does not run, but rules that no service here owns filter packets (nft list ruleset): started beside them, $filter would shut out who they let in; the way out: pulumi config set --path trinitycore:host.firewall.kind none"
  elif ! is_ssh_port_known; then
    refuse "$filter is not started, as it cannot be told on which port one logs in over SSH: no SSH server listens; the way out: start $filter by hand with that port open, or: pulumi config set --path trinitycore:host.firewall.kind none"
  else
    if taken=$(taken_back "$filter"); then say "$taken"; fi
    foretell_start "$filter"
  fi
}

# foretell_start FILTER: what it will let in, and what it will shut.
foretell_start() {
  local filter=$1 lets_in line own=() ours=() ways=() shut=()
  if "${filter}_installed"; then lets_in=$("${filter}_lets_in"); else lets_in=""; fi
  while read -r line; do
    case $line in
      '') ;;
      '~ '*) own+=("${line#\~ }") ;;
      *' '*) own+=("${line%% *} (${line#* })") ;;
      *) own+=("$line") ;;
    esac
  done <<<"$lets_in"
  while read -r line; do ours+=("$(rule_in_words "$line")"); done < <(wanted_rules)
  while read -r line; do ways+=("$line/tcp"); done < <(ssh_ports)
  lets_in+=$'\n'$(wanted_rules)$'\n'$(printf '%s\n' "${ways[@]}")
  while read -r line; do covers_port "${line%% *}" "$lets_in" || shut+=("${line%% *} (${line#* })"); done < <(reachable_ports)
  if ! "${filter}_installed"; then own=("what its package opens by itself"); fi
  foretell "starts $filter, which is off: it will let in $(and_list "${own[@]:-nothing of its own}"), $(and_list "${ours[@]}") for the stack, and $(and_list "${ways[@]}") as the way in over SSH; it is stopped again unless a new login comes through within a minute"
  ((${#shut[@]} == 0)) || foretell "shut by $filter then, though something listens there: $(and_list "${shut[@]}")"
}

# tell_left_alone: what filters packets, if anything does, and whether players get through.
tell_left_alone() {
  local names=() name
  while read -r name _; do names+=("$name"); done < <(active_filters)
  if ((${#names[@]})); then
    hint "what filters packets here is left alone ($(and_list "${names[@]}")): $(ports_that_come_through)"
    refuse_open_consoles "$(and_list "${names[@]}")"
  elif other_rules_filter ""; then
    hint "what filters packets here is left alone (rules that no service here owns; see nft list ruleset): $(ports_that_come_through)"
    refuse_open_consoles "the packet filter"
  else
    refuse_open_consoles ""
    hint "nothing filters packets on this host: every port that something listens on is reachable; to have that filtered: pulumi config set --path trinitycore:host.firewall.kind ufw, or firewalld"
  fi
}
# ports_that_come_through: which of the stack's ports all loaded rules let in.
ports_that_come_through() {
  local port state open=() shut=() unsure=() said=()
  while read -r port state; do
    case $state in open) open+=("$port/tcp") ;; shut) shut+=("$port/tcp") ;; *) unsure+=("$port/tcp") ;; esac
  done < <(ports_let_in "$(wanted_rules | sed -n 's|^\([0-9]*\)/tcp$|\1|p' | xargs)")
  ((${#open[@]} == 0)) || said+=("it lets in $(and_list "${open[@]}")")
  ((${#shut[@]} == 0)) ||
    said+=("it shuts out $(and_list "${shut[@]}"), so that no player gets in: open that there by hand")
  ((${#unsure[@]} == 0)) ||
    said+=("whether it lets everybody in to $(and_list "${unsure[@]}") its rules do not tell: see that it does")
  and_list "${said[@]}"
}

apply() {
  case ${ARG[backend]-} in
    firewalld) firewalld_apply ;;
    ufw) ufw_apply ;;
  esac
  # The guard's minute begins when all rules are set.
  if guard_pending; then systemctl restart "$GUARD_UNIT"; fi
}

manifest() {
  local thing in=""
  [[ -z ${ARG[zone]-} || ${ARG[backend]-} != firewalld ]] || in=" in ${ARG[zone]-}"
  [[ ${ARG[backend]-} != none ]] || return 0
  while read -r thing; do
    case $thing in
      '') ;;
      *' '*) printf '%s rich %s%s\n' "${ARG[backend]-}" "$thing" "$in" ;;
      *) printf '%s port %s%s\n' "${ARG[backend]-}" "$thing" "$in" ;;
    esac
  done < <(wanted_rules; all_console_rules)
}

drop() {
  local backend thing zone="" stale=stale
  read -r backend thing <<<"$1"
  thing=${thing#port } thing=${thing#rich }
  case $thing in *' in '*) zone=${thing##* in } thing=${thing%% in *} ;; esac
  # A line of the present manifest is dropped only with the whole step. Any other line may be a wanted rule in an older
  # spelling.
  if grep -Fxq -- "$1" <<<"$(manifest)"; then stale=""; fi
  case $backend in
    firewalld) ! firewalld_installed || firewalld_close "$thing" "$zone" "$stale" ;;
    ufw) ! ufw_installed || ufw_close "$thing" ;;
  esac
}

# A filter that the stack started stays on: stopping it would open every port that something listens on.
kept=""
settle() {
  guard_clear
  kept=$(filter_started "${ARG[backend]-}")
}
keeps() {
  [[ -z $kept ]] || note "kept: $kept"
}
