import { asGameData, inWords, problems, type SeenFile } from "../../../../actions/game-data/findings";
import { hasHead, readHead } from "../../../../actions/game-data/formats";

const u32 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer)));
const head = (magic: string, ...values: number[]) => Buffer.concat([Buffer.from(magic, "latin1"), u32(...values)]);

describe("the head of a file", () => {
  it.each<[string, Buffer, number, object]>([
    ["dbc/Map.dbc", head("WDBC", 3, 66, 264, 100), 20 + 3 * 264 + 100, {}],
    ["dbc/enUS/Map.dbc", head("WDBC", 0, 1, 4, 1), 21, {}],
    ["dbc/Map.dbc", head("WDBC", 3, 66, 264, 100), 20 + 3 * 264 + 99, { wrong: "short" }],
    ["dbc/Map.dbc", head("WDB2", 3, 66, 264, 100), 9_000, { wrong: "other" }],
    ["dbc/Map.dbc", Buffer.alloc(0), 0, { wrong: "short" }],
    ["maps/0004331.map", head("MAPS", 10, 12340, 44, 0), 1_000, { version: "10" }],
    ["maps/0004331.map", head("MAPS", 9, 12340, 44, 0), 1_000, { version: "9" }],
    ["maps/0004331.map", Buffer.from("MAPS\x0a"), 5, { wrong: "short" }],
    ["maps/0004331.map", Buffer.alloc(20), 1_000, { wrong: "other" }],
    ["vmaps/000.vmtree", Buffer.from("VMAP_4.8\x01NODE"), 900, { version: "4.8" }],
    ["vmaps/000_31_43.vmtile", Buffer.from("VMAP_4.A"), 8, { version: "4.A" }],
    ["vmaps/x.wmo.vmo", Buffer.from("VMAP048\0\0\0\0\0"), 900, { wrong: "raw" }],
    ["vmaps/GameObjectModels.dtree", Buffer.from("VMAP"), 4, { wrong: "short" }],
    ["mmaps/0004331.mmtile", head("PAMM", 7, 15, 500, 1), 520, { version: "15" }],
    ["mmaps/0004331.mmtile", head("PAMM", 7, 15, 500, 1), 519, { version: "15", wrong: "short" }],
    ["mmaps/0004331.mmtile", head("PAMM", 7), 8, { wrong: "short" }],
    ["mmaps/0004331.mmtile", head("MMAP", 7, 15, 500, 1), 520, { wrong: "other" }],
    ["mmaps/000.mmap", Buffer.alloc(20), 28, {}],
    ["mmaps/000.mmap", Buffer.alloc(20), 27, { wrong: "short" }],
    ["Cameras/FlyByHuman.m2", Buffer.from("MD20\x08\x01\0\0"), 900, {}],
    ["Cameras/FlyByHuman.m2", Buffer.from("WDBC"), 900, { wrong: "other" }],
    ["maps/readme.txt", Buffer.from("hello"), 5, {}],
    ["vmaps/Map.dbc", Buffer.from("hello"), 5, {}],
  ])("of %s is read as the core reads it", (path, bytes, size, expected) => {
    expect(readHead(path, bytes.subarray(0, 20), size)).toEqual(expected);
  });

  it("is only looked for where there is one", () => {
    expect(["maps/a.map", "maps/readme.txt", "dbc/map"].map(hasHead)).toEqual([true, false, false]);
  });
});

const file = (path: string, over: Partial<SeenFile> = {}): SeenFile => ({ path, size: 100, mtime: 1, ...over });
const whole: readonly SeenFile[] = [
  file("dbc/Map.dbc"),
  ...["0004331", "0004832", "0013339", "0002828", "0011230", "0013732"].map((tile) =>
    file(`maps/${tile}.map`, { version: "10" }),
  ),
  file("vmaps/000.vmtree", { version: "4.8" }),
];

describe("a folder that is to be sent", () => {
  it("may be without mmaps and Cameras", () => {
    expect(problems(whole)).toEqual([]);
    const data = asGameData(whole);
    expect(data).toMatchObject({ folders: ["dbc", "maps", "vmaps"], bytes: 800 });
    expect(inWords(data)).toBe("dbc, maps 10, vmaps 4.8");
  });

  it.each<[string, readonly SeenFile[], RegExp[]]>([
    [
      "nothing",
      [],
      [/^dbc is missing.*mapextractor makes it$/, /^maps is missing/, /^vmaps is missing.*vmap4assembler makes it$/],
    ],
    [
      "a start tile missing",
      whole.filter(({ path }) => !path.includes("13732")),
      [/stand is missing: maps\/0013732\.map; /],
    ],
    [
      "two versions",
      [...whole, file("maps/5302828.map", { version: "9" })],
      [
        /^maps has files of several versions: 10 \(6, such as maps\/0004331\.map\), 9 \(1, such as maps\/5302828\.map\); /,
      ],
    ],
    [
      "tiles that were not finished",
      [...whole, file("mmaps/1.mmtile", { version: "15", wrong: "short" }), file("mmaps/2.mmtile", { wrong: "short" })],
      [/^not finished: 2 files, such as mmaps\/1\.mmtile; delete them and let mmaps_generator make them again$/],
    ],
    ["a file cut off", [...whole, file("dbc/Spell.dbc", { wrong: "short" })], [/^cut off: dbc\/Spell\.dbc; copy/]],
    [
      "something else",
      [...whole, file("maps/1.map", { wrong: "other" })],
      [/^no file of the game data.*: maps\/1\.map$/],
    ],
    [
      "vmaps not assembled",
      [...whole, file("vmaps/a.vmo", { wrong: "raw" })],
      [/^what vmap4extractor made, which vmap4as/],
    ],
    [
      "a name of two lines",
      [...whole, file("dbc/a\nb")],
      [/^a name with a backslash or a control character in it: "dbc\/a\\nb"$/],
    ],
  ])("is refused with %s", (_, files, expected) => {
    expect(problems(files)).toEqual(expected.map((line) => expect.stringMatching(line)));
  });
});
