# shellcheck shell=bash
# The servers' programs carry the label of programs, or systemd may not start them.
# observed: the rule for the programs' label, and the label of each `bin`
# not observed: labels of single files: the rule gives them theirs; whether SELinux enforces: that is the operator's

policy() { sed -n 's/^SELINUXTYPE=\([a-z]*\).*/\1/p' /etc/selinux/config 2>/dev/null | tail -n 1 || true; }

# rule_type: what the local rules give our pattern. They are read from their file: asking semanage takes a second.
rule_type() {
  awk -v pattern="${ARG[pattern]-}" '$1 == pattern { split($NF, label, ":"); print label[3] }' \
    "/etc/selinux/$(policy)/contexts/files/file_contexts.local" 2>/dev/null | tail -n 1 || true
}

observe() {
  local seen dir
  if [[ ${ARG[enabled]-} != true ]]; then
    hint "SELinux is not enabled on this server: nothing to label"
    return
  fi
  seen=$(rule_type)
  if [[ -z $seen ]]; then
    say "SELinux has no rule that labels ${ARG[pattern]-} as ${ARG[type]-}"
  elif [[ $seen != "${ARG[type]-}" ]]; then
    say "SELinux labels ${ARG[pattern]-} as $seen, should be ${ARG[type]-}"
  fi
  for dir in "${ARG[releases]-}"/*/bin; do
    [[ -d $dir ]] || continue
    # Where the kernel has no SELinux there is no label to be seen.
    seen=$(stat -c %C "$dir" 2>/dev/null | cut -s -d: -f3)
    [[ -z $seen || $seen == "${ARG[type]-}" ]] || say "$dir is labelled $seen, should be ${ARG[type]-}"
  done
}

apply() {
  local seen said verb=-a dir
  [[ ${ARG[enabled]-} == true ]] || return 0
  seen=$(rule_type)
  if [[ $seen != "${ARG[type]-}" ]]; then
    command -v semanage >/dev/null || die "semanage is not installed" "the packages step installs it where SELinux is on: run \`pulumi up\` again"
    [[ -z $seen ]] || verb=-m
    said=$(semanage_fcontext "$verb" -t "${ARG[type]-}" "${ARG[pattern]-}") || die "semanage could not add the rule" "$said"
  fi
  for dir in "${ARG[releases]-}"/*/bin; do [[ ! -d $dir ]] || relabel -R "$dir"; done
}

# -N: file rules need no new policy in the kernel.
semanage_fcontext() { with_lock semanage semanage fcontext -N -S "$(policy)" "$@" 2>&1; }

manifest() {
  [[ ${ARG[enabled]-} != true ]] || printf 'fcontext %s\n' "${ARG[pattern]-}"
}

drop() {
  case $1 in
    'fcontext '*) ! command -v semanage >/dev/null || semanage_fcontext -d "${1#fcontext }" >/dev/null || true ;;
  esac
}
