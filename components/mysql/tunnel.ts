import type { Socket } from "node:net";
import type { ClientChannel } from "ssh2";
import { listenLocally } from "../../ssh/local-socket";
import { LoginPace } from "../../ssh/login-pace";
import { untilMark } from "../../ssh/marked-script";
import { type Endpoint, Session } from "../../ssh/session";
import { markedCommand, quote } from "../../ssh/shell";

/** Channels on one connection; sshd's MaxSessions allows 10 by default. */
const CHANNELS = 8;
/** The mysql plugin never closes its connections: one is done when nothing follows MariaDB's answer for this long. */
const IDLE_MS = 1_000;

/**
 * A local socket that leads to MariaDB's socket on the host. The far end is a command as root, which MariaDB lets in by
 * `unix_socket`: it needs no password, and no forwarding in sshd. SSH connects only when someone uses the socket.
 */
export class DatabaseTunnel {
  private sessions: { session: Promise<Session>; channels: number }[] = [];

  private constructor(
    private readonly endpoint: Endpoint,
    private readonly remoteSocket: string,
    private readonly connections: LoginPace,
  ) {}

  /** Opens the local end and returns its path, the same in every run: the provider keeps it in the state. */
  static open(endpoint: Endpoint, remoteSocket: string, connections = new LoginPace()): Promise<string> {
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
      // A closed local end has paused the channel: unless it is read to its end, it never closes and the program never
      // ends.
      const end = () => channel.end().resume();
      // The plugin may have given up while SSH was connecting.
      if (local.destroyed) return void end();
      local.once("close", end);
      await untilMark(channel, mark);
      if (local.destroyed) return void end();
      closeWhenIdle(local, channel);
      local.pipe(channel).pipe(local);
    } catch {
      // With a closed connection the plugin fails at once; else it would try for five minutes.
      local.destroy();
    }
  }

  private async channel(): Promise<{ channel: ClientChannel; mark: string; done: () => void }> {
    let slot = this.sessions.find(({ channels }) => channels < CHANNELS);
    if (!slot) {
      slot = { session: this.connections.waitForTurn().then(() => Session.open(this.endpoint)), channels: 0 };
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
      const { command, first, mark } = markedCommand(this.endpoint.user);
      const channel = await session.stream(command);
      // Unread stderr would keep the channel from closing.
      channel.stderr.resume();
      channel.write(`${first}exec socat STDIO UNIX-CONNECT:${quote(this.remoteSocket)}\n`);
      // The last channel closes the connection: an open one would keep the program running.
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
