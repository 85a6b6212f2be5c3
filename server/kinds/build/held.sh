# shellcheck shell=bash
# What an update builds beside the live release, until it goes live: for a look that is as it should be.

# hint_held RELEASE PHASE
hint_held() {
  local at when=""
  at=$(field "$(update_record)" live)
  [[ -z $at ]] || ! at=$(calendar_after "$(date +%s)" "$at") || when=$(date -d "@$at" '+%a %F %H:%M')
  case $2:$when in
    built:?*) hint "releases/$1 is built and goes live $when; at once with \`npm run realm -- update\`" ;;
    built:) hint "releases/$1 is built; it goes live with \`npm run realm -- update\`" ;;
    *) hint "an update to releases/$1 is at work, or was cut off; \`npm run realm -- update\` goes on with it" ;;
  esac
}
