import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { Player } from "../real/player";
import { sql } from "./breakage";
import { servingRealm } from "./core-lab";
import { names, pidOf, reaches } from "./outside";
import { destroyLab, expectOk, type RealmLab, upCompletes } from "./realm-lab";

/** What the servers write as they start and stop, and the updater as it looks for updates. */
const OF_A_START = ["realmlist", "uptime", "worldstates", "updates", "updates_include"];

/** A shell command that adds an update of a database to what is checked out: the `at`th of its day. */
export const sqlUpdate = (role: "auth" | "characters" | "world", at: number, statements: string): string => {
  const file = `sql/updates/${role}/3.3.5/2099_01_01_0${at}_${role}.sql`;
  return `mkdir -p ${file.replace(/\/[^/]*$/, "")} && echo '${statements.replaceAll("'", "'\\''")};' >${file}`;
};

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

  /** What the character owns, in copper, as it was last saved. */
  async money(): Promise<number> {
    return Number(await this.machine.sure(sql("SELECT money FROM characters.characters")));
  }

  /** Owns so much more, by a game master's command; nobody knows of it but the worldserver, until it saves. */
  async earns(copper: number): Promise<void> {
    this.player.say(`.modify money ${copper}`);
    await this.isHeard();
  }

  /** What the worldserver knows the character to own, and a copper more: that shows when it has been saved. */
  async owns(): Promise<number> {
    const before = await this.money();
    await this.earns(1);
    this.player.say(".save");
    let after = before;
    for (let tries = 0; tries < 50 && after === before; tries++) {
      await new Promise((done) => setTimeout(done, 200));
      after = await this.money();
    }
    return after;
  }

  /** Sums of the rows of each table that players have something in: as text, as a dump has no more of a FLOAT either. */
  async rows(): Promise<readonly string[]> {
    const own = OF_A_START.map((table) => `'${table}'`).join(", ");
    const tables = `SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema IN ('authserver', 'characters') AND table_name NOT IN (${own}) ORDER BY 1`;
    const said = await this.machine.sure(
      `for table in $(${sql(tables)}); do echo "$table $(mariadb -N -B -e "SELECT * FROM $table" | sort | sha256sum)"; done`,
    );
    return said.split("\n");
  }

  /** The worldserver has done what the player said before. */
  private async isHeard(): Promise<void> {
    this.said += 1;
    this.player.say(`that was ${this.said}`);
    await this.player.notices(new RegExp(`^message .*that was ${this.said}(?!\\d)`));
  }
  private said = 0;

  /** Until players can come back. */
  async serves(): Promise<void> {
    const { address } = this.machine;
    const both = async () => (await reaches(address, 3724)) && reaches(address, 8085);
    for (let tries = 0; tries < 300 && !(await both()); tries++) await new Promise((done) => setTimeout(done, 200));
    expect(await both()).toBe(true);
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
