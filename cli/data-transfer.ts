/** The transfer of game data as the operator sees it. */
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { Action } from "../actions/action";
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
  /** Tar archives of the whole ones. */
  readonly archives: readonly Readable[];
}
type Way = Pick<Reached, "session" | "endpoint" | "begin">;

/** @throws Failure when not all has arrived; the next transfer goes on where this one was */
export async function transfer(way: Way, what: Transfer, progress: Progress): Promise<void> {
  const began = Date.now();
  const shown = showProgress(progress);
  try {
    const refuse = (wrong: string | undefined) => {
      if (wrong !== undefined) throw new Failure(failed(way.endpoint.host, progress, wrong));
    };
    if (what.begun.length > 0) refuse(await sendDifferences(way, what, progress));
    if (what.whole.length > 0) {
      const action = unpacking(what);
      await Promise.all(what.archives.map(async (archive) => refuse(await sendArchive(way, action, archive))));
    }
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

/** What unpacks each archive of a transfer on the host, which knows by the sender that they belong together. */
function unpacking({ whole, place }: Transfer): Action {
  const sender = randomBytes(8).toString("hex");
  return gameDataAction("unpack", place, sender, `${SILENCE}`, place.group, ...new Set(whole.map(folderOf)));
}

/** Sends an archive of the others. @returns the same */
async function sendArchive({ begin, endpoint }: Way, action: Action, archive: Readable): Promise<string | undefined> {
  const running = await begin(action);
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
