/** Reaching the server, the realm, and the two servers' own settings. */
import type { Cases } from "./cases-build";
import { ed25519, privateKey, rsa } from "./source";

const portCases = (standard: string) => ({
  takes: [standard, "65535", "1025"],
  refuses: [
    ["0", /whole number from 1 to 65535, not "0"/],
    ["65536", /65535/],
    ["-1", /65535/],
    ["80.5", /65535/],
    ["http", /not "http"/],
    ["", /whole number/],
    [" 8085", /whole number/],
    ["0x50", /whole number/],
  ] as const,
});

const networkCases = {
  takes: [
    "[]",
    '["192.168.1.0/24"]',
    '["10.0.0.0/8","fd00::/8"]',
    '["127.0.0.1/32"]',
    '["::1/128"]',
    '["::ffff:10.0.0.0/104"]',
  ],
  refuses: [
    ["192.168.1.0/24", /must be a list/],
    ['{"a":"b"}', /must be a list/],
    ["[1]", /must be a list/],
    ['["192.168.1.5/24"]', /"192.168.1.5\/24" has bits beyond its prefix; its network is 192.168.1.0\/24/],
    ['["10.1.2.3/0"]', /everyone/],
    ['["fd00::1:2/64"]', /its network is fd00::\/64/],
    ['["192.168.1.1"]', /needs a prefix length; this address alone is 192.168.1.1\/32/],
    ['["192.168.1.0/33"]', /from 1 to 32/],
    ['["fd00::/129"]', /from 1 to 128/],
    ['["lan"]', /is not a network/],
    ['["192.168.1/24"]', /is not a network/],
    ['["10.0.0.0/8","10.0.0.0/8"]', /listed twice/],
  ] as const,
};

const hostCases = [
  ["bad_name", /is not a host name/],
  ["-a.net", /is not a host name/],
  ["a..net", /is not a host name/],
  ["a b", /is not a host name/],
  [`${"a".repeat(64)}.net`, /is not a host name/],
  ["10.0.0.300", /is not an IPv4 address/],
  ["10.0.0", /is not an IPv4 address/],
] as const;

const settingsCases = (own: readonly (readonly [string, RegExp])[]) => ({
  takes: [
    "{}",
    '{"Motd":"Grüße an alle; # = \'x\' \\\\ $HOME"}',
    '{"Rate.XP.Kill":2.5,"PlayerLimit":100,"X_y":true}',
    '{"BindIP":"::"}',
    '{"BindIP":"10.0.0.1"}',
  ],
  refuses: [
    ["Motd = x", /must be a map of names and values, each set alone:\n.*settings\["NAME"\]' …$/],
    ["[]", /must be a map/],
    ['{"Motd":"say \\"hi\\""}', /^\S+\.Motd: may not contain '"': the server drops it$/],
    ['{"Motd":"a\\nb"}', /Motd: may not contain control characters or line breaks/],
    ['{"Motd":"a\\u0000b"}', /Motd: may not contain control/],
    ['{"Motd":"a\\ud800b"}', /Motd: may not contain control/],
    ['{"Mo td":"x"}', /\["Mo td"\]: is not the name of a setting/],
    ['{"":"x"}', /\[""\]: is not the name of a setting/],
    ['{"a\\nb":"x"}', /\["a\?b"\]: is not the name of a setting/],
    ['{"Motd":{"a":"b"}}', /Motd: must be text, a number, true or false/],
    ['{"Motd":null}', /Motd: must be text/],
    ['{"UseProcessors":12345678901234567890}', /UseProcessors: must be text/],
    ['{"BindIP":"localhost"}', /BindIP: must be a numeric address/],
    ['{"TOTPMasterSecret":"abc"}', /set by the stack: use trinitycore:login.totpMasterSecret$/],
    ['{"LoginDatabaseInfo":"x"}', /set by the stack: use trinitycore:login.database$/],
    ['{"logsdir":"x"}', /set by the stack: it follows from trinitycore:host.user.home/],
    ['{"Updates.EnableDatabases":7}', /set by the stack: the stack migrates/],
    ...own,
  ] as const,
});

export const serverCases: Cases = {
  "host.address": {
    takes: ["wow.example.net", "localhost", "10.0.0.5", "WOW-1.example.net"],
    refuses: [
      ["", /missing.*trinitycore:host.address/],
      ["wow.example.net:22", /the port goes to trinitycore:host.ssh.port/],
      ["[fd00::1]:22", /the port goes to trinitycore:host.ssh.port/],
      ["root@wow.example.net", /the user goes to trinitycore:host.ssh.user/],
      ["ssh://wow.example.net", /not a URL/],
      ...hostCases,
    ],
  },
  "host.key": {
    takes: [ed25519, rsa, `${ed25519} root@wow`],
    refuses: [
      [
        "",
        /missing.*npm run realm -- host-key wow.example.net`.*\npulumi config set --path trinitycore:host.key 'ssh-ed25519 AAAA…'/,
      ],
      ["SHA256:abcdef", /is a fingerprint/],
      [ed25519.slice(0, -6), /cut off or mistyped/],
      [ed25519.replace("AAAA", "AAAB"), /cut off or mistyped/],
      ["ssh-ed25519", /cut off or mistyped/],
      [`ssh-rsa ${ed25519.split(" ")[1]}`, /cut off or mistyped/],
      [`wow.example.net ${ed25519}`, /begins with a host name/],
      [`${ed25519}\n${rsa}`, /one key on one line/],
      ["ssh-dss AAAA", /is not a public key/],
      [privateKey(), /is a private key/],
    ],
  },
  "host.ssh.user": {
    takes: ["root", "Admin.1"],
    refuses: [
      ["a b", /is not a user name/],
      ["-o", /is not a user name/],
      ["", /empty/],
    ],
  },
  "host.ssh.port": portCases("22"),
  "host.ssh.jumpPort": portCases("22"),
  "host.ssh.agent": {
    takes: ["true"],
    refuses: [
      ["yes", /must be true or false, not "yes"/],
      ["", /true or false/],
      ["1", /true or false/],
    ],
  },
  "host.ssh.agentKey": {
    takes: ["", "me@laptop", "/home/me/.ssh/id_ed25519", "SHA256:eVTQpx7Fvv6U0DwLqRxuhBHSzroAU8hzW+hlB30KVsA", ed25519],
    refuses: [["a\nb", /control characters or line breaks/]],
  },
  "host.adopt": { takes: ["true", "false"], refuses: [["yes", /true or false/]] },
  "host.takeover": { takes: ["true", "false"], refuses: [["True", /true or false/]] },
  "realms.wotlk.id": {
    takes: ["1", "7"],
    refuses: [
      ["0", /from 1/],
      ["2147483648", /to 2147483647/],
    ],
  },
  "realms.wotlk.name": {
    takes: ["RoE (WotLK)", "ä".repeat(32), "😀".repeat(32), "O'Neill"],
    refuses: [
      ["x".repeat(33), /32 characters/],
      ["a\nb", /control/],
      [" a", /space/],
      ["", /empty/],
      ["a\u200eb", /control/],
      ['{"a":1}', /not a map/],
    ],
  },
  "realms.wotlk.address": {
    takes: ["", "wow.example.net", "10.0.0.5"],
    refuses: [["::1", /knows no IPv6/], ...hostCases],
  },
  "realms.wotlk.localAddress": { takes: ["192.168.1.5"], refuses: [["fd00::1", /knows no IPv6/], ...hostCases] },
  "realms.wotlk.localSubnetMask": {
    takes: ["255.255.255.0", "255.255.255.255", "255.0.0.0", "255.255.240.0"],
    refuses: [
      ["255.0.255.0", /is not an IPv4 mask/],
      ["0.0.0.0", /mask/],
      ["24", /mask/],
      ["255.255.255", /mask/],
      ["255.255.255.1", /mask/],
    ],
  },
  "realms.wotlk.port": portCases("8085"),
  "realms.wotlk.allowedSecurityLevel": { takes: ["0", "3"], refuses: [["4", /from 0 to 3/]] },
  "realms.wotlk.gamebuild": { takes: ["12340"], refuses: [["3.3.5", /whole number/]] },
  "login.port": portCases("3724"),
  "login.settings": settingsCases([['{"RealmServerPort":1}', /use trinitycore:login.port/]]),
  "realms.wotlk.settings": settingsCases([
    ['{"WorldServerPort":1}', /use trinitycore:realms.wotlk.port/],
    ['{"RealmID":1}', /use trinitycore:realms.wotlk.id/],
    ['{"DataDir":"x"}', /trinitycore:host.user.home/],
    ['{"SourceDirectory":"x"}', /trinitycore:host.user.home/],
    ['{"MySQLExecutable":"x"}', /the distribution/],
    ['{"PidFile":"x"}', /systemd/],
    ['{"Console.Enable":1}', /trinitycore:realms.wotlk.console.networks/],
    ['{"Ra.Enable":1}', /use trinitycore:realms.wotlk.console.port/],
    ['{"SOAP.Enabled":1}', /use trinitycore:realms.wotlk.soap.port/],
    ['{"WorldDatabaseInfo":"x"}', /trinitycore:realms.wotlk.databases.world$/],
    ['{"CharacterDatabaseInfo":"x"}', /trinitycore:realms.wotlk.databases.characters$/],
  ]),
  "realms.wotlk.console.port": portCases("3443"),
  "realms.wotlk.console.networks": networkCases,
  "realms.wotlk.soap.port": portCases("7878"),
  // What listens on IPv4 alone is told between keys.
  "realms.wotlk.soap.networks": { ...networkCases, takes: networkCases.takes.filter((value) => !value.includes(":")) },
};
