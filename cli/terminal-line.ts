/** The last line of a terminal, which tells how far something is. */

/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

/** Is drawn over and over in its place, and again when the terminal is made wider or narrower. */
export class TerminalLine {
  private text: ((columns: number) => string) | undefined;
  private readonly draw = () => {
    // In the last column some terminals go on to the next line already.
    if (this.text) process.stdout.write(`\r${this.text((process.stdout.columns || COLUMNS) - 1)}\x1b[K`);
  };

  /** @param text in at most so many columns */
  show(text: (columns: number) => string): void {
    if (!this.text) process.stdout.on("resize", this.draw);
    this.text = text;
    this.draw();
  }

  clear(): void {
    if (!this.text) return;
    process.stdout.off("resize", this.draw);
    this.text = undefined;
    process.stdout.write("\r\x1b[K");
  }
}
