import type { Socket } from "node:net";
import { type Duplex, Readable } from "node:stream";
import type { Client, ClientCallback, ClientChannel } from "ssh2";
import { Failure } from "../program/failure";
import { ConnectionDropped, ConnectionRefused, dial, hostKeys, jumpKeys, type Timeouts, timeouts } from "./dial";
import { msSinceLogin, noteLogin } from "./local-socket";
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
  /** The agent's key to use, as the config names it; empty for any. */
  readonly agentKey?: string;
  readonly jump?: Endpoint;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly code: number | null;
}

interface Opening {
  /** Called with what the operator should know while the connection opens. */
  readonly tell?: (text: string) => void;
  readonly timeouts?: Timeouts;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One SSH connection; several commands may run on it at once. */
export class Session {
  /** In how many milliseconds the host began a command, at best: two round trips and a little. */
  beginsWithin = Number.POSITIVE_INFINITY;
  private lostBecause: string | undefined;
  private closing = false;
  private readonly listeners = new Set<() => void>();

  private constructor(
    private readonly host: string,
    private readonly client: Client,
    private readonly sock: Duplex,
    private readonly via: Session | undefined,
    private readonly emptyFactor: boolean,
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

  /** Connects and logs in, through the jump host if there is one. @throws Failure that names the key to look at */
  static async open(endpoint: Endpoint, opening: Opening = {}, keys = hostKeys): Promise<Session> {
    const credentials = await credentialsOf(endpoint);
    const via = endpoint.jump ? await Session.open(endpoint.jump, opening, jumpKeys) : undefined;
    const { tell = () => {}, timeouts: limits = timeouts } = opening;
    const attempt = async () => {
      const sock = via ? await via.forward(endpoint.host, endpoint.port) : await dial(endpoint, keys, limits.connect);
      const { client, silentFactor } = await logIn(endpoint, credentials, sock, keys, limits, tell);
      return new Session(endpoint.host, client, sock, via, silentFactor, limits.silence);
    };
    try {
      const session = await withRetries(attempt, endpoint, limits, tell);
      noteLogin(endpoint);
      return session;
    } catch (error) {
      via?.close();
      throw error;
    }
  }

  /** Which of the two wanted a second factor that asked nothing. */
  get silentFactors(): { readonly server: boolean; readonly jump: boolean } {
    return { server: this.emptyFactor, jump: this.via?.emptyFactor ?? false };
  }

  /**
   * Runs a command; the caller judges its exit code. The size of its output is not limited.
   * @param stdin where it is a stream, the command waits for its end
   * @param hears is called with each part of stdout as it comes
   * @throws Failure when the connection is lost, or when the host starts no command
   */
  exec(
    command: string,
    stdin: string | Buffer | Readable = "",
    hears: (chunk: Buffer) => void = () => {},
  ): Promise<ExecResult> {
    return new Promise((resolve, reject) => {
      const lost = () =>
        reject(new Failure(`the SSH connection to ${this.host} was lost: ${this.lostBecause}; run it again`));
      if (this.lostBecause) return lost();
      this.onClose(lost);
      this.begin(command, (error, channel) => {
        if (this.lostBecause) return lost();
        if (error) {
          const why = `${this.host} starts no command over SSH (${error.message})`;
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
          if (this.lostBecause) return lost();
          this.listeners.delete(lost);
          resolve({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), code });
        });
        if (stdin instanceof Readable) stdin.pipe(channel);
        else channel.end(stdin);
      });
    });
  }

  /** Starts a command and returns its two-way stream, for the database tunnel. @throws Failure as above */
  stream(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Failure(`the SSH connection to ${this.host} was lost: ${this.lostBecause}`));
      if (this.lostBecause) return lost();
      this.onClose(lost);
      this.begin(command, (error, channel) => {
        this.listeners.delete(lost);
        if (error) reject(error);
        else resolve(channel);
      });
    });
  }

  /** Starts a command, and notes how soon it began. */
  private begin(command: string, done: ClientCallback): void {
    const began = performance.now();
    this.client.exec(command, (error, channel) => {
      this.beginsWithin = Math.min(this.beginsWithin, performance.now() - began);
      done(error, channel);
    });
  }

  onClose(listener: () => void): void {
    if (this.lostBecause) listener();
    else this.listeners.add(listener);
  }

  close(): void {
    if (this.lostBecause) return;
    this.closing = true;
    this.client.end();
    // The other side may be gone: the program does not wait longer for it.
    setTimeout(() => this.end("it was closed here"), 2_000).unref();
    this.base.unref();
  }

  /** The TCP connection under this session. */
  private get base(): Socket {
    return this.via ? this.via.base : (this.sock as Socket);
  }

  /** Ends the connection, fails everything that waits for it, and frees what would keep the program running. */
  private end(why: string): void {
    if (this.lostBecause) return;
    this.lostBecause = why;
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
 * Tries again where that helps: after an sshd that drops some connections, and after a firewall that counts the
 * connections of an address.
 */
async function withRetries(
  attempt: () => Promise<Session>,
  endpoint: Endpoint,
  { dropPauses, refusedPause }: Timeouts,
  tell: (text: string) => void,
): Promise<Session> {
  const { host, port } = endpoint;
  const left = [...dropPauses];
  for (let counted = false; ; ) {
    try {
      return await attempt();
    } catch (error) {
      const next = error instanceof ConnectionDropped ? left.shift() : undefined;
      const ago = msSinceLogin(endpoint);
      if (next !== undefined) {
        await pause(next);
      } else if (error instanceof ConnectionRefused && ago !== undefined && !counted) {
        counted = true;
        tell(
          `${host} refuses a connection on port ${port}, though it took one ${Math.round(ago / 1000)} s ago: ` +
            "mostly its firewall counts them (ufw limit); " +
            `the next try is in ${Math.round(refusedPause / 1000)} s`,
        );
        await pause(refusedPause);
      } else if (error instanceof ConnectionRefused && ago !== undefined) {
        throw new Failure(
          `${error.message}; it took a connection ${Math.round(ago / 1000)} s ago: ` +
            "sshd was stopped, or a firewall keeps this address out (ufw limit, fail2ban): wait some minutes",
        );
      } else {
        throw error;
      }
    }
  }
}
