import type { Past } from "./past";

export const packages: readonly Past[] = [
  {
    name: "percona",
    what: "packages that the realm's packages would remove: Percona's server, a client library and what needs it",
    image: "bare",
    refused: [
      "packages: percona-server-server is installed: MariaDB cannot be beside another SQL server; move its databases away",
      "packages: apt would remove libmysqlclient-dev and reporting, which cannot be beside what the realm needs",
      "apt-get remove libmysqlclient-dev reporting",
    ],
  },
  {
    name: "held",
    what: "a library that its operator holds",
    image: "bare",
    refused: [
      "what the realm needs does not fit libmariadb3, held on this host (libmariadb-dev : Depends: libmariadb3",
      "apt-mark unhold libmariadb3",
    ],
  },
  {
    name: "apport",
    what: "stock Ubuntu, whose handler of core dumps cannot be beside systemd's",
    image: "bare-noble",
    expectWords: [
      "apport-core-dump-handler stays, and does the work of systemd-coredump, which is not installed beside it",
      /installing packages brings newer versions of /,
    ],
    holds:
      "dpkg -s apport-core-dump-handler | grep -qx 'Status: install ok installed' && ! command -v coredumpctl >/dev/null",
  },
  {
    name: "permissive",
    what: "SELinux, permissive, without its tools",
    // Where semanage keeps the rule that the receipt names.
    own: ["", ".bin"].map((end) => `file /etc/selinux/default/contexts/files/file_contexts.local${end}`),
    holds: `semanage fcontext -S default -l -C -n | grep -q '/releases/.*bin_t'
      matchpathcon -n /var/lib/trinity/Projects/trinity-335/releases/x-y/bin/worldserver | grep -q bin_t`,
  },
  {
    name: "proxy",
    what: "the internet through a proxy alone, with a login",
    config: {
      "trinitycore:core.source.repository": "https://git.example.net/core.git",
    },
    holds:
      "! grep -rq way-out@ /var/log/trinity-stack /var/lib/trinity-stack && ! grep -rq 'way-out%' /var/log/trinity-stack /var/lib/trinity-stack",
  },
  {
    name: "noexec",
    what: "/var is mounted noexec",
    quick: true,
    refused: ["build: /var is mounted noexec, so that nothing in /var/lib/trinity", "mount -o remount,exec /var"],
  },
  { name: "noexec-tmp", what: "/tmp, /var/tmp, /dev/shm and /run are mounted noexec" },
];
