import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { doneLine, type Said, StageProgress, said } from "../actions/client/stages";
import { TerminalLine } from "./terminal-line";

/** Elsewhere than on a terminal, how much time is between two lines of one stage. */
const EVERY_MS = 30_000;

/** Tells what the stages say, as they say it: a bar on a terminal, lines elsewhere. */
export async function tellStages(from: Readable): Promise<void> {
  const teller = new Teller();
  for await (const line of createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY })) {
    const heard = said(line);
    if (heard) teller.tell(heard);
  }
  teller.clear();
}

class Teller {
  private progress: StageProgress | undefined;
  private last = 0;
  private readonly line = process.stdout.isTTY ? new TerminalLine() : undefined;

  tell(heard: Said): void {
    if (heard.word === "stage") {
      this.progress = new StageProgress(heard.stage);
      this.last = Date.now();
    } else if (heard.word === "at") {
      this.progress ??= new StageProgress(heard.stage);
      this.progress.at(heard);
      this.show(this.progress);
    } else {
      this.clear();
      this.progress = undefined;
      console.log(heard.word === "done" ? doneLine(heard) : heard.text);
    }
  }

  clear(): void {
    this.line?.clear();
  }

  private show(progress: StageProgress): void {
    if (this.line) this.line.show((columns) => progress.bar(columns));
    else if (Date.now() - this.last >= EVERY_MS) {
      this.last = Date.now();
      console.log(progress.line());
    }
  }
}
