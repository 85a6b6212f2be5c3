import { ed25519, privateKey, problems, rsa } from "./source";

describe("keys that do not go together", () => {
  const ssh = { "core.source.repository": "git@git.example.net:core.git" };
  const key = privateKey();
  const locked = privateKey("aes256-ctr");
  it.each<[string, Record<string, string>, string[], string[]]>([
    [
      "two ports",
      { "realms.wotlk.soap.port": "8085" },
      [],
      ["realms.wotlk.soap.port: 8085 is also trinitycore:realms.wotlk.port; each needs a port of its own"],
    ],
    [
      "sshd's port",
      { "host.ssh.port": "3724" },
      [],
      ["login.port: 3724 is also trinitycore:host.ssh.port; each needs a port of its own"],
    ],
    [
      "auth and console port",
      { "realms.wotlk.console.port": "3724" },
      [],
      ["realms.wotlk.console.port: 3724 is also trinitycore:login.port; each needs a port of its own"],
    ],
    [
      "two databases",
      { "realms.wotlk.databases.world.name": "Characters" },
      [],
      [
        "realms.wotlk.databases.world.name: characters is also trinitycore:realms.wotlk.databases.characters.name; each needs a database of its own",
      ],
    ],
    [
      "the realm within the backups",
      { "backups.folder": "/srv/all", "host.user.home": "/srv/all/trinity" },
      [],
      ["backups.folder: is not apart from trinitycore:host.user.home, which is /srv/all/trinity"],
    ],
    [
      "the backups' user for a database",
      { "login.database.user": "trinity-backup" },
      [],
      ['login.database.user: may not be "trinity-backup": the backups have that user'],
    ],
    [
      "two ways for alerts",
      { "alerts.webhook": "https://hooks.example.net/", "alerts.command": "tell" },
      ["alerts.webhook", "alerts.command"],
      ["alerts.command: is set beside trinitycore:alerts.webhook: alerts go one way; take one of the two out"],
    ],
    [
      "a night that builds when it should go live",
      { "update.schedule": "nightly", "update.live": "*-*-* 01:00:00" },
      [],
      [
        "update.live: is *-*-* 01:00:00, as trinitycore:update.build is: a build takes a while, so let it go live later",
      ],
    ],
    ["the same without nights", { "update.live": "*-*-* 01:00:00" }, [], []],
    ["folders that only begin alike", { "backups.folder": "/var/lib/trinity-backups" }, [], []],
    [
      "two database users",
      { "login.database.user": "characters" },
      [],
      [
        "realms.wotlk.databases.characters.user: characters is also trinitycore:login.database.user; each needs a user of its own",
      ],
    ],
    [
      "the service user",
      { "login.database.user": "trinity" },
      [],
      ["login.database.user: trinity is also trinitycore:host.user.name; each needs a user of its own"],
    ],
    [
      "no way to log in",
      { "host.ssh.agent": "false" },
      [],
      [expect.stringMatching(/^host.ssh.privateKey: missing.*< ~\/.ssh\/id_ed25519\n.*ssh.agent true$/s)],
    ],
    [
      "one key of an agent that is not asked",
      { "host.ssh.agent": "false", "host.ssh.privateKey": key, "host.ssh.agentKey": "me@laptop" },
      ["host.ssh.privateKey"],
      [expect.stringMatching(/^host.ssh.agentKey: is for a login with the agent:\n.*ssh.agent true$/s)],
    ],
    ["one key of the agent", { "host.ssh.agentKey": "me@laptop" }, [], []],
    [
      "a key instead of the agent",
      { "host.ssh.agent": "false", "host.ssh.privateKey": key },
      ["host.ssh.privateKey"],
      [],
    ],
    [
      "a locked key",
      { "host.ssh.privateKey": locked },
      ["host.ssh.privateKey"],
      [expect.stringMatching(/^host.ssh.privateKeyPassphrase: missing, and the private key needs one/)],
    ],
    [
      "a locked old key",
      { "host.ssh.privateKey": key.replaceAll("OPENSSH", "ENCRYPTED") },
      ["host.ssh.privateKey"],
      [expect.stringMatching(/^host.ssh.privateKeyPassphrase: missing/)],
    ],
    [
      "a locked key, unlocked",
      { "host.ssh.privateKey": locked, "host.ssh.privateKeyPassphrase": "x" },
      ["host.ssh.privateKey", "host.ssh.privateKeyPassphrase"],
      [],
    ],
    [
      "a passphrase alone",
      { "host.ssh.privateKeyPassphrase": "x" },
      ["host.ssh.privateKeyPassphrase"],
      ["host.ssh.privateKeyPassphrase: is for trinitycore:host.ssh.privateKey, which is not set"],
    ],
    [
      "a jump host without key",
      { "host.ssh.jumpHost": "jump.example.net" },
      [],
      [expect.stringMatching(/^host.ssh.jumpHostKey: missing.*host-key jump.example.net/)],
    ],
    ["a jump host with key", { "host.ssh.jumpHost": "jump.example.net", "host.ssh.jumpHostKey": rsa }, [], []],
    [
      "a jump over itself",
      { "host.ssh.jumpHost": "wow.example.net", "host.ssh.jumpHostKey": rsa },
      [],
      ["host.ssh.jumpHost: is the host itself"],
    ],
    [
      "IPv6 for players",
      { "host.address": "fd00::1" },
      [],
      [expect.stringMatching(/^realms.wotlk.address: missing: players connect/)],
    ],
    [
      "a zone for ufw",
      { "host.firewall.zone": "public", "host.firewall.kind": "ufw" },
      [],
      ["host.firewall.zone: is for firewalld; trinitycore:host.firewall.kind is ufw"],
    ],
    [
      "IPv6 for SOAP, which knows none",
      { "realms.wotlk.soap.networks": '["10.0.0.0/8","fd00::/8"]', "realms.wotlk.console.networks": '["fd00::/8"]' },
      [],
      [
        expect.stringMatching(
          /^realms.wotlk.soap.networks: names an IPv6 network, .* listens on IPv4 alone: .*ssh -L 7878/,
        ),
      ],
    ],
    [
      "a console on both of the host's own addresses",
      { "realms.wotlk.console.networks": '["127.0.0.0/8","::1/128"]' },
      [],
      [expect.stringMatching(/^realms.wotlk.console.networks: names both 127.x and ::1/)],
    ],
    [
      "git over SSH, nothing else",
      ssh,
      [],
      [
        expect.stringMatching(/^core.source.deployKey: missing/),
        expect.stringMatching(/^core.source.knownHosts: missing.*ssh-keyscan git.example.net`/),
      ],
    ],
    [
      "git over ssh://",
      { "core.source.repository": "ssh://git@h.example.net:2222/core.git", "core.source.knownHosts": `h ${ed25519}` },
      [],
      [expect.stringMatching(/^core.source.deployKey: missing/)],
    ],
    [
      "git over SSH, complete",
      { ...ssh, "core.source.deployKey": key, "core.source.knownHosts": `git.example.net ${ed25519}` },
      ["core.source.deployKey"],
      [],
    ],
    [
      "a key for https",
      { "core.source.deployKey": key },
      ["core.source.deployKey"],
      [expect.stringMatching(/^core.source.deployKey: is for ssh/)],
    ],
    [
      "a bad port beside an equal one",
      { "realms.wotlk.port": "0", "realms.wotlk.soap.port": "3443" },
      [],
      [
        expect.stringMatching(/^realms.wotlk.port: must/),
        expect.stringMatching(/^realms.wotlk.soap.port: 3443 is also/),
      ],
    ],
  ])("%s", (_, values, secrets, expected) => expect(problems(values, secrets)).toEqual(expected));

  it("patches that are not there", () => {
    const found = problems({ "core.source.patches": '["here.patch","gone.patch"]' }, [], {
      exists: (path) => path === "here.patch",
    });
    expect(found).toEqual(['core.source.patches: "gone.patch" is not a file that can be read on this machine']);
  });
});
