import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(__dirname, "../../../server/lib");

test("no two libraries of the server's scripts define the same function: all are read, and the last would win", () => {
  const defined = new Map<string, string[]>();
  for (const file of readdirSync(folder)) {
    for (const [, name = ""] of readFileSync(join(folder, file), "utf8").matchAll(/^([a-z_0-9]+)\(\)/gm))
      defined.set(name, [...(defined.get(name) ?? []), file]);
  }
  expect([...defined].filter(([, files]) => files.length > 1)).toEqual([]);
});
