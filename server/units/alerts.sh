#!/bin/bash
# Sends the alerts that wait to the hook, the oldest first. What cannot be sent stays for the next try, at most a day.
# The same event of the same thing is sent once an hour: what comes meanwhile is counted.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
umask 077
HOOK_SECONDS=${HOOK_SECONDS:-20}

send_all() {
  local now file key sent kind realm target order=() lines
  local -A files=()
  { read -r kind && read -r realm && read -r target; } 2>/dev/null <"$ALERTS/hook" || return 0
  printf -v now '%(%s)T' -1
  for file in {"$ALERTS","$ALERTS_IN_MEMORY"}/waiting/*; do
    [[ -f $file ]] || continue
    mapfile -t lines <"$file"
    if ((lines[0] + 86400 < now)); then
      note "given up after a day: ${lines[2]}: ${lines[4]}"
      rm -f "$file"
      continue
    fi
    key=${lines[1]}.${lines[2]}.${lines[3]//\//_}
    [[ -n ${files[$key]-} ]] || order+=("$key")
    files[$key]+="$file"$'\n'
  done
  for key in "${order[@]}"; do
    sent=$(cat "$ALERTS/sent/$key" 2>/dev/null) || sent=0
    ((sent + 3600 <= now)) || continue
    mapfile -t lines <<<"${files[$key]%$'\n'}"
    send "${lines[@]}" || return 1
    mkdir -p "$ALERTS/sent" && printf '%s\n' "$now" >"$ALERTS/sent/$key"
    rm -f "${lines[@]}"
  done
  rm -f "$ALERTS/failed"
}

# send FILE…: alerts of one kind as one message, which is the newest with the count of all.
send() {
  local lines body said rc=0
  mapfile -t lines <"${*: -1}"
  body=$(message "$#") || return 1
  said=$("through_$kind" 2>/dev/null) || rc=$?
  if ((rc == 0)); then
    note "sent: ${lines[2]}: ${lines[4]}"
    return
  fi
  why=$(why_not_sent "$kind" "$rc" "$said")
  printf '%s\n' "$why" >"$ALERTS/failed"
  return 1
}

# message COUNT: the alert in `lines`, as one line of JSON.
message() {
  local details=() each
  for each in "${lines[@]:5:60}"; do details+=("$(json_text "${each:0:500}")"); done
  printf '{"event":%s,"state":%s,"sentence":%s,"about":%s,"realm":%s,"host":%s,"time":"%s","count":%s,"details":[%s]}' \
    "$(json_text "${lines[2]}")" "$(json_text "${lines[1]}")" "$(json_text "${lines[4]:0:500}")" \
    "$(json_text "${lines[3]}")" "$(json_text "$realm")" "$(json_text "$(uname -n)")" \
    "$(date -u -d "@${lines[0]}" +%FT%TZ)" "$1" "$(
      IFS=,
      printf '%s' "${details[*]}"
    )"
}

# json_text TEXT: quoted; what is no character is left out.
json_text() {
  local text
  text=$(printable "$1" | iconv -c -f UTF-8 -t UTF-8) || true
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# unprivileged PROGRAM…: runs it for an alert, with what it needs on standard input: a secret is on no command line. Its
# user exists only meanwhile, and may do nothing on this host.
unprivileged() {
  systemd-run --quiet --wait --pipe --collect --unit="$(job_unit alert-hook)" -p DynamicUser=yes -p ProtectHome=yes \
    -p PrivateDevices=yes -p ProtectProc=invisible -p ProtectKernelTunables=yes -p ProtectControlGroups=yes \
    -p CapabilityBoundingSet= -p RestrictNamespaces=yes -p RuntimeMaxSec="$((HOOK_SECONDS + 40))" \
    -p TimeoutStopSec=5 -E LC_ALL=C.UTF-8 "$@"
}

# through_webhook: prints the HTTP status; 0 where it says that the alert was taken.
through_webhook() {
  local url status rc=0
  url=$(base64 -d <<<"$target") || return
  status=$(
    {
      printf 'url = "%s"\ndata-raw = "%s"\nmax-time = %s\n' "$(curl_text "$url")" "$(curl_text "$body")" "$HOOK_SECONDS"
      printf '%s\n' 'header = "Content-Type: application/json"' 'proto = "=http,https"' silent 'output = /dev/null' \
        'write-out = "%{http_code}"'
    } | unprivileged curl --disable --config -
  ) || rc=$?
  if ((rc)); then printf 'curl %s' "$rc" && return 1; fi
  printf 'http %s' "$status"
  [[ $status == 2[0-9][0-9] ]]
}
# curl_text TEXT: for a quoted value in a config of curl's.
curl_text() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\"/\\\"}"
}

# through_command: the operator's command gets the alert on standard input, and its event and sentence as variables.
# shellcheck disable=SC2016 # the other shell expands it
through_command() {
  printf '%s\n' "$target" "${lines[2]}" "${lines[4]}" "$body" | unprivileged bash --norc -c '
    IFS= read -r command && IFS= read -r TRINITY_EVENT && IFS= read -r TRINITY_SENTENCE || exit 1
    export TRINITY_EVENT TRINITY_SENTENCE
    eval "$(base64 -d <<<"$command")"'
}

# why_not_sent KIND STATUS SAID: nothing of the URL or the command is in it.
why_not_sent() {
  case $1/$3 in
    command/*) printf 'the command of trinitycore:alerts.command ended with %s' "$2" ;;
    webhook/http*) printf 'the receiver of trinitycore:alerts.webhook answered with HTTP status %s' "${3#http }" ;;
    *) printf 'the receiver of trinitycore:alerts.webhook was not reached (%s)' "${3:-$2}" ;;
  esac
}

why=""
send_all || die "${why:-the alert could not be made a message}" "it is tried again for a day: journalctl -u $ALERT_UNIT"
