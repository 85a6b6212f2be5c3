/** How an extractor's work is told and judged, with small programs in the place of the core's. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../../..");
let folder: string;
let tools: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "extractors "));
  tools = join(folder, "tools");
  mkdirSync(tools);
  execFileSync(join(root, "tests/lab/core/make-client.sh"), [join(folder, "client")]);
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, ...lines: string[]): void {
  writeFileSync(join(tools, name), `#!/bin/bash\n${lines.join("\n")}\n`);
  chmodSync(join(tools, name), 0o755);
}
const DAMAGED = "an archive of the client is damaged\n";
const TILES = "0004331 0004832 0013339 0002828 0011230 0013732";
const ALL_DBC = "AreaTable CharTitles GemProperties Item ItemExtendedCost Map Spell";
const FINDS = [
  `mkdir dbc maps; for tile in ${TILES}; do echo map >maps/$tile.map; done`,
  `for name in ${ALL_DBC}; do echo >dbc/$name.dbc; done`,
  `printf '<a format="1"><b version="12340"/><c version="1"/></a>' >dbc/component.wow-enUS.txt`,
];
function make(stages: string) {
  const words = ["make", join(folder, "client"), join(folder, "scratch"), tools, stages];
  const { status, stdout, stderr } = spawnSync("bash", [join(root, "server/extract/run.sh"), ...words], {
    encoding: "utf8",
    env: { ...process.env, EXTRACT_TELLS_EVERY: "0.05" },
  });
  return { status, stdout, stderr };
}

it("is whole with every dbc file that the worldserver looks into, by the build that its archives say first", () => {
  program("mapextractor", ...FINDS);
  expect(make("maps")).toEqual({ status: 0, stderr: "", stdout: expect.stringMatching(/^done maps 14 \d+$/m) });
});

it.each([
  ["has no dbc files", ["rm dbc/*.dbc"], "error: mapextractor found no dbc files in the client\n"],
  [
    "has some of them alone",
    ["rm dbc/Spell.dbc dbc/Item.dbc"],
    `error: mapextractor did not find every dbc file, such as Item.dbc Spell.dbc; ${DAMAGED}`,
  ],
  [
    "lacks places where new characters stand",
    ["rm maps/0004832.map maps/0013339.map"],
    `error: mapextractor did not make maps/0004832.map maps/0013339.map, where new characters stand; ${DAMAGED}`,
  ],
  ["has no maps at all", ["rm maps/*"], "error: mapextractor found no maps in the client\n"],
  [
    "could not open an archive, and went on without it",
    ["for twice in 1 2; do echo \"Error opening archive './Data/common.MPQ': Read error in archive\"; done"],
    "error: the extractor could not open the archive './Data/common.MPQ': Read error in archive\n",
  ],
  [
    "is of archives of another build",
    ["sed -i s/12340/12213/ dbc/component*"],
    "error: the client's archives are of build 12213; the core speaks with 3.3.5a, build 12340, alone\n",
  ],
])("is refused, though the extractor ends well, where what it made %s", (_, more, stderr) => {
  program("mapextractor", ...FINDS, ...more);
  expect(make("maps")).toMatchObject({ status: 3, stderr });
});

it("says which parts of maps an extractor passed over", () => {
  const lost = [
    "World\\\\Maps\\\\A\\\\A_31_43.adt",
    "World\\\\Maps\\\\A\\\\A_32_48.adt",
    "World\\\\Maps\\\\B\\\\B.wdt",
  ];
  const said = lost.map((each) => `printf 'Processing....64%%%%\\rError loading ${each}'`);
  program("mapextractor", ...FINDS, ...said, "printf 'No such file World\\\\Maps\\\\C\\\\C_1_1.adt\\n'");
  const { status, stdout } = make("maps");
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(/^note mapextractor passed over 4 parts of maps, such as World\\Maps\\A\\A_31_43\.adt; /m),
  ]);
});

it.each([
  ["SEGV", "crashed (status 139), as with an archive of the client that is damaged"],
  ["KILL", "was ended from outside, as when memory runs out"],
])("says how it ended with %s, in its own words alone", (signal, ending) => {
  program("mapextractor", ...FINDS);
  program("vmap4extractor", "mkdir Buildings; echo Processing Map 0", "sleep 0.3", `kill -${signal} $$`);
  const { status, stderr } = make("maps buildings");
  expect([status, stderr]).toEqual([3, `error: vmap4extractor ${ending}\n  Processing Map 0\n`]);
});

it("knows how far the buildings are, also where their names are between the marks of the rows", () => {
  mkdirSync(join(folder, "maps"));
  mkdirSync(join(folder, "log"));
  for (const name of ["0000001", "0000002", "0000003", "0010001"]) writeFileSync(join(folder, `maps/${name}.map`), "x");
  const rows = (count: number) => "#".repeat(count);
  writeFileSync(
    join(folder, "log/buildings"),
    `Processing Map 0\n[${rows(20)}Extracting a.wmo\n${rows(10)}Extracting b#1.wmo\nNo such file.\n${rows(2)}`,
  );
  const script = '. "$1" && percent buildings';
  const progress = join(root, "server/extract/progress.sh");
  const percent = () => execFileSync("bash", ["-c", script, "-", progress], { cwd: folder, encoding: "utf8" });
  // Half of a map with three of the four tiles.
  expect(percent()).toBe("37");
});
