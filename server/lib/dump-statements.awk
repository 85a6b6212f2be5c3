# A dump as mariadb-dump or mysqldump writes it, on standard input, without what would lead out of the one database that
# it is loaded into, or needs rights that nobody needs for that. Writes to `said`: `database NAME` for each database
# that the dump goes on in, and `whole` when its last line is there. Rows and definitions stay as they are.

{ last = $0 }

# Between these two, lines are parts of a trigger, an event or a routine, whatever they look like.
/^DELIMITER / { inside = $2 != ";" }
inside { print; next }

# A statement may take several lines.
dropping { dropping = !/;$/; next }
/^(CREATE|ALTER) DATABASE / || /^SET @@(GLOBAL|SESSION)\.(GTID_PURGED|SQL_LOG_BIN) ?=/ || /^SET @MYSQLDUMP_TEMP_LOG_BIN/ {
  dropping = !/;$/
  next
}
/^USE / {
  name = $0
  sub(/^USE /, "", name)
  sub(/;$/, "", name)
  if (!(name in seen)) print "database " name >said
  seen[name] = 1
  next
}
{ print }

END { if (last ~ /^-- Dump completed/) print "whole" >said }
