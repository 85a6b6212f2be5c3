# shellcheck shell=bash
# The ports that a server of the realm opens: for players, and the consoles of the worldserver.

# server_ports: prints `PORT ADDRESS KEY` for each port that the server opens; KEY is where the stack's config sets it.
server_ports() {
  local -A is=([BindIP]=0.0.0.0)
  local line
  while IFS= read -r line; do
    [[ ! $line =~ ^([A-Za-z.]+)\ *=\ *\"?([^\"]*) ]] || is[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
  done 2>/dev/null <"${ARG[root]-}/etc/$(core_program).conf.d/stack.conf"
  if [[ $(core_program) == authserver ]]; then
    printf '%s %s trinitycore:login.port\n' "${ARG[port]-}" "${is[BindIP]}"
    return
  fi
  printf '%s %s %s\n' "${ARG[port]-}" "${is[BindIP]}" "$(realm_key port)"
  [[ ${is[Ra.Enable]-} != 1 ]] ||
    printf '%s %s %s\n' "${is[Ra.Port]-3443}" "${is[Ra.IP]-0.0.0.0}" "$(realm_key console.port)"
  [[ ${is[SOAP.Enabled]-} != 1 ]] ||
    printf '%s %s %s\n' "${is[SOAP.Port]-7878}" "${is[SOAP.IP]-127.0.0.1}" "$(realm_key soap.port)"
}
# taken_ports: prints a sentence for each of these ports that another program has.
taken_ports() {
  local port address key who
  while read -r port address key; do
    ! who=$(port_taken_by "$port" "$address" "${ARG[unit]-}") ||
      printf '%s/tcp is held by %s; stop that, or choose another port: pulumi config set --path %s …\n' "$port" "$who" \
        "$key"
  done < <(server_ports)
}

# require_free_ports: ends the step when another program has a port of the server: before a start that must fail, and
# before a running server is stopped for it.
require_free_ports() {
  local lines
  mapfile -t lines < <(taken_ports)
  ((${#lines[@]} == 0)) || die "the $(server_name) cannot start: ${lines[0]}" "${lines[@]:1}"
}

# wrong_consoles: prints a sentence for each console that is not open, or open where it should not be. When a console
# does not open, the worldserver only logs it.
wrong_consoles() {
  local port address key door process open
  while read -r port address key; do
    [[ $key == *.console.port || $key == *.soap.port ]] || continue
    open=()
    while read -r _ _ _ door _ process; do
      [[ $process != *"pid=${PROPERTY[MainPID]},"* ]] || open+=("$door")
    done < <(ss -Hltnp "sport = :$port" 2>/dev/null)
    # ss shows a socket for both IPv4 and IPv6 as `*`.
    case ${open[*]} in
      "$address:$port" | "[$address]:$port") continue ;;
      "*:$port") [[ $address != :: ]] || continue ;;
    esac
    printf '%s runs, but does not listen on %s:%s as %s has it%s\n' "$(server_name)" "$address" "$port" "$key" \
      "${open[*]:+ (it listens on ${open[*]})}"
  done < <(server_ports)
}
consoles_are_right() { [[ -z $(wrong_consoles) ]]; }
check_consoles() {
  local line
  while IFS= read -r line; do say "$line"; done < <(wrong_consoles)
}
