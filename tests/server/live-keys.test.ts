/** Which settings the worldserver takes over while it runs: read from two confs, without any host. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./on-machine";

const library = join(__dirname, "../../server/lib/live-keys.sh");
const folder = mkdtempSync(join(tmpdir(), "confs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The keys that differ, and whether all of them are live. */
function compared(one: string, other: string): [string, boolean] {
  const files = [one, other].map((text, i) => {
    const file = join(folder, `${i}.conf`);
    writeFileSync(file, `[worldserver]\n${text}\n`);
    return file;
  });
  const script = `. ${library}; mapfile -t keys < <(changed_keys "$@"); echo "\${keys[*]}"; are_live "\${keys[@]}"`;
  const { code, out, err } = run("bash", ["--norc", "-uc", script, "bash", ...files]);
  expect(err).toBe("");
  return [out.trim(), code === 0];
}

it.each<[what: string, one: string, other: string, keys: string, live: boolean]>([
  ["the same", 'Motd = "a"', 'Motd = "a"', "", true],
  ["comments and order", "# x\nPlayerLimit = 1\nRate.XP.Kill = 2", "Rate.XP.Kill=2\n; y\n PlayerLimit = 1", "", true],
  ["a text", 'Motd = "a = b"', 'Motd = "a = c"', "Motd", true],
  ["a key more", "", "Rate.XP.Kill = 2", "Rate.XP.Kill", true],
  ["a key less", "Rate.XP.Kill = 2", "", "Rate.XP.Kill", true],
  ["a logger", "", 'Logger.entities = "1,Server"', "Logger.entities", true],
  ["an appender", "", 'Appender.Mine = "2,1,0,Mine.log"', "Appender.Mine", false],
  ["what the core refuses to change", "MaxPlayerLevel = 80", "MaxPlayerLevel = 70", "MaxPlayerLevel", false],
  ["what is read at the start alone", "MapUpdate.Threads = 1", "MapUpdate.Threads = 2", "MapUpdate.Threads", false],
  ["one of each", "", 'Motd = "a"\nRealmID = 2', "Motd RealmID", false],
  ["a key that only begins like one", "", "Mot = 1", "Mot", false],
  ["a line that is no setting", "", "hush hush", "hush hush", false],
  ["another section", "", "[other]", "[other]", false],
])("confs that differ by %s", (_, one, other, keys, live) => {
  expect(compared(one, other)).toEqual([keys, live]);
});
