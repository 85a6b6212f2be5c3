import { LoginPace } from "../../../ssh/login-pace";

/** A clock that only waiting moves; when each of so many got its turn. */
async function turns(count: number, limit = { count: 6, seconds: 30 }) {
  let now = 0;
  const told: string[] = [];
  const pace = new LoginPace(
    limit,
    (text) => told.push(text),
    async (ms) => {
      now += ms;
    },
    () => now,
  );
  const at: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    await pace.waitForTurn();
    at.push(now / 1000);
  }
  return { at, told };
}

describe("where a firewall counts new connections", () => {
  it("there is one left in any stretch of time that it looks at, for the look and the tunnel", async () => {
    const { at, told } = await turns(20);
    // As `recent` counts, the one before the first turn included: from the sixth it refuses.
    const most = Math.max(
      ...[0, ...at].map((from, _, all) => all.filter((time) => time >= from && time < from + 30).length),
    );
    expect(most).toBeLessThanOrEqual(4);
    expect(told).toEqual([
      expect.stringMatching(/^its firewall takes 5 new connections .* in 30 s \(ufw limit\), .* 8 s/),
    ]);
  });

  it("nobody waits without a limit", async () => {
    const waits: number[] = [];
    const pace = new LoginPace(undefined, undefined, async (ms) => waits.push(ms));
    await pace.waitForTurn(() => Promise.reject(new Error("never asked")));
    expect(waits).toEqual([]);
  });

  it("a turn comes after what it follows: one that is taken too early is none", async () => {
    const order: string[] = [];
    const pace = new LoginPace({ count: 6, seconds: 30 }, undefined, async () => order.push("waited"));
    await pace.waitForTurn(async () => order.push("ready"));
    expect(order).toEqual(["ready", "waited"]);
  });
});
