import { type Breakage, inRounds, processes } from "./breakage";
import { fromOutside, type Look, mistakesOf, namesOn, pids, preview } from "./looks";
import { convergedRealm, discard, expectOk, type RealmLab } from "./realm-lab";

/** A realm on which nothing is to do when a test begins: a new one, unless the last test left its own so. */
export class Peace {
  private lab: RealmLab | undefined;
  /** The last preview, as long as it was empty and nothing was broken since. */
  private quiet: Look | undefined;

  constructor(name: string) {
    beforeEach(async () => {
      if (this.lab && this.quiet) return;
      await discard(this.lab);
      this.lab = await convergedRealm(name);
      await this.returns();
    }, 1_200_000);
    afterAll(() => discard(this.lab), 60_000);
  }

  get realm(): RealmLab {
    return this.lab as RealmLab;
  }
  /** From here on the realm is not at peace; what the last empty preview said. */
  ends(): Look {
    const before = this.quiet as Look;
    this.quiet = undefined;
    return before;
  }
  async returns(): Promise<void> {
    const look = await preview(this.realm.stack);
    expect([look.planned, look.warns]).toEqual([[], {}]);
    this.quiet = look;
  }

  /**
   * A test for each round: several unrelated things are broken at once, since a preview and an `up` have a price, and
   * what is found of one must not depend on another.
   */
  losesEach(rows: readonly Breakage[]): void {
    const rounds = inRounds(rows).map((together, at) => ({
      together,
      round: at + 1,
      names: together.map(({ name }) => `\n      ${name}`).join(""),
    }));
    it.each(rounds)(
      "is named, put right by one `up`, and then at peace, round $round:$names",
      ({ together }) => this.lose(together, mistakesOf, true),
      300_000,
    );
  }

  /**
   * Breaks these things, has the preview judged, repairs them with one `up`, and looks whether all is as it was before.
   */
  async lose(rows: readonly Breakage[], judge: typeof mistakesOf, exactly: boolean): Promise<void> {
    const { machine, stack } = this.realm;
    const good = await fromOutside(machine, rows);
    const stands = await namesOn(machine);
    const before = this.ends();
    for (const { name, by } of rows) {
      const { code, stdout, stderr } = await machine.exec(by);
      if (code !== 0) throw new Error(`${name}: could not be broken: ${stdout}${stderr}`);
    }
    const [broken, running] = [await fromOutside(machine, rows), await pids(machine)];
    for (const { name } of rows) expect([name, broken[name]]).not.toEqual([name, good[name]]);
    const stays = async () => Promise.all(rows.map(async ({ stays }) => (stays ? machine.sure(stays) : "")));
    const others = await stays();
    const { head } = await namesOn(machine).catch(() => stands);
    expect(judge(rows, await preview(stack), before, { ...stands, checkout: head })).toEqual({});

    expectOk(await stack.up());
    for (const { remedy } of rows) if (remedy) await machine.sure(remedy);
    expect(await fromOutside(machine, rows)).toEqual(good);
    expect(await stays()).toEqual(others);
    if (exactly) {
      const after = await pids(machine);
      const started = new Set(rows.flatMap(({ starts = [] }) => starts));
      expect(processes.filter((_, at) => after[at] !== running[at])).toEqual(processes.filter((p) => started.has(p)));
    }
    await this.returns();
  }
}
