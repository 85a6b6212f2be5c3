import type { Socket } from "node:net";
import type { ClientChannel } from "ssh2";
import { listenLocally } from "../../ssh/local-socket";
import { Pace } from "../../ssh/login-pace";
import { untilMark } from "../../ssh/marked-script";
import { type Endpoint, Session } from "../../ssh/session";
import { marked, quote } from "../../ssh/shell";

/** sshd's MaxSessions is 10 a connection. */
const CHANNELS = 8;
/** The mysql plugin never closes its connections; one whose last word was the server's for this long is done. */
const IDLE_MS = 1_000;

/**
 * MariaDB's socket on the server as a socket on this machine: the far end is a command as root, so MariaDB lets it in
 * by `unix_socket`, without a password and whatever sshd says of forwarding. SSH is dialled only when someone connects.
 */
export class DatabaseTunnel {
  private sessions: { session: Promise<Session>; channels: number }[] = [];

  private constructor(
    private readonly endpoint: Endpoint,
    private readonly remoteSocket: string,
    private readonly connections: Pace,
  ) {}

  /** Opens the local end and returns its path, the same in every run: the provider keeps it in the state. */
  static open(endpoint: Endpoint, remoteSocket: string, connections = new Pace()): Promise<string> {
    const tunnel = new DatabaseTunnel(endpoint, remoteSocket, connections);
    const { user, host, port } = endpoint;
    return listenLocally("", `${user}@${host}:${port}`, (socket) => void tunnel.serve(socket));
  }

  private async serve(local: Socket): Promise<void> {
    local.on("error", () => local.destroy());
    try {
      const { channel, mark, done } = await this.channel();
      channel.once("close", () => {
        done();
        local.destroy();
      });
      // A closed local end has paused the channel; it has to be read to its end, or it never closes and the program
      // never ends.
      const end = () => channel.end().resume();
      // Who did not wait for a slow server's answer is gone already.
      if (local.destroyed) return void end();
      local.once("close", end);
      await untilMark(channel, mark);
      if (local.destroyed) return void end();
      closeWhenIdle(local, channel);
      local.pipe(channel).pipe(local);
    } catch {
      // The plugin sees its connection closed and fails now, not after its five minutes of trying.
      local.destroy();
    }
  }

  private async channel(): Promise<{ channel: ClientChannel; mark: string; done: () => void }> {
    let slot = this.sessions.find(({ channels }) => channels < CHANNELS);
    if (!slot) {
      slot = { session: this.connections.turn().then(() => Session.open(this.endpoint)), channels: 0 };
      this.sessions.push(slot);
    }
    const mine = slot;
    const forget = () => {
      this.sessions = this.sessions.filter((other) => other !== mine);
    };
    mine.channels++;
    try {
      const session = await mine.session;
      session.onClose(forget);
      const { command, first, mark } = marked(this.endpoint.user);
      const channel = await session.stream(command);
      // Unread, it would keep the channel from closing.
      channel.stderr.resume();
      channel.write(`${first}exec socat STDIO UNIX-CONNECT:${quote(this.remoteSocket)}\n`);
      // The last channel takes the connection with it: an open one would keep the program from ending.
      const done = () => {
        if (--mine.channels > 0) return;
        forget();
        session.close();
      };
      return { channel, mark, done };
    } catch (error) {
      forget();
      throw error;
    }
  }
}

function closeWhenIdle(local: Socket, channel: ClientChannel): void {
  let timer: NodeJS.Timeout | undefined;
  channel.on("data", () => {
    clearTimeout(timer);
    timer = setTimeout(() => local.end(), IDLE_MS).unref();
  });
  local.on("data", () => clearTimeout(timer));
  local.once("close", () => clearTimeout(timer));
}
