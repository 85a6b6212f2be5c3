import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inWords } from "../../../../actions/game-data/findings";
import { listFiles, lookInto, refuseOther } from "../../../../actions/game-data/folder";

describe("looking at a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "look-"));
  const lookAt = (at: string) => lookInto(at, listFiles(at));
  beforeAll(() => execFileSync("tests/lab/core/make-data.sh", [folder]));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("finds each file, also behind links and in folders of a locale, and nothing that a file manager left", () => {
    const plain = lookAt(folder);
    expect(inWords(plain)).toBe("dbc, maps 10, vmaps 4.8, mmaps 15, Cameras");
    mkdirSync(join(folder, "dbc/enUS"));
    for (const name of [".DS_Store", "Thumbs.db", "enUS/.hidden"]) writeFileSync(join(folder, "dbc", name), "x");
    symlinkSync("../Map.dbc", join(folder, "dbc/enUS/Map.dbc"));
    const more = lookAt(folder);
    expect(more.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([...plain.files.map(({ path }) => path), "dbc/enUS/Map.dbc"]),
    );
    expect(more.files).toHaveLength(plain.files.length + 1);
    expect(Object.keys(more.files[0] as object)).toEqual(expect.arrayContaining(["path", "size", "mtime"]));
    expect(more.bytes).toBe(more.files.reduce((sum, { size }) => sum + size, 0));
  });

  it("does not look again into what it knows, and tells its version all the same", () => {
    const files = listFiles(folder);
    const map = files.find(({ path }) => path.startsWith("maps/"));
    const found = (version: string) => lookInto(folder, files, (file) => (file === map ? version : undefined));
    expect(found("10").versions).toMatchObject({ maps: "10" });
    expect(() => found("9")).toThrow(/maps has files of several versions: 9 \(1, such as maps.*10 \(/);
    expect(found("").files).toEqual(expect.arrayContaining([map]));
    expect(inWords(lookInto(folder, files, ({ path }) => (path.endsWith(".map") ? "7" : "")))).toBe(
      "dbc, maps 7, vmaps, mmaps, Cameras",
    );
  });

  it("says what is wrong, all at once, and what a client is", () => {
    writeFileSync(join(folder, "mmaps/0004331.mmtile"), "PAMM");
    writeFileSync(join(folder, "maps/0004331.map"), "");
    expect(() => lookAt(folder)).toThrow(
      /^.* is not sent as game data:\n {2}cut off: maps\/0004331\.map; .*\n {2}not finished: mmaps\/0004331\.mmtile; /,
    );
    expect(() => refuseOther(join(folder, "none"))).toThrow(/none cannot be read: ENOENT/);
    expect(() => refuseOther(join(folder, "dbc"))).toThrow(/dbc is not sent as game data:\n {2}dbc is missing/);
    mkdirSync(join(folder, "client/Data"), { recursive: true });
    expect(() => refuseOther(join(folder, "client"))).toThrow(/client is a game client, and no game data yet/);
  });
});
