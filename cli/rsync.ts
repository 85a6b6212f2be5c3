/** rsync on this machine, and how far it is. */
import { spawn } from "node:child_process";
import type { Progress } from "../actions/game-data/progress";
import { Failure } from "../program/failure";
import { TerminalLine } from "./terminal-line";

/** Runs rsync on this machine to its end. @throws Failure where there is none */
export function rsync(args: readonly string[]): Promise<{ code: number | null; said: string }> {
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

export function showProgress(progress: Progress): { end(): void } {
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
