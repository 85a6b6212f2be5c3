import { chosen, losses, releaseLine, releasesIn, rollbackAction } from "../../../actions/rollback";
import { load } from "../settings/source";

const said = [
  "4f1c2ab90d3e-1a2b3c4d\t1790000000\tlive\t\t",
  "91be03c77aa1-1a2b3c4d\t1780000000\t\tauth=2026-11-26T034000Z world=2026-11-25T120102Z\t",
  "91aa00000000-1a2b3c4d\t1770000000\t\t\t",
  "77aa00000000-0a0a0a0a\t1760000000\t\t\treleases/77aa00000000-0a0a0a0a/bin/worldserver lacks the library libboost.so",
].join("\n");
const releases = releasesIn(said);

describe("the releases to go back to", () => {
  it("are read with what each would cost", () => {
    expect(releases.map(({ name, live, problem }) => [name.slice(0, 4), live, problem !== undefined])).toEqual([
      ["4f1c", true, false],
      ["91be", false, false],
      ["91aa", false, false],
      ["77aa", false, true],
    ]);
    expect(releases[1]?.restores).toEqual({ auth: "2026-11-26T034000Z", world: "2026-11-25T120102Z" });
    expect(releases.map((each) => losses(each).length)).toEqual([0, 2, 0, 0]);
    expect(losses(releases[1] as (typeof releases)[0])[0]).toMatch(/^the auth database goes back to 2026-11-2\d /);
  });

  it.each([
    ["4f1c2ab90d3e", / {2}live$/],
    ["91be03c77aa1", / {2}restores auth and world$/],
    ["91aa00000000", / {2}can run with the databases as they are$/],
    ["77aa00000000", / {2}cannot run: releases\/77aa.* lacks the library libboost\.so$/],
  ])("%s is told in one line", (begins, line) => {
    expect(releases.map(releaseLine).find((each) => each.startsWith(begins))).toMatch(line);
  });

  it.each([
    ["91be", undefined],
    ["91", /^several releases begin with 91\n/],
    ["0000", /^there is no release 0000\n {2}4f1c/],
    ["4f1c", /^4f1c2ab90d3e-1a2b3c4d is live$/],
    ["77aa", /^77aa.* cannot run: /],
  ])("%s names one that can go live, or there is a reason", (named, error) => {
    if (error) expect(() => chosen(releases, named)).toThrow(error);
    else expect(chosen(releases, named)).toBe(releases[1]);
  });

  it("the host is told which receipt knows the databases", () => {
    expect(rollbackAction(load({}), "trinitycore/test", "back", "91be").told).toMatchObject({
      ...{ verb: "back", release: "91be", "page.schema": "schema", "own.schema": "schema-wotlk" },
    });
  });
});
