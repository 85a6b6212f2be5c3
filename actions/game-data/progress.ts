/** How far a transfer is, in words: a bar on a terminal, elsewhere a line from time to time. */
import { duration, size } from "../amounts";

/** The rate is that of the last seconds, because a connection is slow and fast by turns. */
const WINDOW_MS = 10_000;

export class Progress {
  private readonly heard: { readonly at: number; readonly bytes: number }[] = [];
  private sent = 0;

  /** @param total expected bytes; rsync itself sends a little more */
  constructor(
    private readonly total: number,
    private readonly now: () => number = Date.now,
  ) {
    this.heard.push({ at: now(), bytes: 0 });
  }

  add(bytes: number): void {
    this.sent += bytes;
    const at = this.now();
    const last = this.heard.at(-1);
    if (last && at - last.at < 250) return;
    this.heard.push({ at, bytes: this.sent });
    while (this.heard.length > 2 && at - (this.heard[0]?.at ?? at) > WINDOW_MS) this.heard.shift();
  }

  get bytes(): number {
    return this.sent;
  }

  /** At most 99: only rsync knows when it is done. */
  get percent(): number {
    return this.total > 0 ? Math.min(99, Math.floor((100 * this.sent) / this.total)) : 99;
  }

  /** Bytes per second, of the last seconds. */
  get rate(): number {
    const { at, bytes } = this.heard[0] as { at: number; bytes: number };
    const passed = this.now() - at;
    return passed > 0 ? (1000 * (this.sent - bytes)) / passed : 0;
  }

  /** "45%  1.6 GB of 3.6 GB  52.3 MB/s  38 s left" */
  line(): string {
    const { rate } = this;
    const left = rate > 0 ? `${duration(Math.max(0, this.total - this.sent) / rate)} left` : "waiting";
    const amount = `${size(Math.min(this.sent, this.total))} of ${size(this.total)}`;
    return `${this.percent}%  ${amount}  ${size(rate)}/s  ${left}`;
  }

  bar(columns: number): string {
    return barred(this.percent, this.line(), columns);
  }
}

/** "[####......] LINE", no wider than that; where there is no room for a bar, without one. */
export function barred(percent: number, line: string, columns: number): string {
  const width = Math.min(24, columns - line.length - 3);
  if (width < 5) return line.slice(0, Math.max(0, columns));
  const done = Math.round((width * percent) / 100);
  return `[${"#".repeat(done)}${".".repeat(width - done)}] ${line}`;
}
