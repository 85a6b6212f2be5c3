import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(__dirname, "../../..");
/** Each room imports from itself and from those before it. */
const rooms = ["program", "settings", "ssh", "steps", "components", "actions", "cli"];

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));

/** The files of this repository that a file imports, as paths from the top. */
function imports(file: string): string[] {
  const named = readFileSync(join(root, file), "utf8").matchAll(/(?:from|import|require\(|import\() ?"(\.[^"]*)"/g);
  return [...named].map(([, path = ""]) => relative(root, join(root, file, "..", path)));
}

const room = (path: string) => path.split("/")[0] ?? "";
const there = rooms.filter((name) => readdirSync(root).includes(name));

describe("the rooms of this repository", () => {
  it.each(there)("%s imports from no room after it", (name) => {
    const allowed = rooms.slice(0, rooms.indexOf(name) + 1);
    const files = sources(name);
    expect(files.length).toBeGreaterThan(1);
    const wrong = files.flatMap((file) =>
      imports(file)
        .filter((path) => !allowed.includes(room(path)))
        .map((path) => `${file} imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("finds what each imports", () => {
    expect(imports("components/subject.ts")).toContain("steps/host");
    expect(imports("program/start.ts")).toContain("program/stack-traces");
  });

  it("has one component in a file", () => {
    const several = sources("components").filter(
      (file) => (readFileSync(join(root, file), "utf8").match(/^export class /gm) ?? []).length > 1,
    );
    expect(several).toEqual([]);
  });
});
