import type { ClientChannel } from "ssh2";
import { Failure } from "../program/failure";
import { untilMark } from "../ssh/marked-script";
import type { Endpoint, Session } from "../ssh/session";
import { markedCommand } from "../ssh/shell";
import { serverScripts, startPacking, unpackAndRun } from "../steps/bundle";
import type { Action } from "./run";

/** An action whose words are heard as it says them, or whose output is no text. */
export interface Running {
  /** What it prints, from its first byte on. */
  readonly channel: ClientChannel;
  /** @throws Failure with its own words when it fails, or when the connection is lost */
  readonly ended: Promise<void>;
}

/** As `run`, for what takes long. */
export async function start(
  session: Session,
  endpoint: Endpoint,
  { script, words }: Omit<Action, "last">,
): Promise<Running> {
  const { command, first, mark } = markedCommand(endpoint.user);
  const { stream, end } = startPacking(serverScripts(), `${first}${unpackAndRun(`actions/${script}`, words)}`);
  end();
  const channel = await session.stream(command);
  let errors = "";
  channel.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<void>((done, fail) => {
    let status: number | null = null;
    channel.on("exit", (code: number | null) => {
      status = code;
    });
    channel.once("close", () => {
      if (status === 0) return done();
      const words = errors.trim().replace(/^error: /, "");
      fail(new Failure(words || (status === null ? "the SSH connection was lost" : `${script} ended with ${status}`)));
    });
  });
  // Who waits for the mark first hears of the end there.
  ended.catch(() => {});
  stream.pipe(channel);
  await untilMark(channel, mark);
  return { channel, ended };
}
