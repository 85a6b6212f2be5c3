import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { amount } from "../actions/amounts";
import { folderOf, type GameData, inWords } from "../actions/game-data/findings";
import { listFiles, lookInto, refuseOther } from "../actions/game-data/folder";
import { hasVersion } from "../actions/game-data/formats";
import { readHostFolder } from "../actions/game-data/host-folder";
import {
  type GameDataVerb,
  gameDataAction,
  isListed,
  listOf,
  type OnHost,
  type Place,
  type Remaining,
  readState,
  refuseFull,
  refuseUnread,
  remaining,
} from "../actions/game-data/on-host";
import { Progress } from "../actions/game-data/progress";
import { startReading } from "../actions/game-data/reader";
import { archivesFor } from "../actions/game-data/transfer";
import type { WithLayout } from "../components/layout";
import { Failure } from "../program/failure";
import { transfer } from "./data-transfer";
import { ENDED } from "./ended";
import { onHost, type Reached } from "./on-host";
import type { StackOptions } from "./stack-options";

/** The names and places of the realm's game data. */
export const placeOf = ({ host, layout }: WithLayout): Place => {
  const { data, incoming, manifest, receipts } = layout.realm;
  const { name: user, group } = host.user;
  return { data, incoming, manifest, user, group, lock: receipts.data, core: layout.core.root };
};

const tell = (folder: string, data: GameData): void =>
  console.log(`${folder}: ${inWords(data)}; ${amount(data.files.length, data.bytes)}`);

const ask = ({ run, settings }: Reached, verb: GameDataVerb, ...more: string[]): Promise<string> =>
  run(gameDataAction(verb, placeOf(settings), ...more));

/**
 * `npm run realm -- data send FOLDER`. The live data stays as it is until all has arrived; a transfer that was cut off
 * goes on where it was.
 */
export async function sendData(given: string, options: StackOptions): Promise<void> {
  const folder = resolve(given);
  refuseOther(folder);
  // The folder is listed while the engine reads the config.
  const listed = setImmediate().then(() => listFiles(folder));
  listed.catch(() => {});
  await onHost(options, async (reached) => {
    const place = placeOf(reached.settings);
    const files = await listed;
    const there = readState(await ask(reached, "state"));
    const data = lookInto(folder, files, (file) =>
      isListed(file, there) ? (hasVersion(file.path) && there.versions[folderOf(file)]) || "" : undefined,
    );
    tell(folder, data);
    const left = whatIsLeft(reached, folder, data, there);
    if (left.nothing) return;
    refuseFull(reached.endpoint.host, place, there, left);
    console.log(`to send: ${amount(left.files.length, left.bytes)}`);
    const progress = new Progress(left.bytes);
    const whole = new Set(left.whole);
    const summed = left.unlisted.filter((file) => !whole.has(file));
    const archives = archivesFor(left, reached.session);
    const reading = startReading(folder, { summed, packed: left.whole, archives }, (bytes) => progress.add(bytes));
    try {
      if (left.files.length > 0)
        await transfer(reached, { folder, place, ...left, archives: reading.archives }, progress);
      const list = listOf(left, await reading.sums);
      tellLive(reached, data, await reached.run(gameDataAction("arrived", place, ...data.folders), () => {}, list));
    } finally {
      reading.stop();
    }
  });
}

/** `npm run realm -- data use FOLDER`: copies a folder that is on the host already. */
export async function useData(folder: string, options: StackOptions): Promise<void> {
  await onHost(options, async (reached) => {
    const data = readHostFolder(folder, await ask(reached, "list", folder));
    tell(`${reached.endpoint.host}:${folder}`, data);
    const there = readState(await ask(reached, "state"));
    if (whatIsLeft(reached, folder, data, there).nothing) return;
    // What an earlier run gathered is removed before.
    refuseFull(reached.endpoint.host, placeOf(reached.settings), there, data);
    await ask(reached, "copy", folder, ...data.folders);
    console.log("all is copied; the host now reads it once for its checksums");
    const counts = [data.files.length, data.bytes].map(String);
    tellLive(reached, data, await ask(reached, "finish", ...counts, ...data.folders));
    console.log(`nothing needs ${folder} any more`);
  });
}

/** @throws Failure where the data cannot go there */
function whatIsLeft({ endpoint: { host } }: Reached, folder: string, data: GameData, there: OnHost): Remaining {
  if (there.against.length > 0) throw new Failure(`${host}: ${there.against.join("\n")}`);
  refuseUnread(folder, data, there);
  const left = remaining(data, there);
  if (left.nothing) console.log(`${host} has all of it; there is nothing to do`);
  return left;
}

/** It went live, or waits for the release that reads it. */
function tellLive({ settings }: Reached, data: GameData, answer: string): void {
  const { data: live, incoming } = placeOf(settings);
  const [, waits] = /^waits (.*)$/m.exec(answer) ?? [];
  console.log(
    waits
      ? `${incoming} has ${inWords(data)}, which the live release does not read; \`pulumi up\` brings both live, ` +
          `the data and releases/${waits}`
      : `${live} has ${inWords(data)}; \`pulumi up\` starts the worldserver with it`,
  );
}

/** `npm run realm -- data check`: the exit code is 1 where something is not what was sent. */
export async function checkData(options: StackOptions): Promise<number> {
  return onHost(options, async (reached) => {
    const lines = (await ask(reached, "check")).split("\n");
    const wrong = lines.flatMap((line) => /^wrong (\w+) (.*)$/.exec(line)?.slice(1, 3).join(" ") ?? []);
    const files = lines.find((line) => line.startsWith("files "))?.slice("files ".length);
    if (wrong.length === 0) {
      console.log(`${files} files are what was sent`);
      return ENDED.well;
    }
    console.error(
      `${wrong.length} of ${files} files in ${placeOf(reached.settings).data} are not what was sent:\n` +
        `${wrong.slice(0, 20).map(told).join("\n")}${wrong.length > 20 ? "\n  …" : ""}\n` +
        "`npm run realm -- data send FOLDER` puts them right",
    );
    return ENDED.no;
  });
}

const reasons: Readonly<Record<string, string>> = {
  lacks: "is gone",
  size: "has another size",
  sum: "has other content",
  more: "was not sent",
};
const told = (line: string): string => {
  const [, reason = "", path = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
  return `  ${path} ${reasons[reason]}`;
};
