#!/bin/bash
# What an operator has done with backups (actions/backups.ts), by the `verb` that it is told; tabs are between words:
#   now     makes one; `said TEXT` while it goes on, at last `made NAME`
#   list    `backup NAME BYTES ROLE,… RELEASE NOTE` and `tried NAME SECOND` lines
#   files   of the backup `name`: `file NAME BYTES SUM`; the manifest comes first, and has no sum
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"

tell_list() {
  # shellcheck disable=SC2016 # awk's own variables
  summarize_backups '
    $1 == "file" { bytes += $3 }
    $1 == "database" { roles = roles (roles == "" ? "" : ",") $3 }
    $1 == "release" { release = $2 }
    $1 == "note" { note = $2 }
    END { printf "backup\t%s\t%.0f\t%s\t%s\t%s\n", name, bytes, roles, release, note }'
  read_as_user "$BACKUP_USER" "${ARG[tried]-}/tried" | sed 's/^/tried\t/'
  echo end
}

make_one() {
  local follower name
  # An error is told at the end.
  journalctl --quiet --follow --since="@$(date +%s)" --lines=all -o cat "_SYSTEMD_UNIT=$BACKUP_UNIT.service" \
    > >(exec sed -u -e '/^error: /d; /^  /d; s/^/said\t/') 2>/dev/null &
  follower=$!
  name=$(back_up_now "by hand") || name=""
  journalctl --sync 2>/dev/null || true
  sleep 0.5
  kill "$follower" 2>/dev/null
  wait "$follower" 2>/dev/null
  [[ -n $name ]] || { audit backup failed && exit 1; }
  audit backup "done" "$name"
  printf 'made\t%s\n' "$name"
}

tell_files() {
  local bytes
  is_backup_name "${ARG[name]-}" || die "there is no backup $(printable "${ARG[name]-}")"
  bytes=$(read_backup "${ARG[name]}" manifest | wc -c)
  ((bytes > 0)) || die "there is no backup ${ARG[name]}"
  printf 'file\tmanifest\t%s\t\n' "$bytes"
  read_backup "${ARG[name]}" manifest | grep $'^file\t' | cut -f 1-4
  echo end
}

know_backups || die "backups are not set up on this host yet" "run \`pulumi up\` first"
case ${ARG[verb]-} in
  now) make_one ;;
  list) tell_list ;;
  files) tell_files ;;
  *) exit 2 ;;
esac
