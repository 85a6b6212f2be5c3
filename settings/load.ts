/** Makes `Settings` of the stack config, or one error that names every problem. */
import { accountProblems } from "./accounts";
import { problemsBetween } from "./between-keys";
import { newPlace } from "./former-keys";
import { tidyHostKey } from "./key-rules";
import { fullKey, namespace, removeCommand, setCommand } from "./paths";
import { type Problem, SettingsError } from "./problems";
import { isEncrypted, type Part, Reader } from "./read";
import { ANY, type Chosen, type Config, isKey, keysOf, type Settings, schema } from "./schema";
import { unknownAtTop } from "./unknown-keys";
import { isMap, show } from "./values";

export interface ConfigSource {
  /** Full keys (`trinitycore:host`) with their decrypted text; a map is JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Full keys that are encrypted in the stack config, or have an encrypted part. */
  readonly secretKeys: ReadonlySet<string>;
  /** The stack file's name, for messages. */
  readonly file: string;
  /**
   * The config in the stack file, where an encrypted value is a map `secure: …`; undefined when it cannot be read.
   */
  readonly written?: Readonly<Record<string, unknown>>;
  /** Whether this is a file that can be read. */
  readonly exists: (path: string) => boolean;
}

export function loadSettings(source: ConfigSource): Settings {
  const given = topKeys(source);
  const names = namesIn(given.realms);
  const [realm = ANY] = names;
  const reader = new Reader(realm);
  const config = readAll(source, given, reader) as unknown as Config;
  const problems = [
    ...reader.problems,
    ...wholeMapsEncrypted(source),
    ...realmProblems(given.realms, names),
    ...accountProblems(accountsIn(given)),
    ...unknownKeys(source, realm),
  ];
  const draft = config.realms[realm];
  if (draft) {
    const settings = { ...config, realm: { ...draft, key: realm } };
    const bad = new Set(problems.map(({ key }) => key.replace(/\[.*/, "")));
    problems.push(...problemsBetween({ settings, bad, given: (path) => valueAt(given, path) ?? "" }));
  }
  problems.push(...missingPatches(source, config));
  const reported = withoutFormerlyPlaced(problems, source, realm).map((problem) =>
    withCommand(problem, valueAt(given, "host.address")),
  );
  if (reported.length > 0) throw new SettingsError(inSchemaOrder(reported, chosenIn(given)), source.file);
  return resolved(config, realm);
}

const namesIn = (given: unknown): string[] => (isMap(given) ? Object.keys(given) : []);
const accountsIn = ({ login }: Record<string, unknown>): unknown => (isMap(login) ? login.accounts : undefined);
const chosenIn = (given: Record<string, unknown>): Chosen => ({
  realms: namesIn(given.realms),
  accounts: namesIn(accountsIn(given)),
});

/** The values of the top-level keys: groups are parsed to maps, single keys stay text. */
function topKeys({ values }: ConfigSource): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, node]) => {
      const text = values[fullKey(name)];
      if (text === undefined) return [];
      const value = isKey(node) ? text : json(text);
      return [[name, value === undefined ? text : value]];
    }),
  );
}

function json(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readAll(source: ConfigSource, given: Record<string, unknown>, reader: Reader): Record<string, unknown> {
  return Object.assign(
    {},
    ...Object.entries(schema).map(([name, node]) => {
      const part: Part = {
        given: { [name]: given[name] },
        written: { [name]: source.written?.[fullKey(name)] },
        hasSecret: source.secretKeys.has(fullKey(name)),
      };
      return reader.group({ [name]: node }, part, "");
    }),
  );
}

/** A group that is encrypted as one text does not tell which of its values are secret. */
const wholeMapsEncrypted = ({ written }: ConfigSource): Problem[] =>
  Object.entries(schema)
    .filter(([name, node]) => !isKey(node) && isEncrypted(written?.[fullKey(name)]))
    .map(([key]) => ({
      key,
      text:
        `is encrypted as a whole, though only its secrets should be:\n${removeCommand(key)}\n` +
        "then set its keys, the secret ones with --secret",
    }));

function realmProblems(given: unknown, names: readonly string[]): Problem[] {
  // The reader has reported it already.
  if (given !== undefined && given !== null && !isMap(given)) return [];
  if (names.length === 0)
    return [{ key: "realms", text: `missing. Name a realm: ${setCommand(`realms.wotlk.name`, "'My realm'")}` }];
  return names.flatMap((name, i) => {
    const key = `realms.${name.replace(/[^ -~]/g, "?")}`;
    if (i > 0)
      return [
        { key, text: `is a second realm beside ${names[0]}; one stack has one realm for now:\n${removeCommand(key)}` },
      ];
    const right = /^[a-z][a-z0-9-]{0,23}$/.test(name);
    return right
      ? []
      : [
          {
            key,
            text: `${show(name)} is not a realm's name: a to z, 0 to 9 and -, at most 24, beginning with a letter`,
          },
        ];
  });
}

const unknownKeys = ({ values }: ConfigSource, realm: string): Problem[] =>
  Object.keys(values)
    .filter((key) => key.startsWith(`${namespace}:`))
    .map((key) => key.slice(namespace.length + 1))
    .filter((key) => !Object.hasOwn(schema, key))
    .map((key) => ({ key, text: unknownAtTop(key, realm) }));

/** Leaves out "missing" for a key that is given in its former place: the former key is reported, with the new place. */
function withoutFormerlyPlaced(problems: readonly Problem[], { values }: ConfigSource, realm: string): Problem[] {
  const givenElsewhere = Object.keys(values).flatMap((key) => newPlace(key.slice(namespace.length + 1), realm) ?? []);
  if (typeof json(values[fullKey("host")] ?? "") !== "object") givenElsewhere.push("host.address");
  return problems.filter(
    ({ key, text }) =>
      !text.startsWith("missing") || !givenElsewhere.some((path) => path === key || path.startsWith(`${key}.`)),
  );
}

/** Adds what to type for the two keys that must be set, and for a host's name in the place of the group `host`. */
function withCommand({ key, text }: Problem, host: unknown): Problem {
  if (key === "host" && text.startsWith("must be a map")) {
    const address = setCommand("host.address");
    return {
      key,
      text: `is a map now; the host's name is ${fullKey("host.address")}:\n${removeCommand(key)}\n${address}`,
    };
  }
  if (text !== "missing") return { key, text };
  if (key === "host.address")
    return { key, text: `missing. The host's name or address: ${setCommand(key, "wow.example.net")}` };
  return {
    key,
    text:
      `missing. Print the host's key with \`npm run realm -- host-key ${host || "<host>"}\`, compare it, then\n` +
      setCommand(key, "'ssh-ed25519 AAAA…'"),
  };
}

const missingPatches = ({ exists }: ConfigSource, { core: { source } }: Config): Problem[] =>
  source.patches
    .filter((patch) => !exists(patch))
    .map((patch) => ({
      key: "core.source.patches",
      text: `${show(patch)} is not a file that can be read on this machine`,
    }));

/** The value at a path of the config, as text. */
function valueAt(given: unknown, path: string): string | undefined {
  const found = path.split(".").reduce<unknown>((node, name) => (isMap(node) ? node[name] : undefined), given);
  return found === undefined || found === null ? undefined : String(found);
}

/** Sorts problems as their keys come in the schema; unknown keys come last. */
function inSchemaOrder(problems: readonly Problem[], chosen: Chosen): Problem[] {
  const known = [...keysOf(chosen).keys()];
  const place = ({ key }: Problem) => {
    const found = known.findIndex((path) => key === path || key.startsWith(`${path}.`) || key.startsWith(`${path}[`));
    if (found >= 0) return found;
    const group = known.findIndex((path) => path.startsWith(`${key}.`));
    return group >= 0 ? group - 0.5 : key === "realms" ? known.length - 0.5 : known.length;
  };
  return [...problems].sort((a, b) => place(a) - place(b));
}

/** Fills in the values that follow from other keys. */
function resolved({ realms, ...config }: Config, name: string): Settings {
  const { host } = config;
  const realm = realms[name] as Config["realms"][string];
  return {
    ...config,
    host: { ...host, key: tidyHostKey(host.key), ssh: { ...host.ssh, jumpUser: host.ssh.jumpUser || host.ssh.user } },
    realm: { ...realm, key: name, address: realm.address || host.address },
  };
}
