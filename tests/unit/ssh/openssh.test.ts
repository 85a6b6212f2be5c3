import { homedir } from "node:os";
import { keyIn, sshTarget, targetIn } from "../../../ssh/openssh";
import { ed25519, rsa } from "../settings/source";

/** The lines of `ssh -G` that matter, as OpenSSH 9.2 prints them beside some sixty others. */
const printed = (...more: string[]) =>
  [
    "host wow",
    "user ops",
    "hostname wow.example.net",
    "port 22",
    "identitiesonly no",
    "stricthostkeychecking ask",
    ...["rsa", "ecdsa", "ecdsa_sk", "ed25519"].map((type) => `identityfile ~/.ssh/id_${type}`),
    "globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
    "userknownhostsfile /home/me/.ssh/known_hosts /home/me/.ssh/known_hosts2",
    "addkeystoagent false",
    ...more,
    "",
  ].join("\n");

/** ssh takes the first line of a kind, and so does it print one alone. */
const instead = (...lines: string[]) => {
  const keys = lines.map((line) => line.split(" ")[0]);
  const kept = printed()
    .split("\n")
    .filter((line) => !keys.includes(line.split(" ")[0]));
  return [...kept, ...lines].join("\n");
};

describe("what `ssh -G` prints", () => {
  it("is the way to a host of which the settings say nothing", () => {
    expect(targetIn(printed(), "wow")).toEqual({
      alias: "wow",
      host: "wow.example.net",
      port: 22,
      user: "ops",
      keyFiles: ["rsa", "ecdsa", "ecdsa_sk", "ed25519"].map((type) => `${homedir()}/.ssh/id_${type}`),
      onlyTheseKeys: false,
      agent: undefined,
      knownAs: "wow.example.net",
      knownHosts: [
        ...["known_hosts", "known_hosts2"].map((file) => `/home/me/.ssh/${file}`),
        ...["ssh_known_hosts", "ssh_known_hosts2"].map((file) => `/etc/ssh/${file}`),
      ],
      jump: undefined,
    });
  });

  it.each<[string, string, Partial<ReturnType<typeof targetIn>>]>([
    [
      "another port, which known_hosts has in brackets",
      instead("port 2222"),
      { port: 2222, knownAs: "[wow.example.net]:2222" },
    ],
    ["an alias in known_hosts, which has no port", instead("port 2222", "hostkeyalias realm"), { knownAs: "realm" }],
    [
      "one key alone",
      instead("identityfile /keys/a", "identitiesonly yes"),
      { keyFiles: ["/keys/a"], onlyTheseKeys: true },
    ],
    [
      "a key's name that follows the host",
      instead("identityfile %d/%r-%h-%p%%"),
      { keyFiles: [`${homedir()}/ops-wow.example.net-22%`] },
    ],
    ["no agent", printed("identityagent none"), { agent: "none" }],
    ["an agent of its own", printed("identityagent ~/agent.sock"), { agent: `${homedir()}/agent.sock` }],
    ["the usual agent, by name", printed("identityagent SSH_AUTH_SOCK"), { agent: undefined }],
    ["a jump host", printed("proxyjump me@gate:2200"), { jump: "me@gate:2200" }],
    ["no jump host, said so", printed("proxyjump none", "proxycommand none"), { jump: undefined }],
  ])("has %s", (_, text, expected) => {
    expect(targetIn(text, "wow")).toMatchObject(expected);
  });

  it.each([
    [
      "a program in between",
      "proxycommand nc %h %p",
      /^ssh reaches wow through a program \(ProxyCommand nc %h %p\).*ProxyJump/,
    ],
    [
      "several jump hosts",
      "proxyjump a,b",
      /^ssh reaches wow through several jump hosts \(ProxyJump a,b\), and .* one only; set ProxyJump to one that .*, or run the stack on/,
    ],
  ])("is refused with %s", (_, line, says) => {
    expect(() => targetIn(printed(line), "wow")).toThrow(says);
  });
});

describe("ssh on this machine", () => {
  it.each([
    ["me@gate:2200", { user: "me", host: "gate", port: 2200 }],
    ["ssh://me@[2001:db8::1]:2200", { user: "me", host: "2001:db8::1", port: 2200 }],
    ["gate", { host: "gate", port: 22 }],
  ])("is asked for %s", (name, expected) => {
    expect(sshTarget(name, "/dev/null")).toMatchObject(expected);
  });

  it.each([
    [
      "a file of settings that is not there",
      "wow",
      "/nonexistent",
      /^ssh does not understand "wow": Can't open user config/,
    ],
    ["a name that is an option", "-oProxyCommand=true", "/dev/null", /^ssh does not understand "-oProxyCommand=true"/],
  ])("says what is wrong with %s", (_, name, file, says) => {
    expect(() => sshTarget(name, file)).toThrow(says);
  });

  it("is missed by its name where there is none", () => {
    const { PATH } = process.env;
    process.env.PATH = "/nonexistent";
    try {
      expect(() => sshTarget("wow")).toThrow(/^there is no program ssh here; install OpenSSH's client/);
    } finally {
      process.env.PATH = PATH;
    }
  });
});

describe("the key in lines of known_hosts", () => {
  it.each([
    ["is the best of several", `wow ${rsa}\nwow ${ed25519} me@here\n`, ed25519],
    ["is found under a hashed name", `# Host wow found: line 3\n|1|abc=|def= ${rsa}\n`, rsa],
    ["is none that is revoked, nor an authority's", `@revoked wow ${ed25519}\n@cert-authority * ${rsa}\n`, undefined],
    ["is none that is cut off", `wow ${ed25519.slice(0, 40)}\n`, undefined],
    ["is none where there is no line", "", undefined],
  ])("%s", (_, lines, expected) => {
    expect(keyIn(lines)).toBe(expected);
  });
});
