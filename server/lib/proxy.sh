# shellcheck shell=bash
# The proxy through which this host reaches the internet, as other programs here are told of it. Its address may hold a
# password.

# Variables for programs, such as `http_proxy=…`, and where they were found.
declare -ga PROXY=()
declare -g PROXY_FROM=""

# find_proxy: the first place that names one wins. A job gets it from the step that started it.
find_proxy() {
  local file
  ((${#PROXY[@]} == 0)) || return 0
  if has_secret proxy; then
    { read -r PROXY_FROM && mapfile -t PROXY; } <"$(secret_file proxy)"
    return
  fi
  take_proxy /etc/environment /etc/environment && return
  take_proxy "systemd's DefaultEnvironment" <(systemctl show-environment) && return
  for file in /etc/profile /etc/profile.d/*.sh /etc/bash.bashrc /etc/bashrc /etc/wgetrc; do
    [[ ! -f $file ]] || { take_proxy "$file" "$file" && return; }
  done
  # Last, the environment of this login.
  take_proxy "the login's environment" <(env) || true
} 2>/dev/null

# package_managers_proxy: takes the proxy of apt or dnf for everything; 1 when there is none. It may be for packages
# alone, so call this only when nothing is reached without it.
package_managers_proxy() {
  ((${#PROXY[@]} == 0)) || return 1
  if uses_dpkg; then
    take_proxy "apt's Acquire::http::Proxy" <(apt-config dump Acquire::http::Proxy Acquire::https::Proxy |
      sed -nE 's#^Acquire::http::Proxy "(.*://.*)";#http_proxy=\1 https_proxy=\1#p; s#^Acquire::https::Proxy "(.*://.*)";#https_proxy=\1#p')
  else
    take_proxy "proxy in /etc/dnf/dnf.conf" \
      <(sed -nE 's#^ *proxy *= *(.*://.*)#http_proxy=\1 https_proxy=\1#p' /etc/dnf/dnf.conf)
  fi
} 2>/dev/null

# take_proxy PLACE FILE: reads, and never runs, lines as in /etc/environment or a shell's; 1 when they name no proxy.
take_proxy() {
  local line words word name value
  local -A found=()
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*# ]] && continue
    # wgetrc has blanks around the equals sign.
    [[ ! $line =~ ^([[:space:]]*[A-Za-z_]+)[[:space:]]+=[[:space:]]+(.*)$ ]] ||
      line=${BASH_REMATCH[1]}=${BASH_REMATCH[2]}
    read -ra words <<<"$line"
    for word in "${words[@]}"; do
      [[ ${word,,} =~ ^(http|https|all|no)_proxy=(.+)$ ]] || continue
      name=${BASH_REMATCH[1]}_proxy value=${word#*=}
      value=${value%;} value=${value#[\"\']} value=${value%[\"\']}
      # A value may repeat another variable's.
      [[ ! ${value,,} =~ ^\$\{?(http|https|all)_proxy\}?$ ]] || value=${found[${BASH_REMATCH[1]}_proxy]-}
      [[ -z $value || $value == *[\$\`[:cntrl:]]* ]] || found[$name]=$value
    done
  done <"$2"
  [[ -n ${found[http_proxy]-}${found[https_proxy]-}${found[all_proxy]-} ]] || return 1
  for name in "${!found[@]}"; do PROXY+=("$name=${found[$name]}"); done
  PROXY_FROM=$1
}

# without_passwords <text: hides the login in an address.
without_passwords() { sed -E 's#(://)[^/@[:space:]]*@#\1…@#g'; }

# was_unreached TEXT…: the words of a program say that it got no answer at all, rather than one that it did not like.
was_unreached() {
  local unnamed="(could not |couldn.t |unable to |not )resolve|name or service"
  local silent="timed out|failed to connect|couldn.t connect|connection refused|network is unreachable|no route to host"
  [[ ${*,,} =~ $unnamed|$silent ]]
}

# proxy_advice TEXT…: what to do when something on the internet was not reached, by the program's words.
proxy_advice() {
  local said="${*,,}"
  if [[ $said =~ error:\ 407|(proxy|connect).*40[37]|407\ proxy|proxy\ authentication ]]; then
    echo "the proxy does not let this through; it is named in $PROXY_FROM on the host"
  elif ! was_unreached "$@"; then
    return 0
  elif ((${#PROXY[@]})); then
    echo "it was asked through the proxy that $PROXY_FROM names on the host"
  elif [[ -z $(ip -4 route show default 2>/dev/null) ]]; then
    echo "the host has no way out over IPv4, and not every place has an IPv6 address (github.com has none): name a proxy in /etc/environment on the host (https_proxy=http://HOST:PORT), or a mirror in the config"
  else
    echo "where a host reaches the internet through a proxy alone, name it in /etc/environment there: https_proxy=http://HOST:PORT and http_proxy=http://HOST:PORT"
  fi
}
