/** Rules between keys: each value is right alone, but the values do not go together. */
import { isIPv6 } from "node:net";
import { ALL_REALMS } from "./accounts";
import { hasPassphrase, overSsh } from "./key-rules";
import { listensOn, loopback } from "./network";
import { fullKey, realmPath, setCommand, setSecretCommand } from "./paths";
import type { Problem } from "./problems";
import type { Settings } from "./schema";

interface Draft {
  readonly settings: Settings;
  /** Paths of keys that have a problem already: they get no second one. */
  readonly bad: ReadonlySet<string>;
  /** The value at a path as the config has it, as text; empty when not set. */
  readonly given: (path: string) => string;
}

type Rule = (draft: Draft) => readonly (Problem | undefined)[];

const problem = (when: boolean, key: string, text: string): Problem | undefined => (when ? { key, text } : undefined);

/** A problem for each key whose value an earlier key has too. */
function distinct(values: readonly (readonly [key: string, value: string | number])[], why: string, bad: Draft["bad"]) {
  const good = values.filter(([key]) => !bad.has(key));
  return good.map(([key, value], i) => {
    const first = good.findIndex(([, other]) => other === value);
    const other = good[first]?.[0] ?? "";
    return problem(first < i, key, `${value} is also ${fullKey(other)}; ${why}`);
  });
}

const ports: Rule = ({ settings, bad }) => {
  const { host, login, realm } = settings;
  return distinct(
    [
      ["host.ssh.port", host.ssh.port],
      ["login.port", login.port],
      [realmPath(realm.key, "port"), realm.port],
      [realmPath(realm.key, "console.port"), realm.console.port],
      [realmPath(realm.key, "soap.port"), realm.soap.port],
    ],
    "each needs a port of its own",
    bad,
  );
};

const databases: Rule = ({ settings, bad }) => {
  const { host, login, realm } = settings;
  const all = [
    ["login.database", login.database],
    [realmPath(realm.key, "databases.characters"), realm.databases.characters],
    [realmPath(realm.key, "databases.world"), realm.databases.world],
  ] as const;
  return [
    ...distinct(
      all.map(([path, { name }]) => [`${path}.name`, name.toLowerCase()]),
      "each needs a database of its own",
      bad,
    ),
    ...distinct(
      [
        // MariaDB gets a user of the service user's name, who needs no password: no other user may have that name.
        ["host.user.name", host.user.name],
        ...all.map(([path, { user }]) => [`${path}.user`, user.toLowerCase()] as const),
      ],
      "each needs a user of its own",
      bad,
    ),
  ];
};

const login: Rule = ({ settings: { host }, bad, given }) => {
  const { ssh } = host;
  const key = given("host.ssh.privateKey");
  const passphrase = given("host.ssh.privateKeyPassphrase");
  const jump = ssh.jumpHost !== "";
  return [
    problem(
      key === "" && !ssh.agent && !bad.has("host.ssh.agent"),
      "host.ssh.privateKey",
      `missing, and ${fullKey("host.ssh.agent")} is false: there is no way to log in. Set one of the two:\n` +
        `${setSecretCommand("host.ssh.privateKey", "~/.ssh/id_ed25519")}\n${setCommand("host.ssh.agent", "true")}`,
    ),
    problem(
      key !== "" && passphrase === "" && !bad.has("host.ssh.privateKey") && hasPassphrase(key),
      "host.ssh.privateKeyPassphrase",
      `missing, and the private key needs one:\n${setSecretCommand("host.ssh.privateKeyPassphrase")}`,
    ),
    problem(
      passphrase !== "" && key === "",
      "host.ssh.privateKeyPassphrase",
      `is for ${fullKey("host.ssh.privateKey")}, which is not set`,
    ),
    problem(
      ssh.agentKey !== "" && !ssh.agent && !bad.has("host.ssh.agent"),
      "host.ssh.agentKey",
      `is for a login with the agent:\n${setCommand("host.ssh.agent", "true")}`,
    ),
    problem(
      jump && ssh.jumpHostKey === "" && !bad.has("host.ssh.jumpHostKey"),
      "host.ssh.jumpHostKey",
      `missing. Print the jump host's key with \`npm run realm -- host-key ${ssh.jumpHost}\`, compare it, then\n` +
        setCommand("host.ssh.jumpHostKey", "'ssh-ed25519 AAAA…'"),
    ),
    problem(
      jump && ssh.jumpHost === host.address && ssh.jumpPort === ssh.port,
      "host.ssh.jumpHost",
      "is the host itself",
    ),
  ];
};

const realmAddress: Rule = ({ settings: { host, realm }, bad }) => {
  const key = realmPath(realm.key, "address");
  const missing = realm.address === "" && isIPv6(host.address);
  return [
    problem(
      missing && !bad.has(key),
      key,
      "missing: players connect to a host name or an IPv4 address, and the host is given as IPv6",
    ),
  ];
};

const source: Rule = ({ settings, bad, given }) => {
  const { source: s } = settings.core;
  const hasKey = given("core.source.deployKey") !== "";
  if (bad.has("core.source.repository")) return [];
  const ssh = overSsh(s.repository);
  const host = /^ssh:/.test(s.repository) ? new URL(s.repository).hostname : /@([^:]+):/.exec(s.repository)?.[1];
  return [
    problem(
      ssh && !hasKey,
      "core.source.deployKey",
      `missing: the host has to log in to fetch the source\n${setSecretCommand("core.source.deployKey", "KEYFILE")}`,
    ),
    problem(
      ssh && s.knownHosts === "" && !bad.has("core.source.knownHosts"),
      "core.source.knownHosts",
      `missing. Print the key with \`ssh-keyscan ${host}\`, compare it with what its owner publishes, then\n` +
        setCommand("core.source.knownHosts", `'${host} ssh-ed25519 AAAA…'`),
    ),
    problem(!ssh && hasKey, "core.source.deployKey", "is for ssh:// and git@ repositories; this one is neither"),
  ];
};

const firewall: Rule = ({ settings, bad }) => {
  const { kind, zone } = settings.host.firewall;
  return [
    problem(
      zone !== "" && (kind === "ufw" || kind === "none") && !bad.has("host.firewall.kind"),
      "host.firewall.zone",
      `is for firewalld; ${fullKey("host.firewall.kind")} is ${kind}`,
    ),
  ];
};

/** The user of the backups has a folder of its own, and nobody else changes anything in it. */
const backups: Rule = ({ settings: { host, backups }, bad }) => {
  const [one, other] = [`${backups.folder}/`, `${host.user.home}/`];
  return [
    problem(
      (one.startsWith(other) || other.startsWith(one)) && !bad.has("host.user.home"),
      "backups.folder",
      `is not apart from ${fullKey("host.user.home")}, which is ${host.user.home}`,
    ),
  ];
};

/** There is one hook. */
const alerts: Rule = ({ bad, given }) => [
  problem(
    given("alerts.webhook") !== "" && given("alerts.command") !== "" && !bad.has("alerts.webhook"),
    "alerts.command",
    `is set beside ${fullKey("alerts.webhook")}: alerts go one way; take one of the two out`,
  ),
];

/** What is built goes live later. */
const nights: Rule = ({ settings: { update }, bad }) => [
  problem(
    update.schedule === "nightly" && update.build === update.live && !bad.has("update.build"),
    "update.live",
    `is ${update.live}, as ${fullKey("update.build")} is: a build takes a while, so let it go live later`,
  ),
];

/** A server cannot listen on every address: an open firewall does not help there. */
const networks: Rule = ({ settings, bad }) => {
  const { key, soap, console } = settings.realm;
  const [ofSoap, ofConsole] = [realmPath(key, "soap.networks"), realmPath(key, "console.networks")];
  return [
    problem(
      soap.networks.some((network) => network.includes(":")) && !bad.has(ofSoap),
      ofSoap,
      "names an IPv6 network, but the worldserver's SOAP listens on IPv4 alone: name IPv4 networks, " +
        `or 127.0.0.0/8 alone and come through \`ssh -L ${soap.port}:127.0.0.1:${soap.port}\``,
    ),
    problem(
      listensOn(console.networks) === "::" && console.networks.every(loopback) && !bad.has(ofConsole),
      ofConsole,
      "names both 127.x and ::1, but the console listens on one address of the host itself: leave ::1 out",
    ),
  ];
};

/** A level counts on a realm that there is. */
const accounts: Rule = ({ settings: { login, realm }, bad }) =>
  Object.entries(login.accounts).map(([name, account]) => {
    const key = `login.accounts.${name}.realm`;
    const unknown = account.realm !== ALL_REALMS && account.realm !== realm.key;
    return problem(
      unknown && !bad.has(key),
      key,
      `${account.realm} is no realm of this config: there is ${realm.key}, and ${ALL_REALMS} for all of them`,
    );
  });

const rules: readonly Rule[] = [
  login,
  accounts,
  realmAddress,
  ports,
  firewall,
  networks,
  source,
  databases,
  backups,
  alerts,
  nights,
];

export const problemsBetween = (draft: Draft): Problem[] =>
  rules.flatMap((rule) => rule(draft)).filter((found) => found !== undefined && !draft.bad.has(found.key)) as Problem[];
