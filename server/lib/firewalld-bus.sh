# shellcheck shell=bash
# What is open in firewalld, asked over D-Bus as firewall-cmd does it, which is a Python program that takes 0.2 s a
# question.

# rich_rule THING: what it is to firewall-cmd, in its own spelling, so that it can be found again in a listing.
rich_rule() {
  local family=ipv4 network port first
  read -r network port first <<<"$1"
  if [[ $network == others ]]; then
    printf 'rule priority="-299" port port="%s" protocol="%s" reject' "${port%%/*}" "${port##*/}"
    return
  fi
  [[ $network != *:* ]] || family=ipv6
  printf 'rule %sfamily="%s" source address="%s" port port="%s" protocol="%s" accept' \
    "${first:+priority=\"-300\" }" "$family" "$network" "${port%%/*}" "${port##*/}"
}
firewall_option() {
  case $2 in *' '*) printf -- '--%s-rich-rule=%s' "$1" "$(rich_rule "$2")" ;; *) printf -- '--%s-port=%s' "$1" "$2" ;; esac
}

# read_zone: what is open in the zone, running and permanent; sets zone, now and later.
read_zone() {
  local place
  # `read_zone ""` asks for the zone that is found, whatever is configured.
  zone=${1-${ARG[zone]-}}
  zone=${zone:-$(zone_of "$(default_device)")}
  # shellcheck disable=SC2034 # the caller reads them
  now=$(zone_listing "$(ask_firewalld '' zone getZoneSettings2 s "$zone")")
  place=$(only_text "$(ask_firewalld /config config getZoneByName s "$zone")")
  # shellcheck disable=SC2034 # the same
  later=${place:+$(zone_listing "$(ask_firewalld "${place#/org/fedoraproject/FirewallD1}" config.zone getSettings2)")}
}
# zone_of DEVICE: the zone that its packets go to.
zone_of() {
  local zone=""
  [[ -z $1 ]] || zone=$(only_text "$(ask_firewalld '' zone getZoneOfInterface s "$1")")
  printf '%s' "${zone:-$(only_text "$(ask_firewalld '' '' getDefaultZone)")}"
}
# ask_firewalld OBJECT INTERFACE METHOD [SIGNATURE ARGUMENT]: both as they are below firewalld's own.
ask_firewalld() {
  busctl call org.fedoraproject.FirewallD1 "/org/fedoraproject/FirewallD1$1" "org.fedoraproject.FirewallD1${2:+.$2}" \
    "${@:3}" 2>/dev/null || true
}
# read_texts ANSWER COUNT: the first texts of an answer such as `as 2 "one" "two"`, as an array `texts`.
read_texts() {
  local rest=$1 text quoted='"(([^"\\]|\\.)*)"(.*)'
  texts=()
  while ((${#texts[@]} < $2)) && [[ $rest =~ $quoted ]]; do
    rest=${BASH_REMATCH[3]}
    text=${BASH_REMATCH[1]//\\\"/\"}
    texts+=("${text//\\\\/\\}")
  done
}
only_text() { local texts && read_texts "$1" 1 && printf '%s' "${texts[0]-}"; }
# zone_listing SETTINGS: as firewall-cmd would list it; nothing when there is no such zone. What is empty is not among
# the settings.
zone_listing() {
  local texts=() rest i ports=""
  [[ -n $1 ]] || return 0
  rest=${1#*'"ports" a(ss) '}
  [[ $rest == "$1" ]] || read_texts "$rest" "$((2 * ${rest%% *}))"
  for ((i = 0; i < ${#texts[@]}; i += 2)); do ports+=" ${texts[i]}/${texts[i + 1]}"; done
  printf 'ports:%s\n' "${ports:- }"
  texts=() rest=${1#*'"services" as '}
  [[ $rest == "$1" ]] || read_texts "$rest" "${rest%% *}"
  printf 'services:%s\n' "${texts[*]}"
  rest=${1#*'"target" s '}
  [[ $rest == "$1" ]] || printf 'target:%s\n' "$(only_text "$rest")"
  rest=${1#*'"rules_str" as '}
  [[ $rest != "$1" ]] || return 0
  read_texts "$rest" "${rest%% *}"
  printf '%s\n' "${texts[@]}"
}

# is_listed THING LISTING: a port may also lie in a range that is open.
is_listed() {
  local range ranges port=${1%/*} protocol=${1##*/}
  if [[ $1 == *' '* ]]; then
    [[ $2 == *"$(rich_rule "$1")"* ]]
    return
  fi
  read -ra ranges <<<"${2#ports:}"
  for range in "${ranges[@]}"; do
    [[ ${range##*/} == "$protocol" ]] || continue
    range=${range%/*}
    ((port >= ${range%-*} && port <= ${range#*-})) && return
  done
  return 1
}

# is_open_to_all PORT LISTING: it is open there to everybody, by its number, a range, a service or all at once.
is_open_to_all() {
  local line word lines=""
  while read -r line; do
    case $line in
      ports:*) for word in ${line#ports:}; do lines+="$word"$'\n'; done ;;
      services:*) for word in ${line#services:}; do lines+=$(service_ports "$word")$'\n'; done ;;
      target:ACCEPT) return 0 ;;
    esac
  done <<<"$2"
  covers_port "$1/tcp" "$lines"
}

# is_listed_exactly THING LISTING: a range of the operator's is not cut.
is_listed_exactly() {
  if [[ $1 == *' '* ]]; then is_listed "$1" "$2"; else grep -Eq "^ *ports:.* ${1}( |$)" <<<"$2"; fi
}
