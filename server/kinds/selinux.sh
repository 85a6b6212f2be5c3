# shellcheck shell=bash
# The servers and the stack's scripts have SELinux's label for programs: without it systemd may not start them, or
# starts them with the wrong rights.
# observed: the rules for that label, and the labels of the scripts' folder and of each `bin`
# not observed: labels of single files: the rules give them theirs; whether SELinux enforces: that is the operator's

policy() { sed -n 's/^SELINUXTYPE=\([a-z]*\).*/\1/p' /etc/selinux/config 2>/dev/null | tail -n 1 || true; }

# rule_type PATTERN: prints the type that the local rules give PATTERN. It reads their file, as semanage takes a second.
rule_type() {
  pattern=$1 awk '$1 == ENVIRON["pattern"] { split($NF, label, ":"); print label[3] }' \
    "/etc/selinux/$(policy)/contexts/files/file_contexts.local" 2>/dev/null | tail -n 1 || true
}

is_labelled() {
  local dir
  for dir in "${ARG[scripts]-}" "${ARG[releases]-}"/*/bin; do [[ ! -d $dir ]] || printf '%s\n' "$dir"; done
}

observe() {
  local seen dir patterns pattern
  if [[ ${ARG[enabled]-} != true ]]; then
    hint "SELinux is not enabled on this host: nothing to label"
    return
  fi
  list patterns patterns
  for pattern in "${patterns[@]}"; do
    seen=$(rule_type "$pattern")
    if [[ -z $seen ]]; then
      say "SELinux has no rule that labels $pattern as ${ARG[type]-}"
    elif [[ $seen != "${ARG[type]-}" ]]; then
      say "SELinux labels $pattern as $seen, should be ${ARG[type]-}"
    fi
  done
  while IFS= read -r dir; do
    # Without SELinux in the kernel a folder has no label.
    seen=$(stat -c %C "$dir" 2>/dev/null | cut -s -d: -f3)
    [[ -z $seen || $seen == "${ARG[type]-}" ]] || say "$dir is labelled $seen, should be ${ARG[type]-}"
  done < <(is_labelled)
}

apply() {
  local seen said verb dir patterns pattern
  [[ ${ARG[enabled]-} == true ]] || return 0
  list patterns patterns
  for pattern in "${patterns[@]}"; do
    seen=$(rule_type "$pattern") verb=-a
    [[ $seen != "${ARG[type]-}" ]] || continue
    command -v semanage >/dev/null ||
      die "semanage is not installed" "the packages step installs it where SELinux is on: run \`pulumi up\` again"
    [[ -z $seen ]] || verb=-m
    said=$(semanage_fcontext "$verb" -t "${ARG[type]-}" "$pattern") || die "semanage could not add the rule" "$said"
  done
  while IFS= read -r dir; do relabel -R "$dir"; done < <(is_labelled)
}

# -N: do not load the policy again, as rules for files do not need that.
semanage_fcontext() { with_lock semanage semanage fcontext -N -S "$(policy)" "$@" 2>&1; }

manifest() {
  local patterns
  list patterns patterns
  [[ ${ARG[enabled]-} != true ]] || printf 'fcontext %s\n' "${patterns[@]}"
}

drop() {
  case $1 in
    'fcontext '*) ! command -v semanage >/dev/null || semanage_fcontext -d "${1#fcontext }" >/dev/null || true ;;
  esac
}
