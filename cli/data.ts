import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { type GameData, inWords } from "../actions/game-data/findings";
import { lookAt } from "../actions/game-data/folder";
import { LAST, type Place, readState, refuseFull, remaining, size, words } from "../actions/game-data/on-host";
import { duration, Progress } from "../actions/game-data/progress";
import { receiver, rsyncArgs } from "../actions/game-data/transfer";
import { run } from "../actions/run";
import type { WithLayout } from "../components/layout";
import { Failure } from "../program/failure";
import { remoteShell } from "../ssh/remote-shell";
import { ENDED } from "./ended";
import { onHost, type Reached } from "./on-host";
import type { StackOptions } from "./stack-options";

/** The names and places of the realm's game data. */
export const placeOf = ({ host, layout }: WithLayout): Place => {
  const { data, incoming, manifest, receipts } = layout.realm;
  return { data, incoming, manifest, user: host.user.name, group: host.user.group, lock: receipts.data };
};

const action = (what: string) => ({ script: "game-data.sh", words: what, last: LAST });

const amount = (files: number, bytes: number): string => `${files} file${files === 1 ? "" : "s"}, ${size(bytes)}`;

/**
 * `npm run realm -- data send FOLDER`: what is live stays as it is until all has arrived; cut off and run
 * again, it goes on where it was.
 */
export async function sendData(given: string, options: StackOptions): Promise<void> {
  const folder = resolve(given);
  const data = lookAt(folder);
  console.log(`${folder}: ${inWords(data)}; ${amount(data.files.length, data.bytes)}`);
  await onHost(options, async (reached) => {
    const { settings, endpoint, session } = reached;
    const place = placeOf(settings);
    const there = readState(await run(session, endpoint, action(words("state", place))));
    if (there.against.length > 0) throw new Failure(`${endpoint.host}: ${there.against.join("\n")}`);
    const left = remaining(data, there);
    if (left.nothing) {
      console.log(`${endpoint.host} has all of it; nothing to send`);
      return;
    }
    refuseFull(endpoint.host, place, there, left);
    console.log(`to send: ${amount(left.files, left.bytes)}`);
    await transfer(reached, folder, data, left.bytes);
    console.log("all has arrived; it is read there once more, for its sums, and then goes live");
    const sums = [data.files.length, data.bytes].map(String);
    await run(session, endpoint, action(words("finish", place, ...sums)));
    console.log(`${place.data} has ${inWords(data)}; \`pulumi up\` starts the worldserver with it`);
  });
}

async function transfer(
  { session, endpoint, settings }: Reached,
  folder: string,
  data: GameData,
  bytes: number,
): Promise<void> {
  const place = placeOf(settings);
  const progress = new Progress(bytes);
  const began = Date.now();
  const shell = await remoteShell(
    session,
    endpoint,
    (called) => receiver(called, data, place),
    (sent) => progress.add(sent),
  );
  const shown = show(progress);
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
    `the game data did not reach ${host} whole: ${why}; ${size(progress.bytes)} were sent, and what arrived is kept there: ` +
    `run it again, and it goes on; what is live was not touched${lines.length > 1 ? `\n  ${lines.slice(1, 6).join("\n  ")}` : ""}`
  );
}

/** Here, to its end. @throws Failure where there is none */
function rsync(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((done, fail) => {
    const child = spawn("rsync", args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", ({ message }) =>
      fail(
        new Failure(
          `rsync cannot be started on this machine (${message}); install it: apt install rsync, dnf install rsync, or brew install rsync`,
        ),
      ),
    );
    child.on("close", (code) => done({ code, said }));
  });
}

const EVERY_MS = { terminal: 250, lines: 5_000 };

function show(progress: Progress): { end(): void } {
  const terminal = process.stdout.isTTY;
  const tell = () => (terminal ? process.stdout.write(`\r${progress.bar()}\x1b[K`) : console.log(progress.line()));
  const timer = setInterval(tell, terminal ? EVERY_MS.terminal : EVERY_MS.lines);
  return {
    end: () => {
      clearInterval(timer);
      if (terminal) process.stdout.write("\r\x1b[K");
    },
  };
}

/** `npm run realm -- data check`: ends with 1 where something is not what was sent. */
export async function checkData(options: StackOptions): Promise<number> {
  return onHost(options, async ({ settings, endpoint, session }) => {
    const place = placeOf(settings);
    const lines = (await run(session, endpoint, action(words("check", place)))).split("\n");
    const wrong = lines.flatMap((line) => /^wrong (\w+) (.*)$/.exec(line)?.slice(1, 3).join(" ") ?? []);
    const files = lines.find((line) => line.startsWith("files "))?.slice("files ".length);
    if (wrong.length === 0) {
      console.log(`${files} files are what was sent`);
      return ENDED.well;
    }
    console.error(
      `${wrong.length} of ${files} files in ${place.data} are not what was sent:\n${wrong.slice(0, 20).map(told).join("\n")}` +
        `${wrong.length > 20 ? "\n  …" : ""}\n\`npm run realm -- data send FOLDER\` puts them right`,
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
