/** The real core's extractors on a made-up client (tests/real/make_client.py), and its worldserver on what they make. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../lab/pulumi";
import { ROOT } from "./breakage";
import { real } from "./core-lab";
import { names } from "./outside";
import { PlayerLab } from "./player-lab";
import { describeOnLab, expectOk } from "./realm-lab";

jest.setTimeout(300_000);

describeOnLab("the real extractors", () => {
  let lab: PlayerLab;
  let tree: string;
  const top = mkdtempSync(join(tmpdir(), "real client "));
  const client = join(top, "World of Warcraft");
  const scratch = `${client}.extract`;
  const tools = join(scratch, "tools");

  beforeAll(async () => {
    const checkout = [join(CHECKOUT, "tests/real/checkout.sh"), real as string, join(top, "tree")];
    tree = execFileSync("bash", checkout, { encoding: "utf8" }).split("\n")[1] as string;
    make(client);
    lab = await PlayerLab.make("extractors");
  }, 7_200_000);
  afterAll(async () => {
    await lab?.destroy();
    rmSync(top, { recursive: true, force: true });
  }, 60_000);

  const make = (folder: string, ...words: string[]) =>
    execFileSync("python3", [join(CHECKOUT, "tests/real/make_client.py"), tree, folder, ...words]);
  const data = (...words: string[]) => lab.stack.realm(["data", ...words, ...lab.stack.where]);
  /** The stages alone, with the extractors that were brought. */
  const run = (...words: string[]) =>
    spawnSync("bash", [join(CHECKOUT, "server/extract/run.sh"), ...words], { encoding: "utf8" });
  const stages = (from: string, to: string, ...words: string[]) => run("make", from, join(top, to), tools, ...words);
  /** An extractor by itself, in a folder. */
  const alone = (folder: string, program: string, ...words: string[]) =>
    spawnSync(join(tools, "loader"), ["--library-path", join(tools, "lib"), join(tools, program), ...words], {
      cwd: folder,
      encoding: "utf8",
    });
  const inside = (folder: string) => readdirSync(join(scratch, folder)).sort();
  const START = ["0002828", "0004331", "0004832", "0011230", "0013339", "0013732", "5301243", "5303958"];

  it("make all of it, which the host takes for whole", async () => {
    const before = execFileSync("find", [client, "-printf", "%p %s %T@\\n"], { encoding: "utf8" });
    const said = expectOk(await data("extract", client, "--mmaps", "--keep"));
    expect(said).toMatch(/: build 12340, enUS; /);
    for (const stage of ["dbc, maps and Cameras", "buildings", "vmaps", "mmaps"])
      expect(said).toMatch(new RegExp(`^${stage} \\(\\w+\\): \\d+ files, `, "m"));
    expect(inside("maps")).toEqual(expect.arrayContaining(START.map((tile) => `${tile}.map`)));
    // Three maps have a row of 64 flat squares besides.
    expect(inside("maps")).toHaveLength(START.length + 3 * 64);
    expect(inside("vmaps")).toEqual(
      expect.arrayContaining(["000.vmtree", "000_31_43.vmtile", "GameObjectModels.dtree", "Platform.wmo.vmo"]),
    );
    expect(inside("mmaps")).toEqual(
      [...START.map((tile) => `${tile}.mmtile`), "000.mmap", "001.mmap", "530.mmap"].sort(),
    );
    expect(inside("Cameras")).toEqual(["FlyByMadeUp.m2"]);
    // The newer of two archives counts.
    expect(readFileSync(join(scratch, "dbc/component.wow-enUS.txt"), "utf8")).toContain('version="12340"');
    expect(readFileSync(join(scratch, "dbc/Map.dbc"), "latin1")).toContain("MadeUp530");
    expect(execFileSync("find", [client, "-printf", "%p %s %T@\\n"], { encoding: "utf8" })).toBe(before);

    expect(expectOk(await data("check"))).toMatch(/^\d+ files are what was sent$/m);
  });

  it("make what the worldserver starts with, and a player stands on", async () => {
    expectOk(await lab.stack.up());
    // The versions that its source declares.
    const reads = '. "$1" && grep -rhE "$FORMAT_NAMES" "$2/src" | formats_in_source';
    const library = join(CHECKOUT, "server/lib/data-formats.sh");
    const formats = execFileSync("bash", ["-c", reads, "-", library, tree], { encoding: "utf8" }).replaceAll("=", " ");
    expect(formats).toMatch(/^maps \d+ vmaps [\d.]+ mmaps \d+$/);
    const gameData = `dbc, ${formats.replace(/(\d) (?=\w)/g, "$1, ")}, Cameras`;
    expect(await lab.stack.outputs()).toMatchObject({ gameData });
    expect(names(await lab.stack.planned())).toEqual([]);
    await lab.enter();
    await lab.player.leave();
  });

  it("go on with mmaps at the tile that is not whole", () => {
    const at = (tile: string) => join(scratch, "mmaps", `${tile}.mmtile`);
    const times = () => START.slice(1).map((tile) => statSync(at(tile)).mtimeMs);
    const [kept, whole] = [times(), statSync(at(START[0] as string)).size];
    truncateSync(at(START[0] as string), whole - 1);
    rmSync(join(scratch, "done/mmaps"));
    expect(run("make", client, scratch, tools, "maps buildings vmaps mmaps")).toMatchObject({ status: 0, stderr: "" });
    expect([times(), statSync(at(START[0] as string)).size]).toEqual([kept, whole]);
  });

  it("make texts of each locale, or of the one that is named", () => {
    const many = join(top, "many");
    make(many, "--locale", "deDE", "--locale", "enGB");
    expect(stages(many, "of many", "maps buildings vmaps")).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(join(top, "of many/dbc/deDE"))).toEqual(expect.arrayContaining(["Map.dbc", "Spell.dbc"]));
    expect(stages(many, "of one", "maps", "deDE")).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(join(top, "of one/dbc"))).toEqual(
      expect.arrayContaining(["component.wow-deDE.txt", "Spell.dbc"]),
    );
  });

  it.each([
    [
      "has no locale",
      "No locales detected",
      / has no locale such as enUS in it$/m,
      (data: string) => {
        rmSync(join(data, "enUS"), { recursive: true });
      },
    ],
    [
      "lacks an archive",
      "Convert map files",
      /the archive .*common\.MPQ is missing$/m,
      (data: string) => {
        rmSync(join(data, "common.MPQ"));
      },
    ],
    [
      "has an archive that was cut off",
      "Error opening archive './Data/common.MPQ': Read error in archive",
      /common\.MPQ is cut off: it has \d+ bytes of at least \d+$/m,
      (data: string) => {
        truncateSync(join(data, "common.MPQ"), 300_000);
      },
    ],
    [
      "has an archive with a hole in it",
      "Convert map files",
      /^mapextractor did not find every dbc file, such as AreaTable\.dbc .*; an archive of the client is damaged$/m,
      (data: string) => {
        const archive = join(data, "enUS/locale-enUS.MPQ");
        const content = readFileSync(archive);
        const tables = content.readUInt32LE(16);
        writeFileSync(archive, content.fill(0, tables - 2000, tables));
      },
    ],
    [
      "is of another build",
      "Detected client build: 12213",
      /archives are of build 12213; the core speaks with/,
      (data: string) => {
        make(join(data, ".."), "--build", "12213", "--no-program");
        rmSync(join(data, "../Wow.exe"));
      },
    ],
  ])("end well where the client %s, and the stack says what is wrong", async (_, words, refusal, spoil) => {
    const other = mkdtempSync(join(top, "other "));
    make(other);
    spoil(join(other, "Data"));
    const itself = alone(other, "mapextractor", "-f", "0", "-o", mkdtempSync(join(top, "out")));
    expect([itself.status, itself.stdout]).toEqual([0, expect.stringContaining(words)]);
    const live = await lab.machine.sure(`cat ${ROOT}/data.manifest | sha256sum`);
    const { code, stderr } = await data("extract", other);
    expect([code, stderr]).toEqual([2, expect.stringMatching(refusal)]);
    expect(await lab.machine.sure(`cat ${ROOT}/data.manifest | sha256sum`)).toBe(live);
  });

  it("end with a number of their own where they lack what the stage before made", () => {
    expect(alone(top, "mmaps_generator", "--silent").status).toBe(253);
    const other = join(top, "without liquids");
    execFileSync("cp", ["-r", scratch, other]);
    rmSync(join(other, "dbc/LiquidType.dbc"));
    const { status, stderr } = run("mmaps", other, join(top, "of that"), tools);
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/^error: mmaps_generator ended with status 251\n[\s\S]*Failed to load LiquidType\.dbc\n$/),
    ]);
  });
});
