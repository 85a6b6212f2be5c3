import { asCommit, changesIn, inWords, isNews, refusePinned, updateAction } from "../../../actions/update";
import { load } from "../settings/source";

const [from, to] = ["1".repeat(40), "2".repeat(40)];
const said = (...lines: string[]) => [`branch=3.3.5`, `from=${from}`, `base=${to}`, `head=${to}`, ...lines].join("\n");

describe("what an update would bring", () => {
  it("is told by commits, SQL files of each database, and keys", () => {
    const changes = changesIn(
      said(
        `commit\t${to}\tCore/Spells: fix\ta thing`,
        "sql\tworld\t3.3.5/2026_07_21_00_world.sql",
        "sql\tauth\t3.3.5/2026_07_20_00_auth.sql",
        "key\tworldserver\tadded\tNew.Key\t1",
        "key\tworldserver\tchanged\tRate.XP\t1 -> 2",
        "key\tauthserver\tremoved\tOld.Key\t0",
        "waits=",
      ),
    );
    expect(inWords(changes).split("\n")).toEqual([
      "111111111111 is live; 222222222222 of 3.3.5 would come",
      "1 commit",
      "  222222222222 Core/Spells: fix a thing",
      "1 SQL file for auth",
      "  3.3.5/2026_07_20_00_auth.sql",
      "1 SQL file for world",
      "  3.3.5/2026_07_21_00_world.sql",
      "keys of the confs",
      "  worldserver.conf: New.Key added (1)",
      "  worldserver.conf: Rate.XP changed (1 -> 2)",
      "  authserver.conf: Old.Key removed (0)",
    ]);
  });

  it("is nothing at the newest commit, but for a release that waits", () => {
    const same = `branch=3.3.5\nfrom=${to}\nbase=${to}\nwaits=`;
    expect(inWords(changesIn(same))).toBe("222222222222 is the newest of 3.3.5: nothing would come");
    expect(inWords(changesIn(`${same}2222-ab`))).toContain("\nreleases/2222-ab waits to go live");
  });

  it.each([
    ["nothing", "", false],
    ["another commit", `base=${from}`, true],
    ["a release that waits", "waits=2222-ab", true],
    ["another library", "anew\tthe newest release was built with ssl libssl.so.1, should be libssl.so.3", true],
  ])("%s: is something to update to: %j", (_, more, news) => {
    const changes = changesIn([more, `branch=3.3.5`, `from=${to}`, `base=${to}`].join("\n"));
    expect(isNews(changes)).toBe(news);
    expect(inWords(changes)).toContain(more.split(/[\t=]/)[1]?.slice(0, 12) ?? "");
  });

  it("says what speaks against it, and how to try it all the same", () => {
    expect(inWords(changesIn(said("failed=it does not build (Thu 01:10)")))).toContain(
      `nights leave it alone: it does not build (Thu 01:10); to try it again: npm run realm -- update ${to}`,
    );
  });

  it("shows twenty lines of each, and no control characters of strangers", () => {
    const many = Array.from({ length: 25 }, (_, i) => `commit\t${to}\tn${i}\u001b[2J`);
    const lines = inWords(changesIn(said(...many))).split("\n");
    expect(lines).toHaveLength(2 + 20 + 1);
    expect(lines[2]).toBe("  222222222222 n0?[2J");
    expect(lines.at(-1)).toBe("  … and 5 more");
  });

  it("is not guessed from an answer that was cut off", () => {
    expect(() => changesIn("branch=3.3.5")).toThrow(/cut off/);
  });
});

describe("an update to a commit", () => {
  const pinned = load({ "core.source.commit": from });

  it.each([
    ["another than the config keeps it at", pinned, to, /keeps the realm at 1{12}; .*\n.*core\.source\.commit 2{40}\n/],
    ["the same", pinned, from.toUpperCase(), undefined],
    ["none", pinned, undefined, undefined],
    ["any where none is kept", load({}), to, undefined],
  ])("%s", (_, settings, commit, refused) => {
    const ask = () => refusePinned(settings, commit);
    if (refused) expect(ask).toThrow(refused);
    else expect(ask).not.toThrow();
  });

  it("is named by all its digits", () => {
    expect(asCommit("A".repeat(40))).toBe("a".repeat(40));
    expect(() => asCommit("abc123")).toThrow(/"abc123" is no commit: all 40 digits/);
  });

  it("goes to the host as a word of its own", () => {
    expect(updateAction(load({}), "p/s", "now", to)).toEqual({
      ...{ script: "update", words: ["now"] },
      told: { stack: "p/s", commit: to },
    });
  });
});
