# Reads `nft list ruleset` or `iptables-save`. Says for each of `ports` (a list of numbers) whether the host lets in a
# new TCP connection over IPv4 that comes in on `device`: `PORT open`, `PORT shut`, or `PORT unsure` when that depends
# on what nobody can know beforehand (the sender's address, a rate, a module of iptables). Skips the tables with the
# name `besides`, which firewalld has loaded. With `named`, a list of networks, the answer is for a sender who is in
# none of them.

# --- reading ---

/^#/ { next }
/^table / { family = $2; place = family " " $3; chain = ""; passed = $3 == besides; next }
/^\tchain / { chain = place " " $2; next }
# A set or the like: its lines are not rules.
/^\t[a-z]+ .*\{$/ { chain = ""; next }
/^\t\}/ { chain = ""; next }
chain != "" && /type [a-z]+ hook/ {
  if ($0 ~ /type filter hook (input|prerouting)/ && (family == "ip" || family == "inet") && !passed) begin(chain, $0 ~ /policy drop/)
  next
}
chain != "" {
  held = held " " $0
  # A long set takes several lines.
  if (gsub(/\{/, "{", held) > gsub(/\}/, "}", held)) next
  add(chain, held)
  held = ""
  next
}
/^\*/ { place = "iptables " substr($0, 2); next }
/^:INPUT / && place == "iptables filter" { begin(place " INPUT", $2 == "DROP"); next }
/^-A / && place == "iptables filter" { name = $2; sub(/^-A [^ ]+ ?/, ""); add(place " " name, translated($0)) }

function begin(chain, drops) { starts[++count] = chain; policy[chain] = drops ? "drop" : "accept" }
function add(chain, text) {
  gsub(/comment "[^"]*"/, "", text)
  gsub(/log( (prefix "[^"]*"|level [a-z]+|group [0-9]+|snaplen [0-9]+|queue-threshold [0-9]+|flags (all|skuid|ether|ip options|tcp [a-z,]+)))*/, "", text)
  gsub(/counter( packets [0-9]+ bytes [0-9]+| name [^ ]+)?/, "", text)
  gsub(/[",]/, " ", text)
  gsub(/;/, "", text)
  rule[chain, ++rules[chain]] = text
}

# translated TEXT: returns a rule of iptables-save in the words of nft.
function translated(text, word, n, i, said, not) {
  gsub(/--comment ("[^"]*"|[^ ]+)/, "", text)
  n = split(text, word, " ")
  for (i = 1; i <= n; i++) {
    if (word[i] == "!") { not = " !="; continue }
    if (word[i] == "-p") said = said " meta l4proto" not " " word[++i]
    else if (word[i] ~ /^--(dport|dports|destination-port|destination-ports)$/) {
      i++
      gsub(/:/, "-", word[i])
      gsub(/,/, " ", word[i])
      said = said " tcp dport" not " { " word[i] " }"
    } else if (word[i] == "--state" || word[i] == "--ctstate") said = said " ct state" not " " tolower(word[++i])
    else if (word[i] == "-i") said = said " iifname" not " " word[++i]
    else if (word[i] == "-s") said = said " ip saddr" not " " word[++i]
    else if (word[i] == "-j") said = said " " target(word[++i])
    else if (word[i] == "-g") said = said " goto " word[++i]
    else if (word[i] == "-m" || word[i] ~ /^--(reject-with|log-.*)$/) i++
    else said = said " unknown"
    not = ""
  }
  return said
}
function target(name) {
  if (name == "LOG" || name == "NFLOG") return ""
  return name ~ /^(ACCEPT|DROP|REJECT|RETURN)$/ ? tolower(name) : "jump " name
}

# --- following a packet ---

# in_chain CHAIN PORT: returns accept, drop, or return when the packet runs off the end. Sets `let` or `kept` when a
# rule on the way might have accepted or dropped the packet.
function in_chain(chain, port, depth, i, m, said, inner) {
  for (i = 1; i <= rules[chain]; i++) {
    m = matches(rule[chain, i], port)
    said = verdict
    if (m == 0 || said == "") continue
    if (said ~ /^(jump|goto) /) {
      inner = depth > 16 ? "return" : in_chain(place_of(chain) " " substr(said, 6), port, depth + 1)
      if (inner == "return" && said ~ /^goto/) { if (m == 1) return "return"; continue }
      # When the branch is only perhaps taken, all that it does is a perhaps.
      if (m < 0 && inner == "drop") kept = 1
      said = inner
      if (said == "return") continue
    }
    if (m == 1) return said
    if (said == "accept") let = 1
    # A rule against some senders (banned, or too quick) does not keep everybody out. A rule against all outside of one
    # network does.
    if (said == "drop" && negated) kept = 1
  }
  return "return"
}
function place_of(chain, part) { split(chain, part, " "); return part[1] " " part[2] }

# matches RULE PORT: returns 1 for yes, 0 for no, -1 for perhaps; sets `verdict` and `negated`.
function matches(text, port, word, n, i, known, no, key) {
  n = split(text, word, " ")
  verdict = ""
  negated = 0
  known = 1
  for (i = 1; i <= n; i++) {
    key = word[i] " " word[i + 1]
    if (word[i] ~ /^(accept|drop|return)$/) verdict = word[i]
    else if (word[i] == "reject") { verdict = "drop"; break }
    else if (word[i] == "queue") { verdict = "accept"; known = -1; break }
    else if (word[i] ~ /^(jump|goto)$/) verdict = word[i] " " word[++i]
    else if (word[i] ~ /^(udp|icmp|icmpv6|ip6|sctp|dccp|esp|ah|igmp)$/) return 0
    else if (key == "tcp flags") return 0
    else if (key ~ /^(ct status|meta pkttype|fib saddr)$/) return 0
    else if (key == "fib daddr") {
      if (text !~ /type (\{ )?local/) return 0
      i += 3
    }
    else if (key ~ /^(tcp|th) dport$/) {
      i = value(word, n, i + 2)
      if (vmap) return mapped(port)
      if (has_port(port) == not_in) return 0
    } else if (key ~ /^(meta l4proto|ip protocol)$/) {
      i = value(word, n, i + 2)
      if (vmap) return mapped("tcp")
      if ((is_in("tcp") || is_in("6") || is_in("all")) == not_in) return 0
    } else if (key == "meta nfproto") {
      i = value(word, n, i + 2)
      if (is_in("ipv4") == not_in) return 0
    } else if (key == "ct state") {
      i = value(word, n, i + 2)
      if (vmap) return mapped("new")
      if (is_in("new") == not_in) return 0
    }
    else if (word[i] ~ /^iif(name)?$/ || key ~ /^meta iif(name)?$/) {
      i = value(word, n, i + (word[i] == "meta" ? 2 : 1))
      if (vmap) return mapped(device)
      if (is_in(device) == not_in) return 0
    } else if (key == "ip saddr") {
      i = value(word, n, i + 2)
      if (is_in("0.0.0.0/0") && !not_in) continue
      # This script does not read what a set holds.
      if (stranger && !vmap && member[1] !~ /^@/) {
        if (has_address(stranger) == not_in) return 0
        continue
      }
      if (member[1] ~ /^127\./ && !not_in) return 0
      known = -1
      if (not_in) negated = 1
    } else known = -1
  }
  return known
}

# value WORDS N I: reads into `member` what a key is compared with, from word I on. Returns the number of the last word
# that it read.
function value(word, n, i, part, k) {
  members = 0
  not_in = vmap = 0
  for (; word[i] ~ /^(!=|==|vmap)$/; i++) {
    if (word[i] == "!=") not_in = 1
    if (word[i] == "vmap") vmap = 1
  }
  if (word[i] != "{") {
    # nft writes `established,related`, but `add` has taken the comma away.
    member[++members] = word[i]
    for (; word[i + 1] ~ /^(established|related|new|invalid|untracked)$/; i++) member[++members] = word[i + 1]
    return i
  }
  for (i++; i <= n && word[i] != "}"; i++) member[++members] = word[i]
  return i
}
function is_in(what, k) {
  for (k = 1; k <= members; k++)
    if (member[k] == what || member[k] ~ /[+*]$/ && index(what, substr(member[k], 1, length(member[k]) - 1)) == 1) return 1
  return 0
}
function has_port(port, k, end) {
  for (k = 1; k <= members; k++) {
    split(member[k] "-" member[k], end, "-")
    if (port + 0 >= end[1] + 0 && port + 0 <= (member[k] ~ /-/ ? end[2] : end[1]) + 0 && end[1] ~ /^[0-9]/) return 1
  }
  return 0
}
function has_address(address, k, end) {
  for (k = 1; k <= members; k++) {
    if (member[k] ~ /-/) {
      split(member[k], end, "-")
      if (number(address) >= number(end[1]) && number(address) <= number(end[2])) return 1
    } else if (in_network(address, member[k])) return 1
  }
  return 0
}
function in_network(address, network, part, size) {
  split(network "/32", part, "/")
  size = 2 ^ (32 - part[2])
  return part[1] !~ /:/ && int(number(address) / size) == int(number(part[1]) / size)
}
function number(address, part) { split(address, part, "."); return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4] }
# nobody_of NETWORKS: returns an address that nobody has and that is in none of them; nothing when there is none.
function nobody_of(networks, network, n, i, k, inside) {
  n = split(networks, network, " ")
  for (i = 1; i <= 4; i++) {
    inside = 0
    for (k = 1; k <= n; k++) if (in_network(nobody[i], network[k])) inside = 1
    if (!inside) return nobody[i]
  }
}
# mapped KEY: sets `verdict` from a map such as { 22 : accept 80 : jump web }. Returns 0 when the map does not have KEY.
function mapped(what, k) {
  for (k = 1; k <= members; k++)
    if (member[k + 1] == ":" && (member[k] == what || what ~ /^[0-9]+$/ && member[k] ~ /^[0-9]+-[0-9]+$/ && within(what, member[k]))) {
      verdict = member[k + 2] ~ /^(jump|goto)$/ ? member[k + 2] " " member[k + 3] : member[k + 2] == "reject" ? "drop" : member[k + 2]
      return 1
    }
  return 0
}
function within(port, range, end) { split(range, end, "-"); return port + 0 >= end[1] + 0 && port + 0 <= end[2] + 0 }

END {
  split("203.0.113.254 198.51.100.254 192.0.2.254 240.0.0.1", nobody, " ")
  if (named) stranger = nobody_of(named)
  n = split(ports, asked, " ")
  for (p = 1; p <= n; p++) {
    answer = named && !stranger ? "shut" : "open"
    for (c = 1; c <= count; c++) {
      let = kept = 0
      end = in_chain(starts[c], asked[p], 0)
      if (end == "return") end = policy[starts[c]]
      if (end == "accept" ? kept : let) { if (answer == "open") answer = "unsure" }
      else if (end == "drop") answer = "shut"
    }
    print asked[p], answer
  }
}
