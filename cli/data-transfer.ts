/** The transfer of game data as the operator sees it. */
import { spawn } from "node:child_process";
import { duration, size } from "../actions/amounts";
import type { GameData } from "../actions/game-data/findings";
import type { Place } from "../actions/game-data/on-host";
import { Progress } from "../actions/game-data/progress";
import { receiver, rsyncArgs } from "../actions/game-data/transfer";
import { Failure } from "../program/failure";
import { remoteShell } from "../ssh/remote-shell";
import type { Reached } from "./on-host";
import { TerminalLine } from "./terminal-line";

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
    `not all game data reached ${host}: ${why}; ${size(progress.bytes)} were sent, and the host keeps what arrived: ` +
    "run it again, and it goes on where it was; the live data was not touched" +
    `${lines.length > 1 ? `\n  ${lines.slice(1, 6).join("\n  ")}` : ""}`
  );
}

/** Runs rsync on this machine to its end. @throws Failure where there is none */
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
          `rsync cannot be started on this machine (${message}); ` +
            "install it: apt install rsync, dnf install rsync, or brew install rsync",
        ),
      ),
    );
    child.on("close", (code) => done({ code, said }));
  });
}

const EVERY_MS = { terminal: 250, lines: 5_000 };

function show(progress: Progress): { end(): void } {
  const line = process.stdout.isTTY ? new TerminalLine() : undefined;
  const tell = () => (line ? line.show((columns) => progress.bar(columns)) : console.log(progress.line()));
  const timer = setInterval(tell, line ? EVERY_MS.terminal : EVERY_MS.lines);
  return {
    end: () => {
      clearInterval(timer);
      line?.clear();
    },
  };
}
