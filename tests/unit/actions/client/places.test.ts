import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findClients, MARK } from "../../../../actions/client/places";

describe("a client in the usual places", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "home "));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const put = (folder: string, archive = "Data/lichking.MPQ") => {
    const at = join(home, folder);
    mkdirSync(join(at, archive, ".."), { recursive: true });
    writeFileSync(join(at, archive), "");
    return at;
  };

  it.each([
    ".wine/World of Warcraft 3.3.5/drive_c/Program Files/World of Warcraft 3.3.5a.12340 enUS",
    ".wine/drive_c/Program Files (x86)/World of Warcraft",
    "Games/world-of-warcraft/drive_c/Games/WoW 3.3.5a",
    "Games/World of Warcraft",
    ".local/share/bottles/bottles/wow/drive_c/WoW/Wrath of the Lich King",
    ".local/share/Steam/steamapps/compatdata/123/pfx/drive_c/Program Files/World of Warcraft",
    "wow",
  ])("is found in %s", (folder) => {
    const at = put(folder);
    expect(findClients(home)).toEqual([at]);
  });

  it("is found in the prefix that the operator has for wine, and whatever the case of its names", () => {
    const at = put("prefix/drive_c/Program Files/World of Warcraft", "DATA/LichKing.mpq");
    expect(findClients(join(home, "none"), join(home, "prefix"))).toEqual([at]);
  });

  it.each([
    ["an older one", "World of Warcraft", "Data/expansion.MPQ"],
    ["another game", "Games/Warcraft III", "Data/lichking.MPQ"],
    ["a folder without data", "WoW", "Interface/readme"],
  ])("is not %s", (_, folder, file) => {
    put(folder, file);
    expect(findClients(home)).toEqual([]);
  });

  it("is not what the stack makes beside one", () => {
    const [at, beside] = [put("World of Warcraft"), put("World of Warcraft.extract")];
    expect(findClients(home)).toEqual([at, beside]);
    writeFileSync(join(beside, MARK), "");
    expect(findClients(home)).toEqual([at]);
  });
});
