/** Rules between keys: each value is fine alone, but they do not go together. */
import { isIPv6 } from "node:net";
import { locked, overSsh } from "./key-rules";
import { listensOn, loopback } from "./network";
import { namespace, type Problem } from "./problems";
import type { Keys } from "./schema";

interface Draft {
  readonly settings: Keys;
  /** Keys with a problem of their own: nothing is said about them here. */
  readonly bad: ReadonlySet<string>;
  /** The key's text as given; empty when not set. */
  readonly raw: (key: string) => string;
}

type Relation = (draft: Draft) => readonly (Problem | undefined)[];

const problem = (when: boolean, key: string, text: string): Problem | undefined => (when ? { key, text } : undefined);

/** Keys whose values must all differ. */
function distinct(values: readonly (readonly [key: string, value: string | number])[], why: string, bad: Draft["bad"]) {
  const good = values.filter(([key]) => !bad.has(key));
  return good.map(([key, value], i) => {
    const first = good.findIndex(([, other]) => other === value);
    const other = good[first]?.[0] ?? "";
    return problem(first < i, key, `${value} is also ${namespace}:${other}; ${why}`);
  });
}

const ports: Relation = ({ settings: { ssh, authserver, realm, console, soap }, bad }) =>
  distinct(
    [
      ["ssh.port", ssh.port],
      ["authserver.port", authserver.port],
      ["realm.port", realm.port],
      ["console.port", console.port],
      ["soap.port", soap.port],
    ],
    "each needs a port of its own",
    bad,
  );

const databases: Relation = ({ settings: { databases: d, user }, bad }) => [
  ...distinct(
    (["auth", "characters", "world"] as const).map((which) => [`databases.${which}.name`, d[which].name.toLowerCase()]),
    "each needs a database of its own",
    bad,
  ),
  ...distinct(
    [
      // The service user's namesake in MariaDB has no password: it logs in by being that user.
      ["user.name", user.name],
      ...(["auth", "characters", "world"] as const).map(
        (which) => [`databases.${which}.user`, d[which].user.toLowerCase()] as const,
      ),
    ],
    "each needs a user of its own",
    bad,
  ),
];

const login: Relation = ({ settings: { host, ssh }, bad, raw }) => {
  const key = raw("ssh.privateKey");
  const passphrase = raw("ssh.privateKeyPassphrase");
  const jump = ssh.jumpHost !== "";
  return [
    problem(
      key === "" && !ssh.agent && !bad.has("ssh.agent"),
      "ssh.privateKey",
      `missing, and the agent is not to be asked: there is no way to log in. Either of\n` +
        `pulumi config set --secret ${namespace}:ssh.privateKey < ~/.ssh/id_ed25519\npulumi config set ${namespace}:ssh.agent true`,
    ),
    problem(
      key !== "" && passphrase === "" && !bad.has("ssh.privateKey") && locked(key),
      "ssh.privateKeyPassphrase",
      `missing, and the private key asks for one:\npulumi config set --secret ${namespace}:ssh.privateKeyPassphrase`,
    ),
    problem(
      passphrase !== "" && key === "",
      "ssh.privateKeyPassphrase",
      `is for ${namespace}:ssh.privateKey, which is not set`,
    ),
    problem(
      ssh.agentKey !== "" && !ssh.agent && !bad.has("ssh.agent"),
      "ssh.agentKey",
      `is for a login with the agent:\npulumi config set ${namespace}:ssh.agent true`,
    ),
    problem(
      jump && ssh.jumpHostKey === "" && !bad.has("ssh.jumpHostKey"),
      "ssh.jumpHostKey",
      `missing. Print the jump host's key with \`npm run realm -- host-key ${ssh.jumpHost}\`, compare it, then\n` +
        `pulumi config set ${namespace}:ssh.jumpHostKey 'ssh-ed25519 AAAA…'`,
    ),
    problem(jump && ssh.jumpHost === host && ssh.jumpPort === ssh.port, "ssh.jumpHost", "is the server itself"),
  ];
};

const realmAddress: Relation = ({ settings: { host, realm }, bad }) => [
  problem(
    realm.address === "" && isIPv6(host) && !bad.has("realm.address"),
    "realm.address",
    "missing: players connect to a host name or an IPv4 address, and the host is given as IPv6",
  ),
];

const source: Relation = ({ settings: { source: s }, bad, raw }) => {
  if (bad.has("source.repository")) return [];
  const ssh = overSsh(s.repository);
  const host = /^ssh:/.test(s.repository) ? new URL(s.repository).hostname : /@([^:]+):/.exec(s.repository)?.[1];
  return [
    problem(
      ssh && raw("source.deployKey") === "",
      "source.deployKey",
      `missing: the server has to log in to fetch\npulumi config set --secret ${namespace}:source.deployKey < KEYFILE`,
    ),
    problem(
      ssh && s.knownHosts === "" && !bad.has("source.knownHosts"),
      "source.knownHosts",
      `missing. Print the key with \`ssh-keyscan ${host}\`, compare it with what its owner publishes, then\n` +
        `pulumi config set ${namespace}:source.knownHosts '${host} ssh-ed25519 AAAA…'`,
    ),
    problem(
      !ssh && raw("source.deployKey") !== "",
      "source.deployKey",
      "is for ssh:// and git@ repositories; this one is neither",
    ),
  ];
};

const firewall: Relation = ({ settings: { firewall: f }, bad }) => [
  problem(
    f.zone !== "" && (f.kind === "ufw" || f.kind === "none") && !bad.has("firewall.kind"),
    "firewall.zone",
    `is for firewalld; ${namespace}:firewall.kind is ${f.kind}`,
  ),
];

/** Where the servers cannot listen, nobody gets in however wide the firewall is. */
const networks: Relation = ({ settings: { soap, console }, bad }) => [
  problem(
    soap.networks.some((network) => network.includes(":")) && !bad.has("soap.networks"),
    "soap.networks",
    "names an IPv6 network, but the worldserver's SOAP listens on IPv4 alone: name IPv4 networks, " +
      `or 127.0.0.0/8 alone and come through \`ssh -L ${soap.port}:127.0.0.1:${soap.port}\``,
  ),
  problem(
    listensOn(console.networks) === "::" && console.networks.every(loopback) && !bad.has("console.networks"),
    "console.networks",
    "names both 127.x and ::1, but the console listens on one address of the server itself: leave ::1 out",
  ),
];

const relations: readonly Relation[] = [login, realmAddress, ports, firewall, networks, source, databases];

export const related = (draft: Draft): Problem[] =>
  relations
    .flatMap((relation) => relation(draft))
    .filter((found) => found !== undefined && !draft.bad.has(found.key)) as Problem[];
