# shellcheck shell=bash
# What the config wants of the accounts, and how that is told.

# read_wishes: the config's accounts, a number each: their names as the core stores them (NAMES), and what each should
# be.
# shellcheck disable=SC2154 # list fills it
read_wishes() {
  local line word words lines
  KEYS=() NAMES=() LEVEL=() REALM=() EXPANSION=() PASSWORD=() EMAIL=() ADOPT=()
  list accounts lines
  for line in "${lines[@]}"; do
    read -ra words <<<"$line"
    KEYS+=("${words[0]}") NAMES+=("${words[0]^^}") EMAIL+=("") ADOPT+=("")
    for word in "${words[@]:1}"; do
      case $word in
        level=*) LEVEL+=("${word#*=}") ;;
        realm=*) REALM+=("${word#*=}") ;;
        expansion=*) EXPANSION+=("${word#*=}") ;;
        password=*) PASSWORD+=("${word#*=}") ;;
        email=*) EMAIL[-1]=${word#*=} ;;
        adopt=*) ADOPT[-1]=${word#*=} ;;
      esac
    done
  done
}

# key_of NUMBER KEY: as it is typed.
key_of() {
  local name=${KEYS[$1]}
  if [[ $name =~ ^[A-Za-z_][A-Za-z0-9_-]*$ ]]; then
    printf 'trinitycore:login.accounts.%s.%s' "$name" "$2"
  else
    printf "'trinitycore:login.accounts[\"%s\"].%s'" "$name" "$2"
  fi
}

# Levels are written REALM:LEVEL, with a comma between them, in the order of the realms' numbers.
wanted_levels() { ((LEVEL[$1] == 0)) || printf '%s:%s' "${REALM[$1]}" "${LEVEL[$1]}"; }
levels_in_words() {
  local pair pairs words=()
  IFS=, read -ra pairs <<<"$1"
  for pair in "${pairs[@]}"; do
    if [[ $pair == -1:* ]]; then words+=("level ${pair#*:} on all realms"); else words+=("level ${pair#*:} on realm ${pair%%:*}"); fi
  done
  if ((${#words[@]} == 0)); then printf 'no level'; else and_list "${words[@]}"; fi
}
