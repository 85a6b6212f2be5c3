/** A stack config for tests: what must be set is set, the rest as the test says. */
import { type ConfigSource, loadSettings, type Settings, SettingsError } from "../../../settings";

function publicKey(type: string, ...fields: Buffer[]): string {
  const parts = [Buffer.from(type), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(parts).toString("base64")}`;
}

export const ed25519 = publicKey("ssh-ed25519", Buffer.alloc(32, 7));
export const rsa = publicKey("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(257, 9));

/** Not real keys: only their outside is looked at. */
export function privateKey(cipher = "none"): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cipher.length);
  const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), length, Buffer.from(cipher), Buffer.alloc(40)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const complete = { "host.address": "wow.example.net", "host.key": ed25519, "host.ssh.agent": "true" };

type Values = Readonly<Record<string, string>>;
export interface More extends Partial<ConfigSource> {
  /** Keys at the top of the config, dots and all, as `pulumi config set` without `--path` makes them. */
  readonly flat?: Values;
}

/** Lists and maps are given as JSON. */
function parsed(text: string): unknown {
  try {
    return /^[[{]/.test(text) ? JSON.parse(text) : text;
  } catch {
    return text;
  }
}

type Tree = { [name: string]: unknown };

function put(tree: Tree, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() as string;
  let node = tree;
  for (const name of names) {
    node[name] ??= {};
    node = node[name] as Tree;
  }
  node[last] = value;
}

/** Values by path without the namespace; `secrets` are the paths of what is encrypted. */
export function source(
  values: Values,
  secrets: readonly string[] = [],
  { flat = {}, ...more }: More = {},
): ConfigSource {
  const given: Tree = {};
  const written: Tree = {};
  for (const [path, text] of Object.entries({ ...complete, ...values })) {
    put(given, path, parsed(text));
    put(written, path, parsed(text));
  }
  for (const tree of [given, written]) tree.realms ??= { wotlk: {} };
  for (const path of secrets) put(written, path, { secure: "v1:abc" });
  const full = ([name, value]: [string, unknown]) => [`trinitycore:${name}`, value] as const;
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return {
    values: Object.fromEntries(
      [...Object.entries(given), ...Object.entries(flat)].map(([name, value]) => [`trinitycore:${name}`, text(value)]),
    ),
    secretKeys: new Set(secrets.map((path) => `trinitycore:${path.split(".")[0]}`)),
    file: "Pulumi.test.yaml",
    written: Object.fromEntries(Object.entries(written).map(full)),
    exists: () => true,
    ...more,
  };
}

export function load(values: Values, secrets: readonly string[] = [], more: More = {}): Settings {
  return loadSettings(source(values, secrets, more));
}

/** The problems that a config has, as `path: text`; none when it is fine. */
export function problems(values: Values, secrets: readonly string[] = [], more: More = {}): string[] {
  try {
    load(values, secrets, more);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ key, text }) => `${key}: ${text}`);
  }
}
