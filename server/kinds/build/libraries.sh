# shellcheck shell=bash
# Libraries of a release that are gone from the host.

# restore_libraries RELEASE: installs libraries that somebody removed, where the distribution still has them; the
# release stays as it is. Otherwise the release is built again with the present ones.
restore_libraries() {
  local library
  while IFS= read -r library; do
    note "bringing back the library $library"
    restore_library "$library" || note "the distribution's packages did not bring it back"
  done < <(lacking_libraries "${ARG[user]-}" "$1"/bin/* | cut -d ' ' -f 2 | sort -u)
}
restore_library() {
  local package
  if ! uses_dpkg && package=$(rpm -q --whatprovides "$1()(64bit)" 2>/dev/null); then
    wait_for_package_managers logged run_dnf reinstall "$package"
  elif ! uses_dpkg; then
    wait_for_package_managers logged run_dnf install "$1()(64bit)"
  elif package=$(dpkg -S "*/$1" 2>/dev/null); then
    wait_for_package_managers logged run_apt install --reinstall "${package%%: *}"
  else
    wait_for_package_managers logged run_apt --fix-broken install
  fi
}
