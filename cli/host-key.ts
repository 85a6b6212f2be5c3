import { Client } from "ssh2";
import { fingerprint } from "../ssh/session";

const TYPES = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Asks a host for its key of one type, without a login. @throws Error when the host cannot be reached */
function hostKey(host: string, port: number, type: keyof typeof TYPES): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let seen: string | undefined;
    const client = new Client();
    client.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code) reject(new Error(`cannot reach ${host} on port ${port} (${error.code})`));
      else resolve(seen);
    });
    client.connect({
      host,
      port,
      username: "host-key",
      readyTimeout: 10_000,
      algorithms: { serverHostKey: TYPES[type] as "ssh-ed25519"[] },
      hostVerifier: (key: Buffer) => {
        seen = `${type} ${key.toString("base64")}`;
        return false;
      },
    });
  });
}

/**
 * `npm run realm -- host-key HOST [PORT]`: prints the host's keys with their fingerprints, which the operator compares
 * on the host's own console.
 */
export async function printHostKeys(host: string, port: number): Promise<void> {
  const keys: string[] = [];
  for (const type of Object.keys(TYPES) as (keyof typeof TYPES)[]) {
    const key = await hostKey(host, port, type);
    if (key) keys.push(key);
  }
  const [first] = keys;
  if (!first) throw new Error(`${host} showed no host key; is port ${port} an SSH server?`);
  for (const key of keys) console.log(`${fingerprint(key.split(" ")[1] as string)}  ${key}`);
  console.log(`
Compare the first column with what the host's own console says:
  for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done
When they are the same:
  pulumi config set --path trinitycore:host.key '${first}'`);
}
