/** A client with several languages: which archives the extractors get to see. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../../..");
const folder = mkdtempSync(join(tmpdir(), "languages "));
const [client, scratch, tools] = ["client", "scratch", "tools"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  execFileSync(join(root, "tests/lab/core/make-client.sh"), [client, "enGB", "deDE"]);
  mkdirSync(tools);
  // In the place of the core's: what it makes is what it saw; of a client without cinematics it makes no Cameras.
  writeFileSync(
    join(tools, "mapextractor"),
    `#!/bin/sh
mkdir dbc maps && cd dbc && touch AreaTable.dbc CharTitles.dbc GemProperties.dbc Item.dbc ItemExtendedCost.dbc Spell.dbc
cd .. && (cd Data && find * -type l | sort) >dbc/Map.dbc
for tile in 0004331 0004832 0013339 0002828 0011230 0013732; do echo map >maps/$tile.map; done\n`,
  );
  chmodSync(join(tools, "mapextractor"), 0o755);
});

/** The archives in folders of languages that the extractor saw, and what was said. */
function made(...locale: string[]): { readonly seen: string[]; readonly said: string } {
  const words = [join(root, "server/extract/run.sh"), "make", client, scratch, tools, "maps", ...locale];
  const said = execFileSync("bash", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const seen = readFileSync(join(scratch, "dbc/Map.dbc"), "utf8").split("\n");
  return { seen: [...new Set(seen.flatMap((name) => /^(.*)\//.exec(name)?.[1] ?? []))], said };
}

it("all are seen where none is named, and the one that is named alone; with another one all is made again", () => {
  expect(made().seen).toEqual(["deDE", "enGB"]);
  const one = made("deDE");
  expect([one.seen, one.said]).toEqual([["deDE"], expect.stringContaining("everything is made again")]);
  expect(made("deDE").said).not.toContain("stage maps");
});

it("one that the client does not have is refused, and what was made stays", () => {
  expect(() => made("frFR")).toThrow(/Data has no frFR in it/);
  expect(readFileSync(join(scratch, "dbc/Map.dbc"), "utf8")).toContain("deDE/locale-deDE.MPQ");
});
