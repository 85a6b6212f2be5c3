import { ed25519, privateKey, problems, rsa } from "./source";

describe("keys that do not go together", () => {
  const ssh = { "source.repository": "git@git.example.net:core.git" };
  const key = privateKey();
  const locked = privateKey("aes256-ctr");
  it.each<[string, Record<string, string>, string[], string[]]>([
    [
      "two ports",
      { "soap.port": "8085" },
      [],
      ["soap.port: 8085 is also trinitycore:realm.port; each needs a port of its own"],
    ],
    [
      "sshd's port",
      { "ssh.port": "3724" },
      [],
      ["authserver.port: 3724 is also trinitycore:ssh.port; each needs a port of its own"],
    ],
    [
      "auth and console port",
      { "console.port": "3724" },
      [],
      ["console.port: 3724 is also trinitycore:authserver.port; each needs a port of its own"],
    ],
    [
      "two databases",
      { "databases.world.name": "Characters" },
      [],
      [
        "databases.world.name: characters is also trinitycore:databases.characters.name; each needs a database of its own",
      ],
    ],
    [
      "two database users",
      { "databases.auth.user": "characters" },
      [],
      ["databases.characters.user: characters is also trinitycore:databases.auth.user; each needs a user of its own"],
    ],
    [
      "the service user",
      { "databases.auth.user": "trinity" },
      [],
      ["databases.auth.user: trinity is also trinitycore:user.name; each needs a user of its own"],
    ],
    [
      "no way to log in",
      { "ssh.agent": "false" },
      [],
      [expect.stringMatching(/^ssh.privateKey: missing.*< ~\/.ssh\/id_ed25519\n.*ssh.agent true$/s)],
    ],
    [
      "one key of an agent that is not asked",
      { "ssh.agent": "false", "ssh.privateKey": key, "ssh.agentKey": "me@laptop" },
      ["ssh.privateKey"],
      [expect.stringMatching(/^ssh.agentKey: is for a login with the agent:\n.*ssh.agent true$/s)],
    ],
    ["one key of the agent", { "ssh.agentKey": "me@laptop" }, [], []],
    ["a key instead of the agent", { "ssh.agent": "false", "ssh.privateKey": key }, ["ssh.privateKey"], []],
    [
      "a locked key",
      { "ssh.privateKey": locked },
      ["ssh.privateKey"],
      [expect.stringMatching(/^ssh.privateKeyPassphrase: missing, and the private key asks for one/)],
    ],
    [
      "a locked old key",
      { "ssh.privateKey": key.replaceAll("OPENSSH", "ENCRYPTED") },
      ["ssh.privateKey"],
      [expect.stringMatching(/^ssh.privateKeyPassphrase: missing/)],
    ],
    [
      "a locked key, unlocked",
      { "ssh.privateKey": locked, "ssh.privateKeyPassphrase": "x" },
      ["ssh.privateKey", "ssh.privateKeyPassphrase"],
      [],
    ],
    [
      "a passphrase alone",
      { "ssh.privateKeyPassphrase": "x" },
      ["ssh.privateKeyPassphrase"],
      ["ssh.privateKeyPassphrase: is for trinitycore:ssh.privateKey, which is not set"],
    ],
    [
      "a jump host without key",
      { "ssh.jumpHost": "jump.example.net" },
      [],
      [expect.stringMatching(/^ssh.jumpHostKey: missing.*host-key jump.example.net/)],
    ],
    ["a jump host with key", { "ssh.jumpHost": "jump.example.net", "ssh.jumpHostKey": rsa }, [], []],
    [
      "a jump over itself",
      { "ssh.jumpHost": "wow.example.net", "ssh.jumpHostKey": rsa },
      [],
      ["ssh.jumpHost: is the server itself"],
    ],
    ["IPv6 for players", { host: "fd00::1" }, [], [expect.stringMatching(/^realm.address: missing: players connect/)]],
    [
      "a zone for ufw",
      { "firewall.zone": "public", "firewall.kind": "ufw" },
      [],
      ["firewall.zone: is for firewalld; trinitycore:firewall.kind is ufw"],
    ],
    [
      "IPv6 for SOAP, which knows none",
      { "soap.networks": '["10.0.0.0/8","fd00::/8"]', "console.networks": '["fd00::/8"]' },
      [],
      [expect.stringMatching(/^soap.networks: names an IPv6 network, .* listens on IPv4 alone: .*ssh -L 7878/)],
    ],
    [
      "a console on both of the server's own addresses",
      { "console.networks": '["127.0.0.0/8","::1/128"]' },
      [],
      [expect.stringMatching(/^console.networks: names both 127.x and ::1/)],
    ],
    [
      "git over SSH, nothing else",
      ssh,
      [],
      [
        expect.stringMatching(/^source.deployKey: missing/),
        expect.stringMatching(/^source.knownHosts: missing.*ssh-keyscan git.example.net`/),
      ],
    ],
    [
      "git over ssh://",
      { "source.repository": "ssh://git@h.example.net:2222/core.git", "source.knownHosts": `h ${ed25519}` },
      [],
      [expect.stringMatching(/^source.deployKey: missing/)],
    ],
    [
      "git over SSH, complete",
      { ...ssh, "source.deployKey": key, "source.knownHosts": `git.example.net ${ed25519}` },
      ["source.deployKey"],
      [],
    ],
    [
      "a key for https",
      { "source.deployKey": key },
      ["source.deployKey"],
      [expect.stringMatching(/^source.deployKey: is for ssh/)],
    ],
    [
      "a bad port beside an equal one",
      { "realm.port": "0", "soap.port": "3443" },
      [],
      [expect.stringMatching(/^realm.port: must/), expect.stringMatching(/^soap.port: 3443 is also/)],
    ],
  ])("%s", (_, values, secrets, expected) => expect(problems(values, secrets)).toEqual(expected));

  it("patches that are not there", () => {
    const found = problems({ "source.patches": '["here.patch","gone.patch"]' }, [], {
      exists: (path) => path === "here.patch",
    });
    expect(found).toEqual(['source.patches: "gone.patch" is not a file that can be read on this machine']);
  });
});
