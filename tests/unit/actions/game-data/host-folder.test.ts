import { gzipSync } from "node:zlib";
import { inWords } from "../../../../actions/game-data/findings";
import { readHostFolder } from "../../../../actions/game-data/host-folder";

const MAP = Buffer.from("MAPS\x0a\0\0\0\x34\x30\0\0", "latin1");
const VMAP = Buffer.from(`VMAP_4.8${"\0".repeat(40)}`);
const DBC = Buffer.from("WDBC\0\0\0\0\x01\0\0\0\x04\0\0\0\x01\0\0\0\0", "latin1");
const tiles = ["0004331", "0004832", "0013339", "0002828", "0011230", "0013732"];
const whole: readonly [string, Buffer][] = [
  ["dbc/Map.dbc", DBC],
  ...tiles.map((tile): [string, Buffer] => [`maps/${tile}.map`, MAP]),
  // Titles within the content, a name with a line break and spaces, and nothing at all.
  ["vmaps/000.vmtree", VMAP],
  ["vmaps/a  ==> b.vmo", Buffer.from("VMAP_4.8==> x <==\n")],
  ["vmaps/empty.txt", Buffer.alloc(0)],
];

function answer(files: readonly [string, Buffer][], { batch = 4, inside = "dbc\nmaps\nvmaps\n" } = {}): string {
  const packed = (content: Buffer | string) => gzipSync(content).toString("base64");
  const heads = files.map(([path, content], at) =>
    Buffer.concat([Buffer.from(`${at % batch ? "\n" : ""}==> ${path} <==\n`), content.subarray(0, 20)]),
  );
  const list = files.map(([path, { length }], at) => `${length}\t${1700000000 + at}\t${path}\0`).join("");
  return `inside ${packed(inside)}\nfiles ${packed(list)}\nheads ${packed(Buffer.concat(heads))}\n`;
}

describe("a folder on the host", () => {
  it.each([1, 4, 100])("is read from what `head` prints for %d files at once", (batch) => {
    const found = readHostFolder("/srv/d", answer(whole, { batch }));
    expect(inWords(found)).toBe("dbc, maps 10, vmaps 4.8");
    expect(found.files).toHaveLength(whole.length);
    expect(found.files.at(-1)).toMatchObject({ path: "vmaps/empty.txt", size: 0, mtime: 1700000009 });
  });

  it("is refused for the same reasons as one on this machine", () => {
    const other = whole.map(([path, content]): [string, Buffer] => [path, path.endsWith(".dbc") ? VMAP : content]);
    expect(() => readHostFolder("/srv/d", answer(other))).toThrow(
      "/srv/d is not sent as game data:\n  no file of the game data, by what it begins with: dbc/Map.dbc",
    );
    expect(() => readHostFolder("/srv/d", answer(whole, { inside: "Data\nWow.exe\n" }))).toThrow("is a game client");
  });

  it("is not believed where the answer was cut off, or where a file changed meanwhile", () => {
    expect(() => readHostFolder("/srv/d", answer(whole).replace(/^heads.*$/m, ""))).toThrow("was cut off");
    const changed = answer(whole.map(([path, content], at) => [path, at === 0 ? content.subarray(0, 10) : content]));
    const list = answer(whole).match(/^files .*$/m)?.[0] ?? "";
    expect(() => readHostFolder("/srv/d", changed.replace(/^files .*$/m, list))).toThrow(
      "maps/0004331.map changed while the host listed it; run it again",
    );
  });
});
