/** How many new connections a firewall accepts from one address in how many seconds. */
export interface ConnectionLimit {
  readonly count: number;
  readonly seconds: number;
}

/**
 * Spreads new connections over time where a firewall counts them (ufw limit). The plugin opens a connection for each
 * command and repeats refused ones at once; the firewall counts these too, and soon lets nobody in.
 */
export class LoginPace {
  /**
   * Milliseconds between two connections, with room for two more: the look and the databases' tunnel have one each.
   */
  private readonly gap: number;
  private next = 0;
  private told = false;

  constructor(
    private readonly limit?: ConnectionLimit,
    private readonly tell: (text: string) => void = () => {},
    private readonly wait = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms)),
    private readonly now = (): number => Date.now(),
  ) {
    this.gap = limit ? Math.ceil((1_000 * limit.seconds) / Math.max(1, limit.count - 2)) : 0;
    this.next = this.now() + this.gap;
  }

  /** Waits until a new connection may be opened. @param ready resolves when everything before it is done */
  async waitForTurn(ready: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    if (!this.limit) return;
    await ready();
    const at = Math.max(this.now(), this.next);
    this.next = at + this.gap;
    if (at <= this.now()) return;
    if (!this.told) {
      const { count, seconds } = this.limit;
      this.tell(
        `its firewall takes ${count - 1} new connections from one address in ${seconds} s (ufw limit), ` +
          `so each step waits up to ${Math.ceil(this.gap / 1_000)} s for its own; ` +
          "`ufw allow 22/tcp` there makes this `up` quicker",
      );
    }
    this.told = true;
    await this.wait(at - this.now());
  }
}
