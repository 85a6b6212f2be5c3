/** Lets programs that start ssh themselves use the connection that is open already. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { type Duplex, Transform } from "node:stream";
import type { ClientChannel } from "ssh2";
import { untilMark } from "./marked-script";
import type { Endpoint, Session } from "./session";
import { markedCommand } from "./shell";

/** What a program has to start in the place of ssh. It learns no key and no password. */
export interface RemoteShell {
  /** A program and its words; the words for ssh follow them. */
  readonly command: readonly string[];
  /** What the program that starts it has to have after its standard error. */
  readonly pipes: readonly ["pipe", "pipe"];
  /** Makes the way for a program that was started with them. */
  serve(program: ChildProcess): void;
  /** What the host wrote to stderr, and why the way failed. */
  said(): string;
}

/**
 * @param script makes the script for root's bash on the host, from the words that the program called ssh with
 * @param sends gets the number of bytes of each part that goes to the host
 * @param receives the same of what comes from there
 */
export function remoteShell(
  session: Session,
  endpoint: Endpoint,
  script: (called: readonly string[]) => string,
  sends: Hears = () => {},
  receives: Hears = () => {},
): RemoteShell {
  const said: string[] = [];
  const serve = async (down: Duplex, up: Duplex) => {
    const { command, first, mark } = markedCommand(endpoint.user);
    const text = script(await words(up));
    const channel = await session.stream(command);
    channel.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    channel.write(`${first}${text}`);
    await untilMark(channel, mark);
    pipeBoth(down, up, channel, sends, receives);
  };
  return {
    command: ["sh", join(__dirname, "stand-in-shell.sh")],
    pipes: ["pipe", "pipe"],
    serve: (program) => {
      const [down, up] = program.stdio.slice(3) as [Duplex, Duplex];
      const end = () => {
        down.destroy();
        up.destroy();
      };
      for (const pipe of [down, up]) pipe.on("error", end);
      // What it started may still hold the other ends.
      program.once("exit", end);
      serve(down, up).catch((error: Error) => {
        said.push(error.message);
        end();
      });
    },
    said: () => said.join("").trim(),
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

function pipeBoth(down: Duplex, up: Duplex, channel: ClientChannel, sends: Hears, receives: Hears): void {
  up.pipe(counted(sends)).pipe(channel).pipe(counted(receives)).pipe(down);
  channel.once("close", () => down.end());
  up.once("close", () => channel.end().resume());
}

/** Reads words with a NUL behind each, up to an empty one, and leaves the rest to be read. */
function words(from: Duplex): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    const take = (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf("\0\0");
      if (end < 0) return;
      from.off("data", take).off("close", gone).pause();
      if (heard.length > end + 2) from.unshift(heard.subarray(end + 2));
      resolve(heard.toString("utf8", 0, end).split("\0"));
    };
    const gone = () => reject(new Error("it ended before it said what to start"));
    from.on("data", take).once("close", gone);
  });
}
