import { type Breakage, inRounds, processes } from "./breakage";
import { mistakesOf, observeFromOutside, type PreviewWords, pids, placeholdersOn, preview } from "./preview";
import { convergedRealm, destroyLab, expectOk, type RealmLab } from "./realm-lab";

/** A realm on which nothing is to do when a test begins; a failed test's realm is replaced by a new one. */
export class BreakableRealm {
  private lab: RealmLab | undefined;
  /** The last preview, if it was empty and nothing has been broken since. */
  private lastEmptyPreview: PreviewWords | undefined;

  constructor(name: string) {
    beforeEach(async () => {
      if (this.lab && this.lastEmptyPreview) return;
      await destroyLab(this.lab);
      this.lab = await convergedRealm(name);
      await this.expectNothingToDo();
    }, 1_200_000);
    afterAll(() => destroyLab(this.lab), 60_000);
  }

  get realm(): RealmLab {
    return this.lab as RealmLab;
  }
  /** Returns the last empty preview and forgets it, because the test is about to break something. */
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
   * A test for each round. A round breaks several unrelated things at once: that saves previews and `up`s, and shows
   * that the findings do not depend on each other.
   */
  repairsEach(rows: readonly Breakage[]): void {
    const rounds = inRounds(rows).map((together, at) => ({
      together,
      round: at + 1,
      names: together.map(({ name }) => `\n      ${name}`).join(""),
    }));
    it.each(rounds)(
      "is named, repaired by one `up`, and then nothing is to do, round $round:$names",
      ({ together }) => this.breakAndRepair(together, mistakesOf, true),
      300_000,
    );
  }

  /**
   * Breaks these things, judges the preview, repairs them with one `up`, and checks that all is as it was before.
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
