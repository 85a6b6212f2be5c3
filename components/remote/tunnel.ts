import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { ClientChannel } from "ssh2";
import { untilMark } from "./arrival";
import { type Endpoint, Session } from "./session";
import { marked, quote } from "./shell";

/** sshd's MaxSessions is 10 a connection. */
const CHANNELS = 8;
/** The mysql plugin never closes its connections; one whose last word was the server's for this long is done. */
const IDLE_MS = 1_000;

/**
 * MariaDB's socket on the server as a socket on this machine: the far end is a command as root, so MariaDB lets it in by `unix_socket`,
 * without a password and whatever sshd says of forwarding. SSH is dialled only when someone connects.
 */
export class DatabaseTunnel {
  private sessions: { session: Promise<Session>; channels: number }[] = [];

  private constructor(
    private readonly endpoint: Endpoint,
    private readonly remoteSocket: string,
  ) {}

  /** Opens the near end and returns its path, the same in every run: the provider keeps it in the state. */
  static async open(endpoint: Endpoint, remoteSocket: string): Promise<string> {
    const folder = join(tmpdir(), `trinitycore-stack-${userInfo().uid}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const name = createHash("sha256")
      .update(`${endpoint.user}@${endpoint.host}:${endpoint.port}`)
      .digest("hex")
      .slice(0, 8);
    // A refresh that does not run this program finds no socket; all that the plugin then says is this name, so it says what to do.
    const path = join(folder, `needs--run-program-${name}`);
    // Another run against the same server has its tunnel there: the two lead to the same place.
    if (await answers(path)) return path;
    rmSync(path, { force: true });
    const tunnel = new DatabaseTunnel(endpoint, remoteSocket);
    const server = createServer((socket) => {
      socket.unref();
      void tunnel.serve(socket);
    });
    await listening(server, path);
    server.unref();
    return path;
  }

  private async serve(near: Socket): Promise<void> {
    near.on("error", () => near.destroy());
    try {
      const { channel, mark, done } = await this.channel();
      channel.once("close", () => {
        done();
        near.destroy();
      });
      // A closed near end has paused the channel; it has to be read to its end, or it never closes and the program never ends.
      const end = () => channel.end().resume();
      // Who did not wait for a slow server's answer is gone already.
      if (near.destroyed) return void end();
      near.once("close", end);
      await untilMark(channel, mark);
      if (near.destroyed) return void end();
      closeWhenIdle(near, channel);
      near.pipe(channel).pipe(near);
    } catch {
      // The plugin sees its connection closed and fails now, not after its five minutes of trying.
      near.destroy();
    }
  }

  private async channel(): Promise<{ channel: ClientChannel; mark: string; done: () => void }> {
    let slot = this.sessions.find(({ channels }) => channels < CHANNELS);
    if (!slot) {
      slot = { session: Session.open(this.endpoint), channels: 0 };
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

function closeWhenIdle(near: Socket, channel: ClientChannel): void {
  let timer: NodeJS.Timeout | undefined;
  channel.on("data", () => {
    clearTimeout(timer);
    timer = setTimeout(() => near.end(), IDLE_MS).unref();
  });
  near.on("data", () => clearTimeout(timer));
  near.once("close", () => clearTimeout(timer));
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = dial(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
}
