/** The service user, the firewall, the source, the build, the databases and upkeep. */
import { ed25519, rsa } from "./source";

/** Every key that has a rule: texts it takes, and texts it refuses with what is said. */
export type Cases = Record<
  string,
  { takes: readonly string[]; refuses: readonly (readonly [text: string, says: RegExp])[] }
>;

const nameCases = {
  takes: ["trinity", "_wow", "wow-335"],
  refuses: [
    ["Trinity", /is not a Linux name/],
    ["3trinity", /is not a Linux name/],
    ["tri nity", /is not a Linux name/],
    ["a".repeat(33), /is not a Linux name/],
    ["", /may not be empty/],
    ["root", /may not be "root"/],
  ] as const,
};

const databaseCases = {
  takes: ["auth_2", "Auth-1", "x".repeat(64)],
  refuses: [
    ["", /may not be empty/],
    ["a`b", /is not a usable database/],
    ["a;b", /is not a usable database/],
    ["a b", /is not a usable database/],
    ["ä", /is not a usable database/],
    ["mysql", /MariaDB's own/],
  ] as const,
};

export const buildCases: Cases = {
  "host.user.name": nameCases,
  "host.user.group": { ...nameCases, refuses: [...nameCases.refuses, ["wheel", /rights of its own/]] },
  "host.user.home": {
    takes: ["/var/lib/trinity", "/srv/wow-3.3.5", "/home/trinity"],
    refuses: [
      ["trinity", /absolute path/],
      ["/", /absolute path/],
      ["/a b", /absolute path/],
      ["/a/../b", /absolute path/],
      ["/srv/", /absolute path/],
      ["/srv/x%n", /absolute/],
      ["/var/lib", /system/],
      ["/usr", /system/],
    ],
  },
  "host.firewall.kind": {
    takes: ["auto", "firewalld", "ufw", "none"],
    refuses: [
      ["iptables", /one of auto, firewalld, ufw, none, not "iptables"/],
      ["", /one of/],
    ],
  },
  "host.firewall.zone": {
    takes: ["", "public", "FedoraServer"],
    refuses: [
      ["a b", /zone of firewalld|firewalld zone/],
      ["x".repeat(18), /firewalld zone/],
    ],
  },
  "core.source.repository": {
    takes: [
      "https://github.com/TrinityCore/TrinityCore.git",
      "https://git.example.net:8443/x.git",
      "file:///srv/git/x.git",
      "/srv/git/x.git",
    ],
    refuses: [
      ["https://me:pw@git.example.net/x.git", /may hold no user or password.*trinitycore:core.source.deployKey/s],
      ["https://token@git.example.net/x.git", /may hold no user or password/],
      ["ssh://git:pw@git.example.net/x.git", /may hold no user or password/],
      ["http://git.example.net/x.git", /not protected/],
      ["git://git.example.net/x.git", /not protected/],
      ["https://git.example.net", /names no file or repository/],
      ["https://git.example.net/a b", /is not a usable URL/],
      ["github.com/x", /must be https/],
      ["../x", /must be https/],
      ["--upload-pack=x", /must be https/],
      ["-u@host:x", /must be https/],
      ["", /empty/],
    ],
  },
  "core.source.branch": {
    takes: ["3.3.5", "feature/x", "a-b_c"],
    refuses: [
      "-x",
      "a..b",
      "a b",
      "a~1",
      "a^",
      "a:b",
      "a?",
      "a*",
      "a[",
      "a\\b",
      "/a",
      "a/",
      "a//b",
      ".a",
      "x/.a",
      "a.lock",
      "a.",
      "@",
      "a@{1}",
      "ä",
      "a\nb",
    ].map((name) => [name, /is not the name of a git branch/] as const),
  },
  "core.source.commit": {
    takes: ["", "4f1c2ab90d3e4f1c2ab90d3e4f1c2ab90d3e4f1c", "4F1C2AB90D3E4F1C2AB90D3E4F1C2AB90D3E4F1C"],
    refuses: [
      ["4f1c2ab", /is short: give all 40 digits \(git rev-parse 4f1c2ab\)/],
      ["HEAD", /is not a commit/],
      ["4f1c2", /is not a commit/],
      ["g".repeat(40), /is not a commit/],
    ],
  },
  "core.source.patches": {
    takes: ["[]", '["patches/a.patch"]'],
    refuses: [
      ["a.patch", /must be a list/],
      ['["a","a"]', /listed twice/],
    ],
  },
  "core.source.customSql": {
    takes: ["", "sql", "/home/me/my sql"],
    refuses: [["a\nb", /may not contain control characters/]],
  },
  "core.source.knownHosts": {
    takes: ["", `git.example.net ${ed25519}\n# note\n\n@revoked h ${rsa}`],
    refuses: [
      ["git.example.net", /has a line/],
      [ed25519, /has a line/],
    ],
  },
  "core.build.compiler": { takes: ["clang", "gcc"], refuses: [["icc", /one of/]] },
  "core.build.type": { takes: ["Release"], refuses: [["release", /one of/]] },
  "core.build.options": {
    takes: ["{}", '{"TOOLS":0,"SCRIPTS":"static","USE_COREPCH":false}'],
    refuses: [
      ['{"TOOLS=1":"x"}', /is not the name of a cmake option/],
      ['{"-DTOOLS":"1"}', /is not the name of a cmake option/],
      ['{"CMAKE_INSTALL_PREFIX":"/x"}', /set by the stack: it follows from trinitycore:host.user.home/],
      ['{"CONF_DIR":"/x"}', /set by the stack/],
      ['{"CMAKE_BUILD_TYPE":"Debug"}', /use trinitycore:core.build.type/],
      ['{"CMAKE_CXX_COMPILER":"g++"}', /use trinitycore:core.build.compiler/],
      ['{"A":"x\\ny"}', /control characters or line breaks/],
      ["-DTOOLS=1", /must be a map/],
    ],
  },
  "core.build.jobs": {
    takes: ["0", "16"],
    refuses: [
      ["auto", /whole number/],
      ["257", /256/],
    ],
  },
  "login.database.name": databaseCases,
  "login.database.user": { ...databaseCases, refuses: [...databaseCases.refuses, ["root", /MariaDB's own/]] },
  "realms.wotlk.databases.characters.name": {
    takes: ["c2"],
    refuses: [
      ["x".repeat(65), /at most 64/],
      ["sys", /own/],
    ],
  },
  "realms.wotlk.databases.world.name": { takes: ["w2"], refuses: [["a/b", /is not a usable/]] },
  "databases.startEmpty": { takes: ["true", "false"], refuses: [["no", /true or false/]] },
  "databases.rotation": { takes: ["0", "7"], refuses: [["-1", /from 0 to 1000000/]] },
  "realms.wotlk.tdb.source": {
    takes: ["", "https://example.net/TDB.7z", "http://10.0.0.1/TDB.7z", "/var/tmp/TDB.sql"],
    refuses: [
      ["TDB.7z", /must be https/],
      ["ftp://x/y", /must be https/],
      ["https://a:b@example.net/x", /may hold no user or password/],
      ["https://example.net", /names no file/],
    ],
  },
  "realms.wotlk.tdb.sha256": { takes: ["", "a".repeat(64)], refuses: [["a".repeat(63), /is not a SHA-256 sum/]] },
  "core.releases.keep": { takes: ["1", "50"], refuses: [["0", /from 1 to 50/]] },
  "alerts.disk": {
    takes: ["0", "500"],
    refuses: [
      ["-1", /whole number/],
      ["1 GB", /whole number/],
    ],
  },
  "alerts.memory": { takes: ["0", "500"], refuses: [["-1", /whole number/]] },
  "metrics.folder": {
    takes: ["/var/lib/prometheus/node-exporter", ""],
    refuses: [
      ["metrics", /absolute path/],
      ["/etc", /belongs to the system/],
    ],
  },
  "backups.folder": {
    takes: ["/var/backups/trinity", "/srv/backups", "/mnt/disk-2/wow"],
    refuses: [
      ["backups", /absolute path/],
      ["/mnt/a b", /absolute path/],
      ["/var/lib", /system/],
      ["/home/me/backups", /folder of users/],
      ["/root/backups", /folder of users/],
      ["/tmp/backups", /that is emptied/],
      ["/var/tmp/backups", /that is emptied/],
      ["/run/backups", /that is emptied/],
      ["/var/lib/trinity/backups", /is not apart from trinitycore:host.user.home, which is \/var\/lib\/trinity/],
      ["", /empty/],
    ],
  },
  "host.logs.schedule": {
    // What is one, the host's systemd decides.
    takes: ["daily", "Sun *-*-* 03:00:00", "Mon..Fri *-*-01/2 0:0/5:00 Europe/Berlin", "@1234", "*-*~1", "3am"],
    refuses: [
      ["*-*-* 03:00\n04:00", /is not a systemd calendar expression/],
      ["$(id)", /is not a systemd calendar expression/],
      ["--help", /is not a systemd calendar expression/],
      [" 03:00", /is not a systemd calendar expression/],
      ["", /empty/],
    ],
  },
  restarts: { takes: ["now", "announce", "window"], refuses: [["later", /must be one of now, announce, window/]] },
  "announce.seconds": { takes: ["5", "3600"], refuses: [["4", /from 5 to 3600/]] },
  "window.schedule": { takes: ["Sat,Sun 05:00"], refuses: [["at night!", /is not a systemd calendar expression/]] },
  "window.minutes": { takes: ["5", "1440"], refuses: [["0", /from 5 to 1440/]] },
  "update.schedule": { takes: ["nightly", "manual"], refuses: [["weekly", /must be one of nightly, manual/]] },
  "update.build": { takes: ["Sat 01:00"], refuses: [["at night!", /is not a systemd calendar expression/]] },
  "update.live": { takes: ["Sun 03:00"], refuses: [["", /empty/]] },
  "update.jobs": { takes: ["0", "8"], refuses: [["-1", /from 0 to 256/]] },
  "host.logs.keepDays": { takes: ["30"], refuses: [["30d", /whole number/]] },
};
