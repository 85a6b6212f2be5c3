/** From the stack config to `Settings`, or to one error that names everything that is wrong. */
import * as pulumi from "@pulumi/pulumi";
import { mayComeFromEnvironment } from "./conf-lines";
import { tidyHostKey } from "./key-rules";
import { entryPath, namespace, type Problem, SettingsError, unknownKey } from "./problems";
import { related } from "./relations";
import { secretSettings } from "./rules";
import { type Keys, leaves, nest, type Settings } from "./schema";
import { type Leaf, Refusal, type ServerSettings, scalar, show } from "./values";

export interface ConfigSource {
  /** Full keys (`trinitycore:realm.port`) with their decrypted text, lists and maps as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Full keys that are encrypted in the stack config, or have an encrypted part. */
  readonly secretKeys: ReadonlySet<string>;
  readonly stack: string;
  /** Whether this is a file that can be read. */
  readonly exists: (path: string) => boolean;
  /** A map as the stack file itself holds it, encrypted entries unreadable. Without it every entry of a partly secret map counts as secret. */
  readonly plainMap?: (fullKey: string) => Readonly<Record<string, unknown>> | undefined;
}

export function loadSettings(source: ConfigSource): Settings {
  const known = leaves();
  const problems: Problem[] = [];
  const values = new Map<string, unknown>();
  for (const [key, leaf] of known) {
    const standard = leaf.default;
    const given = source.values[`${namespace}:${key}`];
    const raw = given ?? (typeof standard === "string" ? standard : JSON.stringify(standard));
    const isSecret = source.secretKeys.has(`${namespace}:${key}`);
    const found = secrecyProblems(key, leaf, raw, isSecret);
    values.set(key, standard);
    try {
      if (found.length === 0) values.set(key, leaf.read(raw));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const texts = leaf.type === "object" ? error.message.split("\n") : [error.message];
      found.push(...texts.map((text) => ({ key, text: withFix(key, text, source) })));
    }
    if (leaf.secretEntries && found.length === 0) {
      const entries = values.get(key) as ServerSettings;
      values.set(key, isSecret ? wrapped(source, key, entries) : entries);
      found.push(...misplaced(key, values.get(key) as ServerSettings));
    }
    problems.push(...found);
  }
  const settings = nest(values);
  problems.push(
    ...related({
      settings,
      bad: new Set(problems.map(({ key }) => key)),
      raw: (key) => source.values[`${namespace}:${key}`] ?? "",
    }),
  );
  problems.push(...missingPatches(source, settings), ...unknownKeys(source, [...known.keys()]));
  if (problems.length > 0) throw new SettingsError(inOrder(problems, [...known.keys()]), source.stack);
  return resolved(settings);
}

/** Values that follow from others. */
function resolved(keys: Keys): Settings {
  const { host, ssh, takeover, adopt, user, firewall, logs, realm, console, soap, tdb, databases } = keys;
  const { auth, characters, world, startEmpty, rotation } = databases;
  return {
    host: {
      address: host,
      key: tidyHostKey(keys.hostKey),
      ssh: { ...ssh, jumpUser: ssh.jumpUser || ssh.user },
      ...{ takeover, adopt, user, firewall, logs },
    },
    login: { ...keys.authserver, database: auth },
    core: { source: keys.source, build: keys.build, releases: keys.releases },
    realm: {
      ...realm,
      // Until the config names its realms.
      key: "trinity",
      address: realm.address || host,
      settings: keys.worldserver.settings,
      databases: { characters, world },
      ...{ console, soap, tdb },
    },
    databases: { startEmpty, rotation },
    ...{ restarts: keys.restarts, announce: keys.announce, window: keys.window },
  };
}

function secrecyProblems(key: string, leaf: Leaf<unknown>, raw: string, isSecret: boolean): Problem[] {
  const fullKey = `${namespace}:${key}`;
  if (leaf.secret && raw !== "" && !isSecret) {
    return [
      { key, text: `is in the stack config in clear. Change the secret, then\npulumi config set --secret ${fullKey}` },
    ];
  }
  if (leaf.secret && raw === "" && isSecret) return [{ key, text: `is empty: pulumi config rm ${fullKey}` }];
  // A value of such a key is shown in previews and stands in commands: encrypting it would promise what nobody keeps.
  if (!leaf.secret && !leaf.secretEntries && isSecret) {
    return [{ key, text: `is encrypted, but its value is no secret: previews show it. Set it again without --secret` }];
  }
  return [];
}

/** The engine hands over nested secrets in clear: what the stack file does not hold in clear is made a secret at once. */
function wrapped(source: ConfigSource, key: string, entries: ServerSettings): ServerSettings {
  const plain = source.plainMap?.(`${namespace}:${key}`) ?? {};
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [
      name,
      Object.hasOwn(plain, name) && scalar(plain[name]) === value ? value : pulumi.secret(value),
    ]),
  );
}

/** Secrets in clear, and settings that cannot be kept secret. */
function misplaced(key: string, entries: ServerSettings): Problem[] {
  return Object.entries(entries).flatMap(([name, value]) => {
    if (typeof value !== "string" && !mayComeFromEnvironment(name))
      return [{ key, text: `${name} cannot be secret: the server reads it from its file only` }];
    if (typeof value !== "string" || value === "" || !secretSettings.test(name)) return [];
    const fix = `pulumi config set --secret --path '${entryPath(key, name)}'`;
    return [{ key, text: `${name} is in clear. Change the secret, then\n${fix}` }];
  });
}

function withFix(key: string, text: string, { values }: ConfigSource): string {
  if (text !== "missing") return text;
  if (key === "host")
    return `missing. The server's name or address: pulumi config set ${namespace}:host wow.example.net`;
  const host = values[`${namespace}:host`] || "<host>";
  return (
    `missing. Print the server's key with \`npm run realm -- host-key ${host}\`, compare it, then\n` +
    `pulumi config set ${namespace}:hostKey 'ssh-ed25519 AAAA…'`
  );
}

function missingPatches({ exists }: ConfigSource, { source: { patches } }: Keys): Problem[] {
  return patches
    .filter((patch) => !exists(patch))
    .map((patch) => ({
      key: "source.patches",
      text: `${show(patch)} is not a file that can be read on this machine`,
    }));
}

function unknownKeys({ values }: ConfigSource, known: readonly string[]): Problem[] {
  return Object.keys(values)
    .filter((fullKey) => fullKey.startsWith(`${namespace}:`))
    .map((fullKey) => fullKey.slice(namespace.length + 1))
    .filter((key) => !known.includes(key))
    .map((key) => ({ key, text: unknownKey(key, known, values[`${namespace}:${key}`]) }));
}

/** As in the schema, unknown keys last. */
function inOrder(problems: readonly Problem[], known: readonly string[]): Problem[] {
  const place = ({ key }: Problem) => (known.includes(key) ? known.indexOf(key) : known.length);
  return [...problems].sort((a, b) => place(a) - place(b));
}
