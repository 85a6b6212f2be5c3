import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { Player } from "../real/player";
import { sql } from "./breakage";
import { servingRealm } from "./core-lab";
import { names, pidOf } from "./outside";
import { destroyLab, expectOk, type RealmLab, upCompletes } from "./realm-lab";

/** A realm of the real core, and a player in its world. */
export class PlayerLab {
  /** The one that came last. */
  player!: Player;

  private constructor(private readonly realm: RealmLab) {}

  static async make(name: string): Promise<PlayerLab> {
    const realm = await servingRealm(name);
    // The core itself, and a client of others' making, judge what the stack keeps of the password.
    await realm.stack.set({ "trinitycore:login.accounts.Player.password": { secret: "SECRET12" } });
    expectOk(await realm.stack.up());
    return new PlayerLab(realm);
  }

  get machine(): Machine {
    return this.realm.machine;
  }
  get stack(): Stack {
    return this.realm.stack;
  }

  async enter(): Promise<void> {
    this.player = await Player.enter(this.machine, "PLAYER", "SECRET12", "Tester");
  }

  /** Seconds that the character has been in the world, as they were last saved. */
  async played(): Promise<number> {
    return Number(await this.machine.sure(sql("SELECT totaltime FROM characters.characters")));
  }

  online(): Promise<string> {
    return this.machine.sure(sql("SELECT online FROM characters.characters"));
  }

  verb(name: string, ...words: string[]) {
    return this.stack.realm([name, ...this.stack.where, ...words]);
  }

  /** Nothing but these is planned after a change; `up` makes it, and the player stays. */
  async leftAlone(change: () => Promise<unknown>, planned: readonly string[]): Promise<void> {
    const { machine, stack } = this;
    const before = await pidOf(machine, "worldserver");
    await change();
    const preview = expectOk(await stack.preview());
    expect(preview).not.toMatch(/players are disconnected|stops both servers/);
    expect(names(await stack.planned())).toEqual(planned.map((name) => `realm-${name}`));
    await upCompletes(stack);
    expect([await pidOf(machine, "worldserver"), this.player.inTheWorld, await this.online()]).toEqual([
      before,
      true,
      "1",
    ]);
  }

  destroy(): Promise<void> {
    return destroyLab(this.realm);
  }
}
