import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLook } from "../../../../actions/client/look";

const root = join(__dirname, "../../../..");

describe("a client that is looked at", () => {
  let client: string;
  beforeEach(() => {
    client = mkdtempSync(join(tmpdir(), "client "));
  });
  afterEach(() => rmSync(client, { recursive: true }));

  const make = (...locales: string[]) =>
    execFileSync(join(root, "tests/lab/core/make-client.sh"), [client, ...locales]);
  const look = (...words: string[]) =>
    readLook(
      execFileSync("bash", [join(root, "server/extract/run.sh"), "look", client, ...words], { encoding: "utf8" }),
    );
  const at = (name: string) => join(client, "Data", name);
  const change = (name: string, from: number, value: number) => {
    const content = readFileSync(at(name));
    content.writeUInt32LE(value, from);
    writeFileSync(at(name), content);
  };

  it("is whole, with its build, its locale and its size", () => {
    make();
    const bytes = execFileSync("bash", ["-c", 'cat "$1"/Data/*.MPQ "$1"/Data/*/*.MPQ | wc -c', "-", client]);
    expect(look()).toEqual({ build: "12340", locales: ["enUS"], bytes: Number(bytes), notes: [], wrong: [] });
  });

  it("may have several locales, of which one can be taken alone, and folders of locales that it has not", () => {
    make("deDE", "enGB");
    execFileSync("mkdir", [at("frFR")]);
    const left = `${at("frFR")} has no locale-frFR.MPQ, and is left out`;
    expect(look()).toMatchObject({ locales: ["enGB", "deDE"], notes: [left], wrong: [] });
    expect(look("deDE")).toMatchObject({ locales: ["deDE"], notes: [], wrong: [] });
    expect(look("koKR").wrong).toEqual([`${join(client, "Data")} has no koKR in it`]);
  });

  it("may have names of any case, and be named by its folder Data", () => {
    make();
    renameSync(at("common-2.MPQ"), at("Common-2.mpq"));
    renameSync(join(client, "Wow.exe"), join(client, "WOW.EXE"));
    expect(look()).toMatchObject({ build: "12340", wrong: [] });
    client = join(client, "Data");
    expect(look()).toMatchObject({ build: "12340", wrong: [] });
    client = join(client, "..");
  });

  it("says so where a patch is none of the game's own, and leaves out one that is not whole or not read by all", () => {
    make();
    for (const number of [2, 4, 5, 6]) copyFileSync(at("patch.MPQ"), at(`patch-${number}.MPQ`));
    for (const number of [4, 5]) copyFileSync(at("patch.MPQ"), at(`enUS/patch-enUS-${number}.MPQ`));
    writeFileSync(at("patch-5.MPQ"), "no archive");
    expect(look()).toMatchObject({
      notes: [
        "patch-4.MPQ is none of the game's own; what it changes will be in the data",
        `${at("patch-5.MPQ")} is no MPQ archive, and is left out`,
        "patch-6.MPQ is left out: mapextractor does not read it",
        "patch-enUS-4.MPQ is none of the game's own; what it changes will be in the data",
        "patch-enUS-5.MPQ is left out: mapextractor does not read it",
      ],
      wrong: [],
    });
  });

  it.each([
    ["another file", (name: string) => writeFileSync(at(name), "x".repeat(100)), "is no MPQ archive"],
    ["one that was cut off", (name: string) => change(name, 20, 5000), "is cut off: it has % bytes of at least 5016"],
    [
      "one of the second version, whose tables lie beyond 4 GB",
      (name: string) => {
        writeFileSync(at(name), Buffer.concat([readFileSync(at(name)), Buffer.alloc(16)]));
        change(name, 12, (3 << 16) | 1);
        change(name, 40, 1);
        change(name, 16, 0);
        change(name, 20, 0);
      },
      "is cut off: it has % bytes of at least 4294967312",
    ],
  ])("is refused with %s in the place of an archive", (_, spoil, words) => {
    make();
    spoil("expansion.MPQ");
    const { size } = statSync(at("expansion.MPQ"));
    expect(look().wrong).toEqual([`${at("expansion.MPQ")} ${words.replace("%", String(size))}`]);
  });

  it("is taken without a Wow.exe that says which build it is, as the archives do", () => {
    make();
    writeFileSync(join(client, "Wow.exe"), "MZ");
    expect(look()).toMatchObject({
      build: undefined,
      notes: [expect.stringContaining("does not say which build")],
      wrong: [],
    });
    rmSync(join(client, "Wow.exe"));
    expect(look()).toMatchObject({
      build: undefined,
      notes: [expect.stringContaining("there is no Wow.exe")],
      wrong: [],
    });
  });
});

describe("tiles that mmaps_generator left unfinished", () => {
  it("are those shorter than they say, or that begin otherwise", () => {
    const folder = mkdtempSync(join(tmpdir(), "tiles "));
    const head = (size: number) => {
      const head = Buffer.alloc(20);
      head.write("PAMM");
      for (const [i, value] of [7, 15, size, 1].entries()) head.writeUInt32LE(value, 4 * (i + 1));
      return head;
    };
    const tiles: Record<string, Buffer> = {
      "0000001": Buffer.concat([head(100), Buffer.alloc(100)]),
      "0000002": Buffer.concat([head(100), Buffer.alloc(99)]),
      "0000003": Buffer.alloc(500),
      "0000004": Buffer.alloc(0),
      "0000005": head(0),
      "0000006": Buffer.from("PAMM"),
    };
    execFileSync("mkdir", [join(folder, "mmaps")]);
    for (const [name, content] of Object.entries(tiles))
      writeFileSync(join(folder, "mmaps", `${name}.mmtile`), content);
    const { stdout } = spawnSync(
      "bash",
      ["-c", '. "$1" && unfinished_tiles', "-", join(root, "server/extract/stages.sh")],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    rmSync(folder, { recursive: true });
    expect(stdout.trim().split("\n").sort()).toEqual(["2", "3", "4", "6"].map((n) => `mmaps/000000${n}.mmtile`));
  });
});
