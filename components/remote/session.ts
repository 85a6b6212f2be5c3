import { createHash } from "node:crypto";
import { Socket } from "node:net";
import { Client, type ClientChannel, type ConnectConfig, utils } from "ssh2";

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

const READY_MS = 15_000;

/** One SSH connection; several commands may run on it at once. */
export class Session {
  private constructor(
    private readonly client: Client,
    private readonly via?: Session,
  ) {}

  /** @throws Error with one sentence that names the config key to look at. */
  static async open(endpoint: Endpoint): Promise<Session> {
    if (endpoint.privateKey) checkPrivateKey(endpoint.privateKey, endpoint.passphrase);
    const via = endpoint.jump ? await Session.open(endpoint.jump) : undefined;
    try {
      const sock = via ? await via.forward(endpoint.host, endpoint.port) : await dial(endpoint);
      const client = await handshake(endpoint, sock);
      return new Session(client, via);
    } catch (error) {
      via?.close();
      throw error;
    }
  }

  /** Runs a command; its exit code is for the caller to judge. Output beyond 64 MB is not expected and not limited. */
  exec(command: string, stdin: string | Buffer = ""): Promise<ExecResult> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Error("the SSH connection was lost"));
      this.client.once("close", lost);
      this.client.exec(command, (error, channel) => {
        if (error) return reject(error);
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let code: number | null = null;
        channel.on("data", (chunk: Buffer) => out.push(chunk));
        channel.stderr.on("data", (chunk: Buffer) => err.push(chunk));
        channel.on("exit", (status: number | null) => {
          code = status;
        });
        channel.on("close", () => {
          this.client.off("close", lost);
          resolve({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), code });
        });
        channel.end(stdin);
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
          ? reject(new Error(`the jump host cannot reach ${host}:${port} (${error.message}); look at trinitycore:host`))
          : resolve(channel),
      ),
    );
  }
}

function dial({ host, port }: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (why: string) => {
      socket.destroy();
      reject(
        new Error(`cannot reach ${host} on port ${port} (${why}); look at trinitycore:host and trinitycore:ssh.port`),
      );
    };
    const timer = setTimeout(() => fail(`no answer in ${READY_MS / 1000} s`), READY_MS);
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

function handshake(endpoint: Endpoint, sock: Socket | ClientChannel): Promise<Client> {
  const { host, user, hostKey } = endpoint;
  const [type = "", key = ""] = hostKey.trim().split(/\s+/);
  let presented = "";
  const config: ConnectConfig = {
    sock,
    username: user,
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
    ...(endpoint.privateKey ? { privateKey: endpoint.privateKey, passphrase: endpoint.passphrase } : {}),
    ...(endpoint.agent && !endpoint.privateKey ? { agent: endpoint.agent } : {}),
  };
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => resolve(client));
    // Stays: a connection that is lost later shows as "close", but an "error" nobody listens to would end the program.
    client.on("error", (error: Error & { level?: string }) => {
      client.end();
      reject(new Error(explain(error, { host, user, presented, key })));
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
  throw new Error(`trinitycore:ssh.privateKey cannot be used: ${why}`);
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
  { host, user, presented, key }: { host: string; user: string; presented: string; key: string },
): string {
  if (presented && presented !== key) {
    return (
      `the host key of ${host} is not the one in trinitycore:hostKey (it shows ${fingerprint(presented)}, wanted ${fingerprint(key)}). ` +
      "Either someone is in between, or the server was reinstalled: compare the key on the server's own console before you change trinitycore:hostKey"
    );
  }
  if (/handshake failed: no matching host key/i.test(error.message)) {
    return `${host} has no host key of the kind given in trinitycore:hostKey; print what it has with \`npm run realm -- host-key ${host}\``;
  }
  if (error.level === "client-authentication") {
    return `${host} refused the login of ${user}; look at trinitycore:ssh.user, trinitycore:ssh.privateKey and trinitycore:ssh.agent`;
  }
  return `no SSH session with ${host}: ${error.message}`;
}
