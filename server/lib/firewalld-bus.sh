# shellcheck shell=bash
# What is open in firewalld. Asked over D-Bus, as firewall-cmd is a Python program that takes 0.2 s for each question.

# rich_rule RULE: the rule in firewall-cmd's own spelling, so that it is found again in a listing.
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

# read_zone [ZONE]: sets `zone`, and what is open in it: `now` (running) and `later` (permanent).
read_zone() {
  local place
  # `read_zone ""` reads the zone that firewalld itself uses, whatever the config says.
  zone=${1-${ARG[zone]-}}
  zone=${zone:-$(zone_of "$(default_device)")}
  # shellcheck disable=SC2034 # the caller reads them
  now=$(zone_listing "$(ask_firewalld '' zone getZoneSettings2 s "$zone")")
  place=$(only_text "$(ask_firewalld /config config getZoneByName s "$zone")")
  # shellcheck disable=SC2034 # the same
  later=${place:+$(zone_listing "$(ask_firewalld "${place#/org/fedoraproject/FirewallD1}" config.zone getSettings2)")}
}
# zone_of DEVICE: the zone of its packets.
zone_of() {
  local zone=""
  [[ -z $1 ]] || zone=$(only_text "$(ask_firewalld '' zone getZoneOfInterface s "$1")")
  printf '%s' "${zone:-$(only_text "$(ask_firewalld '' '' getDefaultZone)")}"
}
# ask_firewalld OBJECT INTERFACE METHOD [SIGNATURE ARGUMENT]: OBJECT and INTERFACE are what follows firewalld's own
# names.
ask_firewalld() {
  busctl call org.fedoraproject.FirewallD1 "/org/fedoraproject/FirewallD1$1" "org.fedoraproject.FirewallD1${2:+.$2}" \
    "${@:3}" 2>/dev/null || true
}
# read_texts ANSWER COUNT: the first strings of an answer such as `as 2 "one" "two"`, as an array `texts`.
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
# zone_listing SETTINGS: as firewall-cmd would list the zone; nothing when there is none. Settings leave out what is
# empty.
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

# is_listed RULE LISTING: a port may also lie in an open range.
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

# is_open_to_all PORT LISTING: by its number, a range, a service or the zone's target.
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

# is_listed_exactly RULE LISTING: a range around the port does not count, as it is the operator's.
is_listed_exactly() {
  if [[ $1 == *' '* ]]; then is_listed "$1" "$2"; else grep -Eq "^ *ports:.* ${1}( |$)" <<<"$2"; fi
}
