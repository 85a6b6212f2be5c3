# shellcheck shell=bash
# What installing packages would do to those that are there: apt and dnf are asked to simulate it.

# The last simulation's result, `WHAT NAME` each (removed, lowered, held, replaced, raised), and its output.
declare -ga CHANGES=()
declare -g ANSWER=""

# foresee_apt NAME…: simulates it; 1 when there are no package lists, 2 when apt finds no way. Writes nothing: an
# outdated cache of apt's stays as it is.
foresee_apt() {
  local cache=/var/cache/apt/pkgcache.bin anew=()
  [[ $cache -nt /var/lib/dpkg/status && $cache -nt /var/lib/apt/lists ]] ||
    anew=(-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  ANSWER=$(timeout 15 apt-get -s -q "${anew[@]}" install --no-install-recommends "$@" </dev/null 2>&1) || {
    [[ $ANSWER != *'unmet dependencies'* ]] || return 2
    return 1
  }
  mapfile -t CHANGES < <(awk '
    /^[^ ]/ { section = /DOWNGRADED:$/ ? "lowered" : /held packages will be changed:$/ ? "held" : "" }
    /^  / && section { for (i = 1; i <= NF; i++) if (section == "held") print "held", $i; else lowered[$i] = 1 }
    /^Remv / { print "removed", $2 }
    /^Inst [^ ]+ \[/ { print $2 in lowered ? "lowered" : "raised", $2 }
  ' <<<"$ANSWER")
}

# foresee_dnf NAME…: simulates it with the metadata that dnf has stored; does not wait for another dnf.
foresee_dnf() {
  local only=(-C --setopt=install_weak_deps=False --setopt=exit_on_lock=True --assumeno)
  ANSWER=$(timeout 15 dnf "${only[@]}" install "$@" </dev/null 2>&1) || read_dnf
}
# read_dnf: reads the table that dnf 4 and dnf 5 print before they ask. Neither removes a package that it was not told
# to remove.
read_dnf() {
  if [[ $ANSWER != *'Operation aborted'* ]]; then
    [[ $ANSWER != *'problem with installed package'* ]] || return 2
    return 1
  fi
  mapfile -t CHANGES < <(awk '
    /^Transaction Summary/ { exit }
    /^[^ ].*:$/ { section = /^Downgrading/ ? "lowered" : /^Upgrading/ ? "raised" : /^Removing/ ? "removed" : "" }
    /^ +replacing / { sub(/\.[^.]*$/, "", $2); if ($2 != name) print "replaced", $2; next }
    /^ [^ ]/ { name = $1; if (section) print section, name }
  ' <<<"$ANSWER")
}

# names_changed WHAT [BUT]: the names of packages with that change, except BUT, one a line.
names_changed() {
  local each
  for each in "${CHANGES[@]}"; do
    [[ $each != "$1 "* || $each == "$1 ${2-}" ]] || printf '%s\n' "${each#* }"
  done | sort -u
}

# enumerate <names: `a, b and c`; of many only the first.
enumerate() {
  local all last text
  mapfile -t all
  ((${#all[@]} <= 8)) || all=("${all[@]:0:7}" "$((${#all[@]} - 7)) more")
  last=${all[-1]}
  unset 'all[-1]'
  text=$(printf '%s, ' "${all[@]}")
  ((${#all[@]} == 0)) || printf '%s and ' "${text%, }"
  printf '%s' "$last"
}

# harmful_changes [BUT]: for each kind of change that nobody asked for, a sentence with what to do, except for BUT,
# which is reported elsewhere.
harmful_changes() {
  local names manager=${ARG[family]-} removing="apt-get remove" listing="apt-cache policy"
  [[ $manager == apt ]] || removing="dnf remove" listing="dnf list --showduplicates"
  names=$(names_changed removed "${1-}")
  [[ -z $names ]] || echo "$manager would remove $(enumerate <<<"$names"), which cannot be beside what the realm needs;" \
    "if nothing needs them, remove them by hand: $removing $(xargs <<<"$names")"
  names=$(names_changed lowered)
  [[ -z $names ]] ||
    echo "$manager would put an older version of $(enumerate <<<"$names") in the place of the present one, as what the realm needs fits no newer;" \
    "see on the host which archive or pin does that: $listing $(xargs <<<"$names")"
  names=$(names_changed held)
  [[ -z $names ]] || echo "$(enumerate <<<"$names") would have to be installed or changed, but is held on this host;" \
    "let go of it there: apt-mark unhold $(xargs <<<"$names")"
}

# why_uninstallable: why the package manager finds no way, and what to do.
why_uninstallable() {
  local words blocking held
  if [[ ${ARG[family]-} == dnf ]]; then
    words=$(sed -n 's/^ *Problem: *//p; s/^  - \(.*[0-9].*\)/\1/p' <<<"$ANSWER" | head -n 3 | paste -sd ';')
    echo "dnf cannot install what the realm needs beside what is there: ${words//;/; }; what stands in the way has to go by hand, or use another server"
    return
  fi
  words=$(sed -n 's/^ *\([^ ]* : \(Pre\)\?\(Depends\|Conflicts\|Breaks\): .*\)/\1/p' <<<"$ANSWER" | head -n 3 |
    paste -sd ';')
  blocking=$(sed -n 's/^.* : [A-Za-z]*: \([^ ]*\) .*/\1/p' <<<"$ANSWER" | sort -u)
  held=$(comm -12 <(apt-mark showhold | sort -u) <(printf '%s\n' "$blocking"))
  if [[ -n $held ]]; then
    echo "what the realm needs does not fit $(enumerate <<<"$held"), held on this host (${words//;/; }); let go of it there: apt-mark unhold $(xargs <<<"$held")"
  else
    echo "apt cannot install what the realm needs beside what is there: ${words//;/; }; see on the host which archive or pin does that: apt-cache policy $(xargs <<<"$blocking")"
  fi
}

# tell_raised: which other packages get a newer version, and which services may be restarted by it.
tell_raised() {
  local raised replaced units
  raised=$(names_changed raised) replaced=$(names_changed replaced)
  [[ -z $replaced ]] ||
    foretell \
      "${ARG[family]-} takes $(enumerate <<<"$replaced") out, as packages that the realm needs have taken that place"
  [[ -n $raised ]] || return 0
  units=$(active_services_of "$raised")
  foretell "installing packages brings newer versions of $(enumerate <<<"$raised"), which the new ones need;" \
    "$(if [[ -n $units ]]; then echo "that may restart $(enumerate <<<"$units")"; else echo "no service is restarted by that"; fi)"
}
active_services_of() {
  local names
  mapfile -t names <<<"$1"
  comm -12 <(if [[ ${ARG[family]-} == apt ]]; then dpkg -L "${names[@]}"; else rpm -ql "${names[@]}"; fi 2>/dev/null |
    sed -n 's|^.*/systemd/system/\([^/]*\.service\)$|\1|p' | sort -u) \
    <(systemctl list-units --type=service --state=active --plain --no-legend | cut -d ' ' -f 1 | sort -u)
}
