# shellcheck shell=bash
# The realm's addresses, as the host resolves them: each time the authserver reads the realm's row, it does the same.

# own_addresses: prints the host's IPv4 addresses, one a line.
own_addresses() { ip -4 -o address show scope global 2>/dev/null | sed -nE 's|.* inet ([0-9.]+)/.*|\1|p'; }

# addresses_of NAME: prints the IPv4 addresses of NAME, as the servers would look them up. It gives up after two
# seconds.
addresses_of() { timeout 2 getent ahostsv4 "$1" | awk '!had[$1]++ { print $1 }'; }

kind_of_address() {
  case $1 in
    127.* | 0.*) echo loopback ;;
    169.254.* | 22[4-9].* | 23?.* | 24?.* | 25?.*) echo odd ;;
    10.* | 192.168.* | 172.1[6-9].* | 172.2?.* | 172.3[01].*) echo private ;;
    100.6[4-9].* | 100.[7-9]?.* | 100.1[01]?.* | 100.12[0-7].*) echo private ;;
    *) echo public ;;
  esac
}

# check_address: reports what about the realm's addresses keeps players out, or may.
check_address() {
  local address=${ARG[address]-} local_address=${ARG[localAddress]-} key found own as more tell=say
  [[ -n $address ]] || return 0
  # An authserver that finds no realm at its start ends. One that runs goes on when names do not resolve for a while.
  completed "${ARG[login]-}" || tell=refuse
  for key in localAddress address; do
    [[ $key == address ]] || [[ $local_address != "$address" ]] || continue
    as=$(if [[ $key == address ]]; then echo "$address"; else echo "$local_address"; fi)
    mapfile -t found < <(addresses_of "$as")
    ((${#found[@]})) ||
      "$tell" "$(realm_key "$key") is $as, which this host cannot resolve to an IPv4 address within 2 s: the authserver leaves such a realm out," \
        "and players see none; set an address, or put the name into DNS or into /etc/hosts on this host"
  done
  ((${#found[@]})) || return 0
  as="$(realm_key address) is $address$([[ ${found[0]} == "$address" ]] || echo ", which is ${found[0]} on this host"),"
  mapfile -t own < <(own_addresses)
  case $(kind_of_address "${found[0]}") in
    loopback)
      more=""
      ! grep -qsE "^127\..*[[:space:]]$address([[:space:]]|\$)" /etc/hosts ||
        more=", or take the name out of its line with ${found[0]} in /etc/hosts"
      say "$as an address of each machine itself: players elsewhere are sent to their own machine and stay outside;" \
        "set the address that they reach$more"
      ;;
    odd) say "$as an address that nobody can connect to" ;;
    private)
      if [[ " ${own[*]} " == *" ${found[0]} "* ]]; then
        foretell "$as a private address: players outside this network do not reach it"
      else
        hint "$as a private address that is not this host's (${own[*]}): players reach the realm only if it is forwarded here"
      fi
      ;;
    public)
      [[ " ${own[*]} " == *" ${found[0]} "* ]] || ! has_public "${own[@]}" ||
        hint "$as and not this host's (${own[*]}): players reach the realm only if it is forwarded here"
      ;;
  esac
}
has_public() {
  local each
  for each; do [[ $(kind_of_address "$each") != public ]] || return 0; done
  return 1
}
