#!/bin/bash
# Start-up files that print at every login, terminal or not, some without a line's end, and also at logout.
set -eu
{
  # shellcheck disable=SC2016 # for the shell that reads it
  echo 'printf "Last deploy: never. Load: "; cut -d" " -f1 /proc/loadavg; trap "echo Goodbye; echo outcome" EXIT'
  cat /root/.bashrc
} >/root/.bashrc.new
mv /root/.bashrc.new /root/.bashrc
echo 'echo "@ end"; echo "facts end"; echo "os.id gentoo"; echo "This is the property of ACME"' >/etc/ssh/sshrc
echo 'printf "from BASH_ENV "' >/etc/banner.sh
echo BASH_ENV=/etc/banner.sh >>/etc/environment
