import { createHash } from "node:crypto";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { Client, type ClientChannel, type ConnectConfig, utils } from "ssh2";
import { Failure } from "../failure";

/** How to reach one SSH server; keys and passphrases in clear, in memory only. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** In authorized_keys form, e.g. "ssh-ed25519 AAAA…". */
  readonly hostKey: string;
  readonly privateKey?: string;
  readonly passphrase?: string;
  /** Path of the agent's socket. */
  readonly agent?: string;
  readonly jump?: Endpoint;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly code: number | null;
}

const DIAL_MS = 10_000;
const READY_MS = 15_000;

/** Where in the stack config the words of an endpoint stand. */
type Keys = Readonly<Record<"host" | "port" | "user" | "hostKey", string>>;
const hostKeys: Keys = {
  host: "trinitycore:host",
  port: "trinitycore:ssh.port",
  user: "trinitycore:ssh.user",
  hostKey: "trinitycore:hostKey",
};
const jumpKeys: Keys = {
  host: "trinitycore:ssh.jumpHost",
  port: "trinitycore:ssh.jumpPort",
  user: "trinitycore:ssh.jumpUser",
  hostKey: "trinitycore:ssh.jumpHostKey",
};

/** One SSH connection; several commands may run on it at once. */
export class Session {
  private constructor(
    private readonly client: Client,
    private readonly via?: Session,
  ) {}

  /** @throws Failure that names the config key to look at. */
  static async open(endpoint: Endpoint, keys = hostKeys): Promise<Session> {
    if (endpoint.privateKey) checkPrivateKey(endpoint.privateKey, endpoint.passphrase);
    const via = endpoint.jump ? await Session.open(endpoint.jump, jumpKeys) : undefined;
    try {
      const sock = via ? await via.forward(endpoint.host, endpoint.port) : await dial(endpoint, keys);
      const client = await handshake(endpoint, sock, keys);
      return new Session(client, via);
    } catch (error) {
      via?.close();
      throw error;
    }
  }

  /**
   * Runs a command; its exit code is for the caller to judge. Output beyond 64 MB is not expected and not limited.
   * @param stdin of a stream, what comes later is waited for on the server
   * @param hears is told what comes on stdout as it comes
   */
  exec(
    command: string,
    stdin: string | Buffer | Readable = "",
    hears: (chunk: Buffer) => void = () => {},
  ): Promise<ExecResult> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Failure("the SSH connection was lost"));
      this.client.once("close", lost);
      this.client.exec(command, (error, channel) => {
        if (error) {
          const why = `the server starts no command over SSH (${error.message})`;
          return reject(new Failure(`${why}; the stack needs two at once: look at MaxSessions in its sshd_config`));
        }
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let code: number | null = null;
        channel.on("data", (chunk: Buffer) => {
          out.push(chunk);
          hears(chunk);
        });
        channel.stderr.on("data", (chunk: Buffer) => err.push(chunk));
        channel.on("exit", (status: number | null) => {
          code = status;
        });
        channel.on("close", () => {
          this.client.off("close", lost);
          resolve({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), code });
        });
        if (stdin instanceof Readable) stdin.pipe(channel);
        else channel.end(stdin);
      });
    });
  }

  /** A command as a two-way stream, for the database tunnel. */
  stream(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) =>
      this.client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
    );
  }

  onClose(listener: () => void): void {
    this.client.once("close", listener);
  }

  close(): void {
    // The jump host's connection last: without it this one could not say goodbye, and would wait for its own keepalive to give up.
    this.client.once("close", () => this.via?.close());
    this.client.end();
  }

  private forward(host: string, port: number): Promise<ClientChannel> {
    return new Promise((resolve, reject) =>
      this.client.forwardOut("127.0.0.1", 0, host, port, (error, channel) =>
        error
          ? reject(
              new Failure(
                `the jump host cannot reach ${host} on port ${port} (${error.message}); look at ${hostKeys.host} and ` +
                  `${hostKeys.port}, and at AllowTcpForwarding in the jump host's sshd_config`,
              ),
            )
          : resolve(channel),
      ),
    );
  }
}

function dial({ host, port }: Endpoint, keys: Keys): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (why: string) => {
      socket.destroy();
      reject(new Failure(`cannot reach ${host} on port ${port} (${why}); look at ${keys.host} and ${keys.port}`));
    };
    const timer = setTimeout(() => fail(`no answer in ${DIAL_MS / 1000} s`), DIAL_MS);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(error.code ?? error.message);
    });
    socket.connect(port, host, () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function handshake(endpoint: Endpoint, sock: Socket | ClientChannel, keys: Keys): Promise<Client> {
  const { hostKey } = endpoint;
  const [type = "", key = ""] = hostKey.trim().split(/\s+/);
  let presented = "";
  const config: ConnectConfig = {
    sock,
    username: endpoint.user,
    readyTimeout: READY_MS,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    hostVerifier: (seen: Buffer) => {
      presented = seen.toString("base64");
      return presented === key;
    },
    algorithms: {
      serverHostKey: hostKeyAlgorithms(type),
      cipher: { prepend: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"], append: [], remove: [] },
    } as ConnectConfig["algorithms"],
    // Else ssh2 begins with a login without any, which costs a round trip.
    authHandler: [endpoint.privateKey ? "publickey" : "agent"],
    ...(endpoint.privateKey ? { privateKey: endpoint.privateKey, passphrase: endpoint.passphrase } : {}),
    ...(endpoint.agent && !endpoint.privateKey ? { agent: endpoint.agent } : {}),
  };
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => resolve(client));
    // Stays: a connection that is lost later shows as "close", but an "error" nobody listens to would end the program.
    client.on("error", (error: Error & { level?: string }) => {
      client.end();
      reject(new Failure(explain(error, endpoint, keys, { presented, key })));
    });
    client.connect(config);
  });
}

function checkPrivateKey(privateKey: string, passphrase: string | undefined): void {
  const parsed = utils.parseKey(privateKey, passphrase);
  if (!(parsed instanceof Error)) return;
  const why = /encrypted|passphrase|bad decrypt|integrity/i.test(parsed.message)
    ? "its passphrase is wrong or missing; set it with `pulumi config set --secret trinitycore:ssh.privateKeyPassphrase`"
    : "it is not an OpenSSH or PEM private key; set it with `pulumi config set --secret trinitycore:ssh.privateKey < KEYFILE`";
  throw new Failure(`trinitycore:ssh.privateKey cannot be used: ${why}`);
}

function hostKeyAlgorithms(type: string): string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(keyBase64: string): string {
  return `SHA256:${createHash("sha256").update(Buffer.from(keyBase64, "base64")).digest("base64").replace(/=+$/, "")}`;
}

function explain(
  error: Error & { level?: string },
  { host, port, user }: Endpoint,
  keys: Keys,
  { presented, key }: { presented: string; key: string },
): string {
  if (presented && presented !== key) {
    return (
      `the host key of ${host} is not the one in ${keys.hostKey} (it shows ${fingerprint(presented)}, wanted ${fingerprint(key)}). ` +
      `Either someone is in between, or the server was reinstalled: compare the key on the server's own console before you change ${keys.hostKey}`
    );
  }
  if (/handshake failed: no matching host key/i.test(error.message)) {
    return `${host} has no host key of the kind given in ${keys.hostKey}; print what it has with \`npm run realm -- host-key ${host}\``;
  }
  if (error.level === "client-authentication") {
    return `${host} refused the login of ${user}; look at ${keys.user}, trinitycore:ssh.privateKey and trinitycore:ssh.agent`;
  }
  // OpenSSH 10 does so out of the box.
  const refused = /before handshake|ECONNRESET/.test(error.message)
    ? "; where a login failed several times or many log in at once, sshd and fail2ban refuse an address for a while (PerSourcePenalties, MaxStartups): wait a minute and run it again"
    : "";
  return `no SSH session with ${host} on port ${port} (${error.message}); look at ${keys.host} and ${keys.port}${refused}`;
}
