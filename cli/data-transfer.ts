/** The transfer of game data as the operator sees it. */
import type { Readable } from "node:stream";
import { duration, size } from "../actions/amounts";
import { folderOf } from "../actions/game-data/findings";
import { gameDataAction, type Place, type Remaining } from "../actions/game-data/on-host";
import type { Progress } from "../actions/game-data/progress";
import { fileList, receiver, rsyncArgs, SILENCE } from "../actions/game-data/transfer";
import { Failure } from "../program/failure";
import { remoteShell } from "../ssh/remote-shell";
import { causeIn, type Reached } from "./on-host";
import { rsync, showProgress } from "./rsync";

/** Which files of a folder go where. */
interface Transfer extends Pick<Remaining, "whole" | "begun"> {
  readonly folder: string;
  readonly place: Place;
  /** The tar archive of the whole ones. */
  readonly archive: Readable;
}
type Way = Pick<Reached, "session" | "endpoint" | "begin">;

/** @throws Failure when not all has arrived; the next transfer goes on where this one was */
export async function transfer(way: Way, what: Transfer, progress: Progress): Promise<void> {
  const began = Date.now();
  const shown = showProgress(progress);
  try {
    const wrong =
      (what.begun.length > 0 ? await sendDifferences(way, what, progress) : undefined) ??
      (what.whole.length > 0 ? await sendWhole(way, what) : undefined);
    if (wrong !== undefined) throw new Failure(failed(way.endpoint.host, progress, wrong));
  } finally {
    shown.end();
  }
  const seconds = (Date.now() - began) / 1000;
  console.log(`sent ${size(progress.bytes)} in ${duration(seconds)} (${size(progress.bytes / seconds)}/s)`);
}

/** Lets rsync send what differs of files that the host has something of. @returns why that failed, if it did */
async function sendDifferences(
  { session, endpoint }: Way,
  { folder, begun, place }: Transfer,
  progress: Progress,
): Promise<string | undefined> {
  const shell = remoteShell(
    session,
    endpoint,
    (called) => receiver(called, begun, place),
    (sent) => progress.add(sent),
  );
  const { code, said } = await rsync(rsyncArgs(folder, place, shell.command), shell, fileList(begun));
  return code === 0 ? undefined : shell.said() || said.trim() || `rsync ended with status ${code}`;
}

/** Sends the archive of the others. @returns the same */
async function sendWhole({ begin, endpoint }: Way, { whole, place, archive }: Transfer): Promise<string | undefined> {
  const running = await begin(
    gameDataAction("unpack", place, `${SILENCE}`, place.group, ...new Set(whole.map(folderOf))),
  );
  running.output.resume();
  const broken = await running.send(archive).catch((error: Error) => error);
  if (broken instanceof Failure) throw broken;
  const { code, stderr } = await running.ended;
  return code === 0 ? broken?.message : causeIn(stderr, code, endpoint.host);
}

function failed(host: string, progress: Progress, said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  return (
    `not all game data reached ${host}: ${lines[0]}; ${size(progress.bytes)} were sent, and the host keeps what arrived: ` +
    "run it again, and it goes on where it was; the live data was not touched" +
    `${lines.length > 1 ? `\n  ${lines.slice(1, 6).join("\n  ")}` : ""}`
  );
}
