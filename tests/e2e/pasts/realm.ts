import type { Past } from "./past";

const servers: readonly Past[] = [
  { name: "in-use", what: "it does other work already", quick: true },
  {
    name: "hardened",
    what: "dev-sec's baselines, applied again after `up` as they are every night",
    holds: "harden && [ $(getent passwd trinity | cut -d: -f7) = /usr/sbin/nologin ]",
  },
  {
    name: "no-namespaces",
    what: "a container that may not nest: no sandbox can be made",
    refused: [
      /systemd cannot make the sandbox of authserver\.service on this host \(status 226\/NAMESPACE: Failed to set up mount namespacing: /,
      "this host is a container (systemd-nspawn): let it nest",
      "in a drop-in of your own, which the stack leaves alone: systemctl edit authserver.service",
    ],
  },
];

/** Realms and servers that somebody else set up. */
const formerRealms: readonly Past[] = [
  {
    name: "wiki-page",
    what: "a realm that somebody built from the wiki page",
    refused: [
      "a realm that somebody else set up is on this host",
      "pulumi config set --path trinitycore:host.adopt true",
      /tc-335-auth\.service \(running since .*\) starts \S+\/run\/bin\/authserver/,
      /tc-335-world\.service \(running since .*\) starts \S+\/run\/bin\/worldserver/,
      "/var/lib/trinity/Projects/trinity-335/run is a folder",
      "hold 2 accounts and 3 characters",
      "its game data is in /var/lib/trinity/Projects/trinity-335/run/bin (dbc maps vmaps mmaps Cameras)",
      "tc-335-restart.timer (on), tc-335-stop.timer (on), tc-335-up-post.timer (on), tc-335-up.timer (on)",
      "authserver-db.timer (on), characters-db.timer (on)",
      "2 backups of its databases, the newest /root/backups/",
      "3443/tcp 7878/tcp",
    ],
  },
  {
    name: "worldserver-in-screen",
    what: "a worldserver that runs in somebody's screen",
    refused: [
      /8085\/tcp is held by worldserver \(\/home\/player\/server\/bin\/worldserver, process \d+, user player, .*in screen, since .*\); stop it, or choose another port: pulumi config set --path trinitycore:realms\.wotlk\.port/,
    ],
  },
  {
    name: "half-a-build",
    what: "a build that somebody began by hand, as root",
    expectWords: [
      /\/src is a checkout of somebody else's \(root\): it is taken as it is/,
      /\/build is a build tree of somebody else's: it is moved aside/,
    ],
    holds: `cd /var/lib/trinity/Projects/trinity-335 && grep -q '^+// mine' src.changes-*.patch && test -f build.before-*/CMakeCache.txt`,
  },
];

export const realm: readonly Past[] = [...servers, ...formerRealms];
