# shellcheck shell=bash
# ask_line UNIT: hands a SOAP request on standard input to the worldserver, and prints what came of it, as
# actions/soap.ts reads it:  answer CURL HTTP UNIT STATE BODY   (the body in base64). The login is a file of curl's, so
# that it is on no command line.
ask_line() {
  local body curl=0 http
  # shellcheck disable=SC2154 # begin.sh sets `here`
  body=$(mktemp "$here/answer.XXXXXX") || die "an answer could not be kept in $here" "is it full? df -h $here"
  http=$(curl --silent --max-time "${ARG[seconds]-20}" --config "${ARG[login]-}" --header 'Content-Type: text/xml' \
    --header 'Expect:' --data-binary @- --output "$body" --write-out '%{http_code}' 2>/dev/null) || curl=$?
  printf 'answer %s %s %s %s %s\n' "$curl" "$((10#${http:-0}))" "$1" \
    "$(systemctl show -P ActiveState "$1" 2>/dev/null)" "$(base64 -w0 "$body")"
  rm -f "$body"
}

# has_login: whether there is an account to ask with.
has_login() { [[ -f ${ARG[login]-} ]]; }
