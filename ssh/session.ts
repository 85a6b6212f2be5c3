import type { Socket } from "node:net";
import { type Duplex, Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { Failure } from "../program/failure";
import { Dropped, dial, hostKeys, jumpKeys, type Patience, patience, Refused } from "./dial";
import { lastReached, reached } from "./local-socket";
import { credentialsOf, logIn } from "./log-in";

export { fingerprint } from "./agent";

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
  /** Which of its keys is meant, as the config says it; empty for any. */
  readonly agentKey?: string;
  readonly jump?: Endpoint;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly code: number | null;
}

interface Opening {
  /** What the operator is to know while it goes on. */
  readonly tell?: (text: string) => void;
  readonly patience?: Patience;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One SSH connection; several commands may run on it at once. */
export class Session {
  private lost: string | undefined;
  private closing = false;
  private readonly listeners = new Set<() => void>();

  private constructor(
    private readonly host: string,
    private readonly client: Client,
    private readonly sock: Duplex,
    private readonly via: Session | undefined,
    private readonly silentFactor: boolean,
    silence: number,
  ) {
    let heard = Date.now();
    sock.on("data", () => {
      heard = Date.now();
    });
    const watch = setInterval(() => {
      if (Date.now() - heard > silence) this.end(`nothing was heard of it for ${Math.round(silence / 1000)} s`);
    }, silence / 4).unref();
    this.onClose(() => clearInterval(watch));
    client.once("close", () => this.end("the other side ended it"));
    via?.onClose(() => this.end("the one to the jump host ended"));
  }

  /** @throws Failure that names the config key to look at. */
  static async open(endpoint: Endpoint, opening: Opening = {}, keys = hostKeys): Promise<Session> {
    const credentials = await credentialsOf(endpoint);
    const via = endpoint.jump ? await Session.open(endpoint.jump, opening, jumpKeys) : undefined;
    const { tell = () => {}, patience: patient = patience } = opening;
    const attempt = async () => {
      const sock = via ? await via.forward(endpoint.host, endpoint.port) : await dial(endpoint, keys, patient.connect);
      const { client, silentFactor } = await logIn(endpoint, credentials, sock, keys, patient, tell);
      return new Session(endpoint.host, client, sock, via, silentFactor, patient.silence);
    };
    try {
      const session = await persist(attempt, endpoint, patient, tell);
      reached(endpoint);
      return session;
    } catch (error) {
      via?.close();
      throw error;
    }
  }

  /** Which of the two asked for a second factor that asked nothing. */
  get silentFactors(): { readonly server: boolean; readonly jump: boolean } {
    return { server: this.silentFactor, jump: this.via?.silentFactor ?? false };
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
      const lost = () => reject(new Failure(`the SSH connection to ${this.host} was lost: ${this.lost}; run it again`));
      if (this.lost) return lost();
      this.onClose(lost);
      this.client.exec(command, (error, channel) => {
        if (this.lost) return lost();
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
          if (this.lost) return lost();
          this.listeners.delete(lost);
          resolve({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), code });
        });
        if (stdin instanceof Readable) stdin.pipe(channel);
        else channel.end(stdin);
      });
    });
  }

  /** A command as a two-way stream, for the database tunnel. */
  stream(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Failure(`the SSH connection to ${this.host} was lost: ${this.lost}`));
      if (this.lost) return lost();
      this.onClose(lost);
      this.client.exec(command, (error, channel) => {
        this.listeners.delete(lost);
        if (error) reject(error);
        else resolve(channel);
      });
    });
  }

  onClose(listener: () => void): void {
    if (this.lost) listener();
    else this.listeners.add(listener);
  }

  close(): void {
    if (this.lost) return;
    this.closing = true;
    this.client.end();
    // The other side may be gone, or not have taken yet what was sent: nobody waits for that.
    setTimeout(() => this.end("it was closed here"), 2_000).unref();
    this.base.unref();
  }

  /** The TCP connection under it. */
  private get base(): Socket {
    return this.via ? this.via.base : (this.sock as Socket);
  }

  /** For good: whoever waits for something is told, and nothing of it keeps the program from ending. */
  private end(why: string): void {
    if (this.lost) return;
    this.lost = why;
    for (const listener of this.listeners) listener();
    this.listeners.clear();
    this.client.destroy();
    if (!this.via) this.sock.destroy();
    else if (this.closing) this.via.close();
    else this.via.end(why);
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

/**
 * Tries again where another try helps: at a server that drops some connections, and at a firewall that counts those of
 * an address.
 */
async function persist(
  attempt: () => Promise<Session>,
  endpoint: Endpoint,
  { pauses, limited }: Patience,
  tell: (text: string) => void,
): Promise<Session> {
  const { host, port } = endpoint;
  const left = [...pauses];
  for (let counted = false; ; ) {
    try {
      return await attempt();
    } catch (error) {
      const next = error instanceof Dropped ? left.shift() : undefined;
      const ago = lastReached(endpoint);
      if (next !== undefined) {
        await pause(next);
      } else if (error instanceof Refused && ago !== undefined && !counted) {
        counted = true;
        tell(
          `${host} refuses a connection on port ${port}, and took one ${Math.round(ago / 1000)} s ago: as a rule its firewall counts them ` +
            `(ufw limit); once more in ${Math.round(limited / 1000)} s`,
        );
        await pause(limited);
      } else if (error instanceof Refused && ago !== undefined) {
        throw new Failure(
          `${error.message}; it took a connection ${Math.round(ago / 1000)} s ago: sshd was stopped, or a firewall keeps this address out ` +
            "(ufw limit, fail2ban): wait some minutes",
        );
      } else {
        throw error;
      }
    }
  }
}
