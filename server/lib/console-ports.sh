# shellcheck shell=bash
# The ports of the worldserver's consoles. They are not encrypted, so only the networks that the config names may reach
# them. Rules of others that let in more stay; two rules of the stack's go ahead of them.

# console_ports: prints `PORT KEY` for each console that has networks in the config.
console_ports() {
  local port key
  while read -r port key; do [[ -z $port ]] || printf '%s %s\n' "${port%/*}" "$key"; done <<<"${ARG[keys]-}"
}
# named_networks PORT: the networks that the config names for it, one a line.
named_networks() {
  local network port
  while read -r network port; do [[ $port != "$1/tcp" ]] || printf '%s\n' "$network"; done <<<"${ARG[sources]-}"
}
named_networks_in_words() {
  local networks
  mapfile -t networks < <(named_networks "$1")
  and_list "${networks[@]}"
}
# console_rules PORT: the rules that narrow it: first those for its networks, then the refusal of all others.
console_rules() {
  local network
  while read -r network; do printf '%s %s/tcp first\n' "$network" "$1"; done < <(named_networks "$1")
  printf 'others %s/tcp\n' "$1"
}
# all_console_rules: those of all consoles.
all_console_rules() {
  local port
  while read -r port _; do console_rules "$port"; done < <(console_ports)
}
# state_for_others PORT: `open`, `shut` or `unsure` for an address outside its networks, by the rules that are loaded.
state_for_others() {
  local answer networks
  networks=$(named_networks "$1" | xargs)
  answer=$(NAMED=$networks ports_let_in "$1")
  printf '%s' "${answer#* }"
}
say_open_to_all() { say "$1/tcp is open to everybody$2, and should be for $(named_networks_in_words "$1") alone"; }

# refuse_open_consoles FILTER: refuses networks in the config where the stack sets no rules and others than these
# networks would get in. FILTER: the names of what filters packets, empty when nothing seems to.
refuse_open_consoles() {
  local port key who=${1:-"the packet filter"} names ways
  while read -r port key; do
    names=$(named_networks_in_words "$port")
    ways="the way out: pulumi config set --path trinitycore:host.firewall.kind ufw, or firewalld, so that the stack sees to it; or name 127.0.0.0/8 alone in trinitycore:$key, and come through ssh -L $port:127.0.0.1:$port"
    case $(named_networks "$port" | grep -q : || state_for_others "$port")/$1 in
      open/)
        refuse "trinitycore:$key names $names, but nothing filters packets on this host: everybody would reach $port/tcp, which knows no encryption; $ways"
        ;;
      open/*)
        refuse "trinitycore:$key names $names, but $who, which is left alone, lets everybody in to $port/tcp, which knows no encryption; $ways; or shut that port there for all others"
        ;;
      shut/*)
        [[ $(ports_let_in "$port") != *shut ]] ||
          hint "$who, which is left alone, shuts out $port/tcp from $names too: open that there by hand, for them alone"
        ;;
      unsure/*)
        hint "whether $who, which is left alone, lets in more than $names to $port/tcp its rules do not tell: see that it does not"
        ;;
      *)
        refuse "trinitycore:$key names $names, but who gets in over IPv6 by the rules of $who cannot be told, and $port/tcp knows no encryption; $ways; or name IPv4 networks alone"
        ;;
    esac
  done < <(console_ports)
}

# refuse_ipv6_networks FILTER: refuses IPv6 networks in the config where nothing listens on IPv6, or FILTER leaves it
# alone.
refuse_ipv6_networks() {
  local port key
  while read -r port key; do
    [[ $(named_networks "$port") == *:* ]] || continue
    if ! grep -qs . /proc/net/if_inet6; then
      refuse "trinitycore:$key names an IPv6 network, but this host has no IPv6 for the worldserver to listen on; the way out: name IPv4 networks alone"
    elif [[ $1 == ufw ]] && ufw_ipv4_only; then
      refuse "trinitycore:$key names an IPv6 network, but ufw does not filter IPv6 here (IPV6=no in /etc/default/ufw): everybody would reach $port/tcp over it; the way out: IPV6=yes there and ufw reload, or name IPv4 networks alone"
    fi
  done < <(console_ports)
}
