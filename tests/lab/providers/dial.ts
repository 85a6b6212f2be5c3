/** SSH as the official command provider does it: its retries, its time limits, its one connection per operation. */
import { createConnection, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AnyAuthMethod, Client, ConnectConfig, KeyboardInteractiveAuthMethod, ServerHostKeyAlgorithm } from "ssh2";

/** Loaded when it is used: the official plugin starts as quickly as this one does without it. */
const ssh2 = () => import("ssh2");

export interface Hop {
  host: string;
  port: number;
  user: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  hostKey?: string;
  dialErrorLimit: number;
  perDialTimeout: number;
}
export interface Connection extends Hop {
  proxy?: Hop;
}

const DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
const FIELDS = [
  "host",
  "port",
  "user",
  "password",
  "privateKey",
  "privateKeyPassword",
  "agentSocketPath",
  "hostKey",
  "dialErrorLimit",
  "perDialTimeout",
];

/**
 * The defaults filled in; an unknown field is refused, and shows the whole of the connection as the official one does.
 */
export function checkConnection(connection: Record<string, unknown>, extra = ["proxy"]): Record<string, unknown> {
  const unknown = Object.keys(connection).find((field) => !FIELDS.includes(field) && !extra.includes(field));
  if (unknown) throw new Error(`unrecognised field "${unknown}" in connection ${JSON.stringify(connection)}`);
  const proxy = connection.proxy;
  if (typeof proxy !== "object" || proxy === null) return { ...DEFAULTS, ...connection };
  return { ...DEFAULTS, ...connection, proxy: checkConnection(proxy as Record<string, unknown>, []) };
}

async function settings(hop: Hop): Promise<ConnectConfig> {
  const agent = hop.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  if (agent) {
    // An agent that is not there fails the connection, even with a key given.
    await new Promise<void>((resolve, reject) => {
      const socket = createConnection(agent, () => resolve(void socket.destroy())).on("error", reject);
    });
  }
  const { utils } = await ssh2();
  const { privateKey = "", privateKeyPassword } = hop;
  if (privateKey && privateKeyPassword && !(utils.parseKey(privateKey) instanceof Error)) {
    throw new Error("ssh: key is not password protected");
  }
  const methods = goAuthOrder(hop, agent);
  const [algorithm = "", key = ""] = (hop.hostKey ?? "").trim().split(/\s+/);
  const algorithms = algorithm === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [algorithm];
  return {
    username: hop.user,
    // As in Go, where the time limit is for the TCP connection alone.
    readyTimeout: 0,
    ...(agent ? { agent } : {}),
    authHandler: (left, _partial, next) => next(methods.next(left) as never),
    ...(hop.hostKey
      ? {
          algorithms: { serverHostKey: algorithms as ServerHostKeyAlgorithm[] },
          hostVerifier: (seen: Buffer) => seen.toString("base64") === key,
        }
      : {}),
  };
}

/**
 * As x/crypto/ssh does it (client_auth.go): a login without anything first, then of what is there the first that the
 * server still takes; what failed is not tried again, so that an agent is never asked beside a private key. A password,
 * be it an empty one, answers each question. Left out: what was taken as a part of the login may be tried again there;
 * ssh2 does not tell.
 */
function goAuthOrder(hop: Hop, agent: string | undefined) {
  const { user: username, privateKey, privateKeyPassword: passphrase, password } = hop;
  const all: [method: string, AnyAuthMethod][] = [];
  if (privateKey) all.push(["publickey", { type: "publickey", username, key: privateKey, passphrase }]);
  if (password !== undefined) {
    all.push(["password", { type: "password", username, password }]);
    const prompt: KeyboardInteractiveAuthMethod["prompt"] = (_name, _text, _language, prompts, finish) =>
      finish(prompts.map(() => password));
    all.push(["keyboard-interactive", { type: "keyboard-interactive", username, prompt }]);
  }
  if (agent && !privateKey) all.push(["publickey", { type: "agent", username, agent }]);
  const tried = new Set<string>();
  return {
    next(left: readonly string[] | null): AnyAuthMethod | false {
      if (left === null) {
        tried.clear();
        return { type: "none", username };
      }
      const found = all.find(([method]) => left.includes(method) && !tried.has(method));
      if (!found) return false;
      tried.add(found[0]);
      return found[1];
    },
  };
}

function openSocket({ host, port, perDialTimeout }: Hop): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const sock = createConnection({ host, port, timeout: perDialTimeout * 1000 });
    // As Go has it on every connection: without it the end of a host whose power was cut would never be noticed.
    sock.setKeepAlive(true, 15_000);
    sock.on("timeout", () => sock.destroy(new Error(`dial tcp ${host}:${port}: i/o timeout`)));
    sock.on("error", reject);
    sock.on("connect", () => resolve(sock.setNoDelay(true).setTimeout(0).off("error", reject)));
  });
}

async function connectOnce(config: ConnectConfig): Promise<Client> {
  const { Client } = await ssh2();
  return new Promise((resolve, reject) => {
    const client = new Client();
    client
      .on("ready", () => resolve(client))
      .on("error", reject)
      .on("close", () => reject(new Error("the connection was closed")))
      .connect(config);
  });
}

async function dialWithRetries<T>(
  what: string,
  limit: number,
  status: (line: string) => void,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 1, pause = 100; ; tries++, pause *= 1.5) {
    try {
      return await attempt();
    } catch (error) {
      if (limit >= 0 && tries > limit) throw new Error(`after ${limit} failed attempts: ${(error as Error).message}`);
      status(`${what} ${tries}/${limit < 0 ? "inf" : limit} failed: retrying`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

export async function dial(connection: Connection, status: (line: string) => void): Promise<Client> {
  const target = await settings(connection);
  const { proxy } = connection;
  const reach = async (hop: Hop, config: ConnectConfig) => connectOnce({ ...config, sock: await openSocket(hop) });
  if (!proxy) return dialWithRetries("Dial", connection.dialErrorLimit, status, () => reach(connection, target));
  const bastion = await settings(proxy);
  const first = await dialWithRetries("Dial proxy", proxy.dialErrorLimit, status, () => reach(proxy, bastion));
  return dialWithRetries("Dial from proxy", connection.dialErrorLimit, status, async () => {
    const sock = await new Promise<Duplex>((resolve, reject) =>
      first.forwardOut("127.0.0.1", 0, connection.host, connection.port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      ),
    );
    return connectOnce({ ...target, sock });
  });
}
