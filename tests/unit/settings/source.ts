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

const complete = { host: "wow.example.net", hostKey: ed25519, "ssh.agent": "true" };

/** Values by key without the namespace; `secrets` are the encrypted ones among the keys. */
export function source(
  values: Record<string, string>,
  secrets: readonly string[] = [],
  more: Partial<ConfigSource> = {},
): ConfigSource {
  const full = Object.entries({ ...complete, ...values }).map(([key, value]) => [`trinitycore:${key}`, value]);
  return {
    values: Object.fromEntries(full),
    secretKeys: new Set(secrets.map((key) => `trinitycore:${key}`)),
    stack: "test",
    exists: () => true,
    ...more,
  };
}

export function load(
  values: Record<string, string>,
  secrets: readonly string[] = [],
  more: Partial<ConfigSource> = {},
): Settings {
  return loadSettings(source(values, secrets, more));
}

/** The problems that a config has, as `key: text`; none when it is fine. */
export function problems(
  values: Record<string, string>,
  secrets: readonly string[] = [],
  more: Partial<ConfigSource> = {},
): string[] {
  try {
    load(values, secrets, more);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ key, text }) => `${key}: ${text}`);
  }
}
