# shellcheck shell=bash
# Keys of a server's .conf. The core ignores one that it does not know, so a slip of the keyboard would go unnoticed.

# unknown_keys CONF_DIST… <keys: prints each key that none of these files has, and the nearest it could have meant (tab-separated).
# Files that are not there are passed over; without any, nothing can be said. Appenders and loggers have names of one's own.
unknown_keys() {
  local file files=()
  for file in "$@"; do [[ ! -f $file ]] || files+=("$file"); done
  if ((${#files[@]} == 0)); then
    # Read all the same: whoever writes the keys must not meet a closed pipe.
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
    !asked { if (match($0, /^[ \t]*[A-Za-z][A-Za-z0-9._]*[ \t]*=/)) { sub(/[ \t]*=.*/, ""); sub(/^[ \t]*/, ""); known[$0] } next }
    $0 in known || /^(Appender|Logger)\./ { next }
    {
      nearest = ""; best = 1000
      for (key in known) {
        d = distance(tolower($0), tolower(key))
        if (d < best || (d == best && key < nearest)) { best = d; nearest = key }
      }
      printf "%s\t%s\n", $0, nearest
    }' "${files[@]}" asked=1 -
}
