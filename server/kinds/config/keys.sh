# shellcheck shell=bash
# Keys of a server's conf. The core ignores a key that it does not know, so a typing error would go unnoticed.

# kinds_of CONF_DIST… <keys: for each key a line KEY<tab>KIND<tab>DEFAULT, KIND by the default in the first of these
# files that has it:
#   number (a whole one, which the core may read as a fraction or a switch), fraction, switch (true or false), text
# or KEY<tab>unknown<tab>NEAREST when none has it. Files that are not there are passed over; without any, nothing is
# printed. A key that stands commented out is known; appenders, loggers and thresholds have names of one's own.
kinds_of() {
  local file files=()
  for file in "$@"; do [[ ! -f $file ]] || files+=("$file"); done
  if ((${#files[@]} == 0)); then
    # Standard input is read even without files, or its writer would meet a closed pipe.
    cat >/dev/null
    return
  fi
  awk '
    function least(a, b) { return a < b ? a : b }
    function distance(a, b, i, j, n, m, row, last, keep) {
      n = length(a); m = length(b)
      for (j = 0; j <= m; j++) row[j] = j
      for (i = 1; i <= n; i++) {
        last = row[0]; row[0] = i
        for (j = 1; j <= m; j++) {
          keep = row[j]
          row[j] = least(least(row[j] + 1, row[j - 1] + 1), last + (substr(a, i, 1) != substr(b, j, 1)))
          last = keep
        }
      }
      return row[m]
    }
    function nearest(wanted, key, d, best, found) {
      best = 1000
      for (key in standard) {
        d = distance(tolower(wanted), tolower(key))
        if (d < best || (d == best && key < found)) { found = key; best = d }
      }
      return found
    }
    function kind(value) {
      if (value ~ /^[+-]?[0-9]+$/) return "number"
      if (value ~ /^[+-]?([0-9]+\.[0-9]*|\.[0-9]+)$/) return "fraction"
      return tolower(value) ~ /^(true|false|yes|no|on|off|y|n)$/ ? "switch" : "text"
    }
    # Explanations are indented further than keys that are commented out.
    !asked {
      if (!match($0, /^([ \t]*|#[ \t]?)[A-Za-z][A-Za-z0-9._]*[ \t]*=/)) next
      key = value = $0
      sub(/[ \t]*=.*/, "", key); sub(/^[# \t]*/, "", key)
      sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t\r]*$/, "", value)
      if (!(key in standard) || (from[key] == FILENAME && $0 !~ /^#/)) { standard[key] = value; from[key] = FILENAME }
      next
    }
    /^(Appender|Logger)\./ { print $0 "\ttext\t"; next }
    /^Metric\.Threshold\./ && !($0 in standard) { print $0 "\tnumber\t100"; next }
    { print $0 "\t" ($0 in standard ? kind(standard[$0]) "\t" standard[$0] : "unknown\t" nearest($0)) }' "${files[@]}" asked=1 -
}
