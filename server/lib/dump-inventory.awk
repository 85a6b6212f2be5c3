# What is in a dump of mariadb-dump's, on standard input, for inventory_of: lines `KIND NAME`, and for tables
# `table NAME ROWS`, for triggers `triggers TABLE COUNT`, with tabs between. Before a table's line stands the sum of its
# rows, and before `structure` that of the definitions, without what may differ after a restore: who defined them, and
# counters. `unread TABLE` means that its rows were not even looked for: mariadb-dump does that, and ends well, where it
# may not read them. `bytes` is the dump's size; `whole` comes when the dump's last line is there; `foreign` when the
# rows are not one a line, as older programs write them. Names have a backtick doubled, as in the dump.

function name_in(line) {
  match(line, /`([^`]|``)+`/)
  return substr(line, RSTART + 1, RLENGTH - 2)
}
# The program writes the sum at its end.
function close_table() {
  if (table == "") return
  fflush()
  if (rows) close(summing)
  print "table\t" table "\t" rows
  if (!read) print "unread\t" table
  if (triggers) print "triggers\t" table "\t" triggers
  table = ""
}
function define(line) {
  gsub(/DEFINER=`([^`]|``)*`(@`([^`]|``)*`)? ?/, "", line)
  gsub(/ AUTO_INCREMENT=[0-9]+/, "", line)
  print line | structure
  defined = 1
}

BEGIN {
  summing = "exec sha256sum"
  structure = "exec sha256sum -"
}

{
  last = $0
  bytes += length($0) + 1
}

# Between these two, lines are parts of a trigger, an event or a routine, whatever they look like.
/^DELIMITER / { inside = $2 != ";" }
inside {
  if (/^\/\*!50003 CREATE\*\/ /) triggers++
  if (!/^\/\*!50003 SET /) define($0)
  next
}

/^\(/ && inserting {
  sub(/[,;]$/, "")
  print | summing
  rows++
  next
}
/^INSERT INTO `/ {
  inserting = 1
  if (!/ VALUES$/) foreign = 1
  next
}
/^$/ || /^--( |$)/ { next }
{ inserting = 0 }

/^CREATE TABLE `/ {
  close_table()
  table = name_in($0)
  rows = triggers = read = 0
}
/^LOCK TABLES `/ { read = 1 }
/^CREATE SEQUENCE `/ { others[++count] = "sequence\t" name_in($0) }
/^\/\*!50001 VIEW `/ { others[++count] = "view\t" name_in($0) }
/^\/\*!50106 DROP EVENT IF EXISTS `/ { others[++count] = "event\t" name_in($0) }
/^\/\*!50003 DROP FUNCTION IF EXISTS `/ { others[++count] = "function\t" name_in($0) }
/^\/\*!50003 DROP PROCEDURE IF EXISTS `/ { others[++count] = "procedure\t" name_in($0) }

!/^(\/\*!|\/\*M!|SET |DROP |LOCK TABLES |UNLOCK TABLES)/ || /^\/\*!5000[13] (CREATE|VIEW) / || /^\/\*!50013 / {
  define($0)
}

END {
  close_table()
  for (at = 1; at <= count; at++) print others[at]
  if (defined) {
    fflush()
    close(structure)
    print "structure"
  }
  printf "bytes\t%.0f\n", bytes
  if (last ~ /^-- Dump completed/) print "whole"
  if (foreign) print "foreign"
}
