/**
 * Every key of the stack config: its rule, default, sentence, unit, and the servers that a change restarts.
 * `npm run docs` makes the block in Pulumi.yaml and the table in docs/config.md from it.
 */
import { account, masterSecret } from "./accounts";
import * as keys from "./key-rules";
import * as network from "./network";
import * as rules from "./rules";
import { unattended } from "./unattended";
import { flag, integer, type Key, list, map, oneOf, port, required, type ServerSettings, secret, text } from "./values";

const both = { restarts: ["authserver", "worldserver"] } as const;
const login = { restarts: ["authserver"] } as const;
const world = { restarts: ["worldserver"] } as const;
const lower = (value: string): string => value.toLowerCase();

const database = (name: string, sentence: string, users: typeof both | typeof world) => ({
  name: text(rules.databaseName, `${sentence}; it keeps this name`, { default: name }),
  user: text(rules.databaseUser, "Its user", { default: name, ...users }),
  password: secret(rules.password, "That user's password; made at random when not set", users),
});

const conf = (name: string, about: typeof login | typeof world) =>
  map<ServerSettings>(rules.serverSetting, `Further settings of ${name}, \`name: value\`; single ones may be secret`, {
    ...about,
    secretEntries: true,
  });

const host = {
  address: required(network.sshHost, "The host's name or address for SSH. Must be set"),
  key: required(
    keys.hostKey,
    "The host's public SSH key, `ssh-ed25519 AAAA…` (`npm run realm -- host-key HOST` prints it). Must be set",
  ),
  takeover: flag("Take over a host that another stack owns"),
  adopt: flag("Take over a realm that somebody else set up on the host; the preview says what becomes of each part"),
  ssh: {
    user: text(rules.sshUser, "User to log in as; root, or one who may use sudo without a password", {
      default: "root",
    }),
    port: port(22, "Port of the host's sshd"),
    privateKey: secret(keys.privateKey, "Text of the private key to log in with", { tidy: keys.tidyPrivateKey }),
    privateKeyPassphrase: secret(rules.passphrase, "Passphrase of the private key"),
    agent: flag("Log in with the keys of the running ssh-agent"),
    agentKey: text(rules.printable, "Which key of the agent: its comment, fingerprint or public key; empty for any"),
    jumpHost: text(network.sshHost, "Host to go through; empty for a direct connection"),
    jumpPort: port(22, "Port of the jump host's sshd"),
    jumpUser: text(rules.sshUser, "User on the jump host; empty for the one of `host.ssh.user`"),
    jumpHostKey: text(keys.hostKey, "Public SSH key of the jump host; must be set when there is one", {
      tidy: keys.tidyHostKey,
    }),
  },
  user: {
    name: text(rules.userName, "User that builds and runs the servers", { default: "trinity", ...both }),
    group: text(rules.groupName, "That user's group", { default: "trinity", ...both }),
    home: text(rules.home, "That user's home; the realm is below it in Projects/trinity-335", {
      default: "/var/lib/trinity",
      ...both,
    }),
  },
  firewall: {
    kind: oneOf(
      ["auto", "firewalld", "ufw", "none"],
      "auto",
      "firewalld, ufw, none (leave the firewall alone), or auto for the one that is active (none is started unasked)",
    ),
    zone: text(rules.zone, "Zone of firewalld; empty for its default zone"),
  },
  logs: {
    schedule: text(rules.schedule, "When to rotate the servers' logs (systemd calendar syntax)", {
      default: "*-*-* 03:00:00",
    }),
    keepDays: integer([1, 3650], 30, "How long to keep them", { unit: "days" }),
  },
};

/** A map whose names the operator chooses, each with the same keys. */
export class Named<T extends Tree> {
  constructor(
    readonly sentence: string,
    readonly keys: T,
  ) {}
}

const authserver = {
  port: port(3724, "Port of the authserver", login),
  settings: conf("authserver.conf", login),
  database: database("authserver", "Database of the accounts", both),
  totpMasterSecret: secret(
    masterSecret,
    "What the core encrypts the accounts' two-factor secrets with, 32 hexadecimal digits; made at random when not set",
    { tidy: (value) => value.toUpperCase().padStart(32, "0"), ...both },
  ),
  accounts: new Named("Game accounts, each by its name of 16 ASCII characters at most", account),
};

const core = {
  source: {
    repository: text(
      keys.repository,
      "Where the source comes from (https://, ssh://, git@host:, file:// or a path on the host)",
      { default: "https://github.com/TrinityCore/TrinityCore.git", ...both },
    ),
    branch: text(keys.branch, "Branch to build", { default: "3.3.5", ...both }),
    commit: text(
      keys.commit,
      "Commit to stay at, all 40 digits; empty for the branch's newest, at first and as `update.schedule` has it",
      { tidy: lower, ...both },
    ),
    patches: list(rules.printable, "Patch files on this machine, applied to the source in this order", both),
    customSql: text(
      rules.printable,
      "Folder on this machine with SQL of your own, in its subfolders auth, characters and world; " +
        "applied with each release",
      both,
    ),
    deployKey: secret(keys.deployKey, "Text of the private key for fetching over SSH", { tidy: keys.tidyPrivateKey }),
    knownHosts: text(keys.knownHosts, "Lines of known_hosts for fetching over SSH"),
  },
  build: {
    compiler: oneOf(
      ["auto", "clang", "gcc"],
      "auto",
      "clang, gcc, or auto for the one that suits the distribution",
      both,
    ),
    type: oneOf(
      ["RelWithDebInfo", "Release", "Debug", "MinSizeRel"],
      "RelWithDebInfo",
      "RelWithDebInfo, Release, Debug or MinSizeRel",
      both,
    ),
    options: map(rules.buildOption, "Further cmake options, `NAME: value`", both),
    jobs: integer([0, 256], 0, "How many compilers run at once; 0 for as many as cores and memory allow"),
  },
  releases: { keep: integer([1, 50], 3, "How many builds to keep, the live one included", { unit: "builds" }) },
};

const console = (standard: number, name: string) => ({
  port: port(standard, `Port of the ${name}`, world),
  networks: list(network.network, `Networks that may use the ${name}; it is off while the list is empty`, world),
});

const realm = {
  id: integer([1, 2147483647], 1, "Number of the realm, in the realm list and in the worldserver", world),
  name: text(rules.realmName, "Name in the client's realm list", { default: "Trinity" }),
  address: text(network.realmAddress, "Name or IPv4 address that players connect to; empty for `host.address`"),
  localAddress: text(network.realmAddress, "Address for players in the host's own network", { default: "127.0.0.1" }),
  localSubnetMask: text(network.ipv4Mask, "Mask of the host's own network", { default: "255.255.255.0" }),
  port: port(8085, "Port of the worldserver", world),
  allowedSecurityLevel: integer(
    [0, 3],
    0,
    "Lowest account level that may enter (0 players, 1 moderators, 2 game masters, 3 administrators)",
  ),
  gamebuild: integer([1, 999999], 12340, "Client build; 12340 is 3.3.5a"),
  settings: conf("worldserver.conf", world),
  console: console(3443, "remote console (telnet)"),
  soap: console(7878, "SOAP interface"),
  databases: {
    characters: database("characters", "Database of the characters", world),
    world: database("worldserver", "Database of the world's content", world),
  },
  tdb: {
    source: text(
      keys.dump,
      "World content, as a URL or a path on the host; empty for the release that the build asks for",
    ),
    sha256: text(keys.sha256, "SHA-256 sum of that file; empty for no check", { tidy: lower }),
  },
};

export const schema = {
  host,
  login: authserver,
  core,
  realms: new Named("Each realm by a name of its own, such as `wotlk`. Must be set", realm),
  ...unattended,
  databases: {
    startEmpty: flag("Begin with an empty database where one has been lost"),
    rotation: integer([0, 1_000_000], 0, "Another number makes new passwords in place of those made at random"),
  },
  restarts: oneOf(
    ["now", "announce", "window"],
    "now",
    "When servers that players are on may be restarted: now, announce (told first) or window (held back until then)",
  ),
  announce: {
    seconds: integer([5, 3600], 300, "How long players are told before the worldserver stops", { unit: "seconds" }),
  },
  window: {
    schedule: text(
      rules.schedule,
      "When the window for restarts opens, as a systemd calendar expression in the host's time zone",
      { default: "*-*-* 04:00:00" },
    ),
    minutes: integer([5, 1440], 120, "How long the window for restarts stays open", { unit: "minutes" }),
  },
};

type Node = Key<unknown> | Named<Tree> | Tree;
export interface Tree {
  readonly [name: string]: Node;
}

export const isKey = (node: Node): node is Key<unknown> => typeof (node as Key<unknown>).read === "function";

/** The type of the values that a part of the schema reads. */
type Values<T> =
  T extends Key<infer V>
    ? V
    : T extends Named<infer N>
      ? Readonly<Record<string, Values<N>>>
      : { readonly [K in keyof T]: Values<T[K]> };

/** The config: read, checked, with defaults. */
export type Config = Values<typeof schema>;

/** The host, and the way to it. */
export type HostSettings = Config["host"];
/** The authserver, and the accounts that log in there. */
export type LoginSettings = Config["login"];
/** A game account; its name is the key in the map. */
export type AccountSettings = Values<typeof account>;
/** Where the core comes from, and how it is built. */
export type CoreSettings = Config["core"];
/** A worldserver, and what belongs to it alone; `key` is its name in the config. */
export type RealmSettings = Values<typeof realm> & { readonly key: string };
/** The config as the program uses it: with one realm, and with the values that follow from other keys. */
export type Settings = Omit<Config, "realms"> & { readonly realm: RealmSettings };

/** Stands for the name of a realm or an account where none is named. */
export const ANY = "NAME";

/** The names that the operator chose, by the map that they are in. */
export interface Chosen {
  readonly realms?: readonly string[];
  readonly accounts?: readonly string[];
}

/** Every key by its path, in the order of the schema; those of a realm or an account under each name of `chosen`. */
export function keysOf(chosen: Chosen = {}, tree: Tree = schema, prefix = ""): Map<string, Key<unknown>> {
  const found = new Map<string, Key<unknown>>();
  for (const [name, node] of Object.entries(tree)) {
    if (isKey(node)) found.set(prefix + name, node);
    else if (node instanceof Named)
      for (const one of chosen[name as keyof Chosen] ?? [ANY])
        for (const entry of keysOf(chosen, node.keys, `${prefix}${name}.${one}.`)) found.set(...entry);
    else for (const entry of keysOf(chosen, node, `${prefix}${name}.`)) found.set(...entry);
  }
  return found;
}
