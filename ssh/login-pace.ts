/** What a firewall takes from one address: so many new connections in so many seconds, and from then on none. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

/**
 * The plugin makes a connection for each command, and tries again within moments where one is refused; a firewall that
 * counts them (ufw limit) counts those too, and lets nobody in any more. So each waits here for its turn, in words.
 */
export class Pace {
  /**
   * Between two connections: the look itself and the databases' tunnel have one each, which none of these may be in the
   * way of.
   */
  private readonly gap: number;
  private next = 0;
  private told = false;

  constructor(
    private readonly limit?: Limit,
    private readonly tell: (text: string) => void = () => {},
    private readonly wait = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms)),
    private readonly now = (): number => Date.now(),
  ) {
    this.gap = limit ? Math.ceil((1_000 * limit.seconds) / Math.max(1, limit.count - 2)) : 0;
    this.next = this.now() + this.gap;
  }

  /** @param ready what comes first in any case: a turn that is taken too early would be no turn */
  async turn(ready: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    if (!this.limit) return;
    await ready();
    const at = Math.max(this.now(), this.next);
    this.next = at + this.gap;
    if (at <= this.now()) return;
    if (!this.told) {
      const { count, seconds } = this.limit;
      this.tell(
        `its firewall takes ${count - 1} new connections from one address in ${seconds} s (ufw limit), so each step waits up to ` +
          `${Math.ceil(this.gap / 1_000)} s for its own; \`ufw allow 22/tcp\` there, while it is set up, makes it quicker`,
      );
    }
    this.told = true;
    await this.wait(at - this.now());
  }
}
