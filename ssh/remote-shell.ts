/** Lets programs that start ssh themselves use the connection that is open already. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Transform } from "node:stream";
import type { ClientChannel } from "ssh2";
import { untilMark } from "./marked-script";
import type { Endpoint, Session } from "./session";
import { markedCommand } from "./shell";

/** What a program has to start in the place of ssh. */
export interface RemoteShell {
  /** A program and its words; the words for ssh follow them. */
  readonly command: readonly string[];
  /** What the host wrote to stderr, and why the way failed. */
  said(): string;
  close(): void;
}

/**
 * Makes the way. The program learns no key and no password: it gets the path of a socket in a folder that only the
 * operator can open.
 * @param script makes the script for root's bash on the host, from the words that the program called ssh with
 * @param sends gets the number of bytes of each part that goes to the host
 * @param receives the same of what comes from there
 */
export async function remoteShell(
  session: Session,
  endpoint: Endpoint,
  script: (called: readonly string[]) => string,
  sends: (bytes: number) => void = () => {},
  receives: (bytes: number) => void = () => {},
): Promise<RemoteShell> {
  const folder = mkdtempSync(join(tmpdir(), "trinity-"));
  const path = join(folder, "way");
  const said: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket).catch((error: Error) => {
      said.push(error.message);
      socket.destroy();
    });
  });
  const serve = async (socket: Socket) => {
    const { command, first, mark } = markedCommand(endpoint.user);
    const text = script(JSON.parse(await firstLine(socket)) as string[]);
    const channel = await session.stream(command);
    channel.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    channel.write(`${first}${text}`);
    await untilMark(channel, mark);
    pipeBoth(socket, channel, sends, receives);
  };
  await listening(server, path);
  return {
    command: [process.execPath, join(__dirname, "stand-in-shell.js"), path],
    said: () => said.join("").trim(),
    close: () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Hears = (bytes: number) => void;
const counted = (hears: Hears): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hears(chunk.length);
      done(null, chunk);
    },
  });

function pipeBoth(socket: Socket, channel: ClientChannel, sends: Hears, receives: Hears): void {
  socket.pipe(counted(sends)).pipe(channel).pipe(counted(receives)).pipe(socket);
  channel.once("close", () => socket.end());
  socket.once("close", () => channel.end().resume());
}

/** Reads the first line, and leaves the rest to be read. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    const take = (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf("\n");
      if (end < 0) return;
      socket.off("data", take).off("close", gone).pause();
      if (heard.length > end + 1) socket.unshift(heard.subarray(end + 1));
      resolve(heard.toString("utf8", 0, end));
    };
    const gone = () => reject(new Error("it ended before it said what to start"));
    socket.on("data", take).once("close", gone);
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(path, () => done());
  });
}
