/** What `server/extract/run.sh` says of its stages, and how that is told. */
import { amount, duration, size } from "../amounts";
import { barred, Progress } from "../game-data/progress";

/** In their order; each is done again only when it did not come to its end. */
export const stages = ["maps", "buildings", "vmaps", "mmaps"] as const;
export type Stage = (typeof stages)[number];

const names: Readonly<Record<Stage, string>> = {
  maps: "dbc, maps and Cameras (mapextractor)",
  buildings: "buildings (vmap4extractor)",
  vmaps: "vmaps (vmap4assembler)",
  mmaps: "mmaps (mmaps_generator)",
};

/** A line of it. */
export type Said =
  | { readonly word: "stage"; readonly stage: Stage }
  | {
      readonly word: "at";
      readonly stage: Stage;
      readonly percent: number;
      readonly files: number;
      readonly bytes: number;
      /** Since it began. */
      readonly seconds: number;
    }
  | { readonly word: "done"; readonly stage: Stage; readonly files: number; readonly bytes: number }
  | { readonly word: "note"; readonly text: string };

const isStage = (name: string | undefined): name is Stage => (stages as readonly (string | undefined)[]).includes(name);

/** Undefined for a line that is none of its words. */
export function said(line: string): Said | undefined {
  const [word, stage, ...numbers] = line.split(" ");
  if (word === "note") return { word, text: line.slice("note ".length) };
  if (!isStage(stage)) return undefined;
  const [first = 0, second = 0, third = 0, seconds = 0] = numbers.map(Number);
  if (word === "stage") return { word, stage };
  if (word === "at") return { word, stage, percent: Math.min(99, first), files: second, bytes: third, seconds };
  if (word === "done") return { word, stage, files: first, bytes: second };
  return undefined;
}

/**
 * How far one stage is: what it says of itself, and how fast that came by its own clock, as who joins it hears all that
 * it has said at once.
 */
export class StageProgress {
  private readonly written: Progress;
  private first: { readonly seconds: number; readonly percent: number; readonly bytes: number } | undefined;
  private percent = 0;
  private files = 0;
  private bytes = 0;
  private seconds = 0;

  constructor(private readonly stage: Stage) {
    this.written = new Progress(0, () => this.seconds * 1000);
  }

  at({ percent, files, bytes, seconds }: Omit<Extract<Said, { word: "at" }>, "word" | "stage">): void {
    // What was there when it began did not come at this rate.
    this.first ??= { seconds, percent, bytes };
    Object.assign(this, { percent, files, bytes, seconds });
    this.written.add(bytes - this.first.bytes - this.written.bytes);
  }

  /** "mmaps  45%  1203 files, 1.2 GB  3.4 MB/s  12 m 3 s left" */
  line(): string {
    const rate = `${size(Math.max(0, Math.round(this.written.rate)))}/s`;
    return [this.stage, `${this.percent}%`, amount(this.files, this.bytes), rate, this.left()].join("  ");
  }

  bar(columns: number): string {
    return barred(this.percent, this.line(), columns);
  }

  private left(): string {
    const { seconds, percent } = this.first ?? { seconds: 0, percent: 0 };
    const rate = (this.percent - percent) / (this.seconds - seconds);
    return rate > 0 ? `${duration((100 - this.percent) / rate)} left` : "time left not known yet";
  }
}

/** Of a stage that is whole. */
export const doneLine = ({ stage, files, bytes }: { stage: Stage; files: number; bytes: number }): string =>
  `${names[stage]}: ${amount(files, bytes)}`;
