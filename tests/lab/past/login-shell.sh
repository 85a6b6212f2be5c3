#!/bin/bash
# login-shell.sh USER SHELL: USER prefers SHELL; a USER other than root may do everything with sudo.
set -eu
user=$1 shell=$2
apt-get -qq update
apt-get -qq -y install "$shell" >/dev/null 2>&1
if [[ $user != root ]]; then
  useradd -m "$user"
  install -d -o "$user" -g "$user" -m 0700 "/home/$user/.ssh"
  install -o "$user" -g "$user" -m 0600 /root/.ssh/authorized_keys "/home/$user/.ssh/authorized_keys"
  echo "$user ALL=(ALL) NOPASSWD: ALL" >"/etc/sudoers.d/$user"
fi
usermod -s "/usr/bin/$shell" "$user"
# Start-up files that print, as people have them.
echo 'echo Welcome to tcsh' >~root/.tcshrc
install -D /dev/stdin ~root/.config/fish/config.fish <<<'echo Welcome to fish'
echo 'echo Welcome to zsh' >/etc/zsh/zshenv 2>/dev/null || true
