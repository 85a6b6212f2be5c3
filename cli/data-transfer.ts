/** The transfer of game data as the operator sees it. */
import { duration, size } from "../actions/amounts";
import type { GameData } from "../actions/game-data/findings";
import type { Place } from "../actions/game-data/on-host";
import { Progress } from "../actions/game-data/progress";
import { receiver, rsyncArgs } from "../actions/game-data/transfer";
import { Failure } from "../program/failure";
import { remoteShell } from "../ssh/remote-shell";
import type { Reached } from "./on-host";
import { rsync, showProgress } from "./rsync";

/** What goes where; `bytes` are expected to be sent. */
interface Transfer {
  readonly folder: string;
  readonly data: GameData;
  readonly place: Place;
  readonly bytes: number;
}

/** @throws Failure when not all has arrived; the next transfer goes on where this one was */
export async function transfer(
  { session, endpoint }: Pick<Reached, "session" | "endpoint">,
  { folder, data, place, bytes }: Transfer,
): Promise<void> {
  const progress = new Progress(bytes);
  const began = Date.now();
  const shell = await remoteShell(
    session,
    endpoint,
    (called) => receiver(called, data, place),
    (sent) => progress.add(sent),
  );
  const shown = showProgress(progress);
  try {
    const { code, said } = await rsync(rsyncArgs(folder, data, place, shell.command));
    if (code !== 0) throw new Failure(failed(endpoint.host, progress, code, shell.said() || said));
  } finally {
    shown.end();
    shell.close();
  }
  const seconds = (Date.now() - began) / 1000;
  console.log(`sent ${size(progress.bytes)} in ${duration(seconds)} (${size(progress.bytes / seconds)}/s)`);
}

function failed(host: string, progress: Progress, code: number | null, said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const why = lines[0] ?? `rsync ended with status ${code}`;
  return (
    `not all game data reached ${host}: ${why}; ${size(progress.bytes)} were sent, and the host keeps what arrived: ` +
    "run it again, and it goes on where it was; the live data was not touched" +
    `${lines.length > 1 ? `\n  ${lines.slice(1, 6).join("\n  ")}` : ""}`
  );
}
