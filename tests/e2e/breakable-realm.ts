import { type Breakage, inRounds, processes } from "./breakage";
import { mistakesOf, observeFromOutside, type PreviewWords, pids, placeholdersOn, preview } from "./preview";
import { convergedRealm, discard, expectOk, type RealmLab } from "./realm-lab";

/** A realm on which nothing is to do when a test begins: a new one, unless the last test left its own so. */
export class BreakableRealm {
  private lab: RealmLab | undefined;
  /** The last preview, as long as it was empty and nothing was broken since. */
  private lastEmptyPreview: PreviewWords | undefined;

  constructor(name: string) {
    beforeEach(async () => {
      if (this.lab && this.lastEmptyPreview) return;
      await discard(this.lab);
      this.lab = await convergedRealm(name);
      await this.expectNothingToDo();
    }, 1_200_000);
    afterAll(() => discard(this.lab), 60_000);
  }

  get realm(): RealmLab {
    return this.lab as RealmLab;
  }
  /** From here on the realm is not at peace; what the last empty preview said. */
  takeLastPreview(): PreviewWords {
    const before = this.lastEmptyPreview as PreviewWords;
    this.lastEmptyPreview = undefined;
    return before;
  }
  async expectNothingToDo(): Promise<void> {
    const look = await preview(this.realm.stack);
    expect([look.planned, look.warns]).toEqual([[], {}]);
    this.lastEmptyPreview = look;
  }

  /**
   * A test for each round: several unrelated things are broken at once, since a preview and an `up` have a price, and
   * what is found of one must not depend on another.
   */
  repairsEach(rows: readonly Breakage[]): void {
    const rounds = inRounds(rows).map((together, at) => ({
      together,
      round: at + 1,
      names: together.map(({ name }) => `\n      ${name}`).join(""),
    }));
    it.each(rounds)(
      "is named, put right by one `up`, and then at peace, round $round:$names",
      ({ together }) => this.breakAndRepair(together, mistakesOf, true),
      300_000,
    );
  }

  /**
   * Breaks these things, has the preview judged, repairs them with one `up`, and looks whether all is as it was before.
   */
  async breakAndRepair(rows: readonly Breakage[], judge: typeof mistakesOf, exactly: boolean): Promise<void> {
    const { machine, stack } = this.realm;
    const good = await observeFromOutside(machine, rows);
    const placeholders = await placeholdersOn(machine);
    const before = this.takeLastPreview();
    for (const { name, by } of rows) {
      const { code, stdout, stderr } = await machine.exec(by);
      if (code !== 0) throw new Error(`${name}: could not be broken: ${stdout}${stderr}`);
    }
    const [broken, running] = [await observeFromOutside(machine, rows), await pids(machine)];
    for (const { name } of rows) expect([name, broken[name]]).not.toEqual([name, good[name]]);
    const stays = async () => Promise.all(rows.map(async ({ stays }) => (stays ? machine.sure(stays) : "")));
    const others = await stays();
    const { head } = await placeholdersOn(machine).catch(() => placeholders);
    expect(judge(rows, await preview(stack), before, { ...placeholders, checkout: head })).toEqual({});

    expectOk(await stack.up());
    for (const { remedy } of rows) if (remedy) await machine.sure(remedy);
    expect(await observeFromOutside(machine, rows)).toEqual(good);
    expect(await stays()).toEqual(others);
    if (exactly) {
      const after = await pids(machine);
      const started = new Set(rows.flatMap(({ starts = [] }) => starts));
      expect(processes.filter((_, at) => after[at] !== running[at])).toEqual(processes.filter((p) => started.has(p)));
    }
    await this.expectNothingToDo();
  }
}
