/** Every key of the stack config: `realm.port` below is `trinitycore:realm.port`. Pulumi.yaml declares the same keys and says what each is for. */
import * as keys from "./key-rules";
import * as network from "./network";
import * as rules from "./rules";
import {
  flag,
  integer,
  type Leaf,
  list,
  map,
  oneOf,
  port,
  required,
  type ServerSettings,
  secret,
  text,
} from "./values";

const anyText = rules.printable;
const lower = (value: string): string => value.toLowerCase();
const database = (name: string) => ({
  name: text(rules.databaseName, name),
  user: text(rules.databaseUser, name),
  password: secret(rules.password),
});

export const schema = {
  host: required((value) => (value === "" ? "missing" : network.sshHost(value))),
  hostKey: required((value) => (value.trim() === "" ? "missing" : keys.hostKey(value))),
  ssh: {
    user: text(rules.sshUser, "root"),
    port: port(22),
    privateKey: secret(keys.privateKey, keys.tidyPrivateKey),
    privateKeyPassphrase: secret(rules.passphrase),
    agent: flag(false),
    agentKey: text(rules.printable),
    jumpHost: text(network.sshHost),
    jumpPort: port(22),
    jumpUser: text(rules.sshUser),
    jumpHostKey: text(keys.hostKey, "", keys.tidyHostKey),
  },
  takeover: flag(false),
  adopt: flag(false),
  restarts: oneOf(["now", "announce", "window"], "now"),
  announce: { seconds: integer(5, 3600, 300) },
  window: { schedule: text(rules.schedule, "*-*-* 04:00:00"), minutes: integer(5, 1440, 120) },
  realm: {
    id: integer(1, 2147483647, 1),
    name: text(rules.realmName, "Trinity"),
    address: text(network.realmAddress),
    localAddress: text(network.realmAddress, "127.0.0.1"),
    localSubnetMask: text(network.ipv4Mask, "255.255.255.0"),
    port: port(8085),
    allowedSecurityLevel: integer(0, 3, 0),
    gamebuild: integer(1, 999999, 12340),
  },
  authserver: { port: port(3724), settings: map<ServerSettings>(rules.serverSetting, true) },
  worldserver: { settings: map<ServerSettings>(rules.serverSetting, true) },
  console: { port: port(3443), networks: list(network.network) },
  soap: { port: port(7878), networks: list(network.network) },
  user: {
    name: text(rules.userName, "trinity"),
    group: text(rules.groupName, "trinity"),
    home: text(rules.home, "/var/lib/trinity"),
  },
  firewall: { kind: oneOf(["auto", "firewalld", "ufw", "none"], "auto"), zone: text(rules.zone) },
  source: {
    repository: text(keys.repository, "https://github.com/TrinityCore/TrinityCore.git"),
    branch: text(keys.branch, "3.3.5"),
    commit: text(keys.commit, "", lower),
    patches: list(anyText),
    customSql: text(anyText),
    deployKey: secret(keys.deployKey, keys.tidyPrivateKey),
    knownHosts: text(keys.knownHosts),
  },
  build: {
    compiler: oneOf(["auto", "clang", "gcc"], "auto"),
    type: oneOf(["RelWithDebInfo", "Release", "Debug", "MinSizeRel"], "RelWithDebInfo"),
    options: map(rules.buildOption),
    jobs: integer(0, 256, 0),
  },
  databases: {
    auth: database("authserver"),
    characters: database("characters"),
    world: database("worldserver"),
    startEmpty: flag(false),
    rotation: integer(0, 1_000_000, 0),
  },
  tdb: { source: text(keys.dump), sha256: text(keys.sha256, "", lower) },
  releases: { keep: integer(1, 50, 3) },
  logs: { schedule: text(rules.schedule, "*-*-* 03:00:00"), keepDays: integer(1, 3650, 30) },
};

type Values<T> = { readonly [K in keyof T]: T[K] extends Leaf<infer V> ? V : Values<T[K]> };

/** Each key of the config with its value. */
export type Keys = Values<typeof schema>;
type Database = Keys["databases"]["auth"];

/** The server, and the way to it. */
export type HostSettings = { readonly address: string; readonly key: string } & Pick<
  Keys,
  "ssh" | "takeover" | "adopt" | "user" | "firewall" | "logs"
>;

/** The authserver. */
export interface LoginSettings {
  readonly port: number;
  readonly settings: ServerSettings;
  readonly database: Database;
}

/** Where the programs come from, and how they are built. */
export type CoreSettings = Pick<Keys, "source" | "build" | "releases">;

/** A worldserver, and what belongs to it alone. */
export type RealmSettings = Keys["realm"] &
  Pick<Keys, "console" | "soap" | "tdb"> & {
    /** Its name in the config. */
    readonly key: string;
    readonly settings: ServerSettings;
    readonly databases: { readonly characters: Database; readonly world: Database };
  };

/** The whole config of a stack: read, checked, defaults filled in. */
export type Settings = Pick<Keys, "restarts" | "announce" | "window"> & {
  readonly host: HostSettings;
  readonly login: LoginSettings;
  readonly core: CoreSettings;
  readonly realm: RealmSettings;
  readonly databases: Pick<Keys["databases"], "startEmpty" | "rotation">;
};

type Tree = { readonly [name: string]: Leaf<unknown> | Tree };

const isLeaf = (node: Leaf<unknown> | Tree): node is Leaf<unknown> =>
  "read" in node && typeof node.secret === "boolean";

/** Every leaf under its dotted key, in the order of the schema. */
export function leaves(tree: Tree = schema, prefix = ""): ReadonlyMap<string, Leaf<unknown>> {
  const found = new Map<string, Leaf<unknown>>();
  for (const [name, node] of Object.entries(tree)) {
    if (isLeaf(node)) found.set(prefix + name, node);
    else for (const [key, leaf] of leaves(node, `${prefix}${name}.`)) found.set(key, leaf);
  }
  return found;
}

/** Dotted keys to one nested object. */
export function nest(values: ReadonlyMap<string, unknown>): Keys {
  const root: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const names = key.split(".");
    const last = names.pop() ?? key;
    let node = root;
    for (const name of names) {
      node[name] ??= {};
      node = node[name] as Record<string, unknown>;
    }
    node[last] = value;
  }
  return root as Keys;
}
