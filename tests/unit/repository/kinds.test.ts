/** What server/run/README.md asks of a kind of step, as far as that can be read. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const server = join(__dirname, "../../../server");
const scripts = (folder: string): string[] =>
  readdirSync(join(server, folder))
    .filter((file) => file.endsWith(".sh"))
    .map((file) => join(folder, file));
const read = (file: string) => readFileSync(join(server, file), "utf8");
const defined = (file: string) => [...read(file).matchAll(/^([a-z_0-9]+)\(\)/gm)].map(([, name = ""]) => name);

const kinds = readdirSync(join(server, "kinds"))
  .filter((file) => file.endsWith(".sh"))
  .map((file) => basename(file, ".sh"));
/** A kind's script and its parts. */
const filesOf = (kind: string) => [
  `kinds/${kind}.sh`,
  ...(existsSync(join(server, "kinds", kind)) ? scripts(`kinds/${kind}`) : []),
];
/** What a kind may define in the place of a default, or as what is asked of it. */
const contract = ["observe", "apply", "manifest", "drop", "settle", "outcome", "keeps", "unattended"];
/** What is read beside a kind, by the runner, by a look, by a job or by an undo. */
const beside = [...scripts("lib"), "run/kind.sh", "run/receipts.sh", "run/step.sh", "run/observe.sh"];

const twice = (files: readonly string[], allowed: readonly string[] = []) => {
  const places = new Map<string, string[]>();
  for (const file of files) for (const name of defined(file)) places.set(name, [...(places.get(name) ?? []), file]);
  return [...places].filter(([name, files]) => files.length > 1 && !allowed.includes(name));
};

/** A function where a command begins. */
const calls = (name: string) => new RegExp(`(^|[;&|({!]|\\b(if|then|else|do|until|while))[ ]*${name}([ );]|$)`, "m");

/** Commands that would run as soon as a script is read: not within a function, a here-document or a list. */
function commands(file: string): string[] {
  const code = read(file).replace(/<<-?'?(\w+)'?.*\n[\s\S]*?^\1$/gm, "");
  const begins = code.split("\n").filter((line) => /^[^\s#})]/.test(line));
  return begins.filter(
    (line) => !/^([a-z_0-9]+\(\) |declare |([A-Za-z_]+\+?=(\S*|"[^"]*"|'[^']*'|\(.*)( |$))+)/.test(line),
  );
}

describe.each([...kinds.map((kind) => [kind, filesOf(kind)] as const), ["template", ["run/template.sh"]] as const])(
  "the kind %s",
  (kind, files) => {
    const all = files.flatMap(defined);

    it("has the functions that are asked of it, and says what it observes", () => {
      expect(kind).toMatch(/^[a-z-]+$/);
      const [script = ""] = files;
      expect(read(script)).toMatch(/^# shellcheck shell=bash\n# .*\n(#.*\n)*# observed: .*\n(#.*\n)*# not observed: /);
      expect(all).toContain("observe");
      // What is going on around the realm is only looked at.
      expect(all.includes("apply")).toBe(kind !== "surroundings");
      // What is not made is not undone.
      if (!all.includes("manifest")) expect(all.filter((name) => ["drop", "settle"].includes(name))).toEqual([]);
    });

    it("redefines nothing that is read beside it, nor its own", () => {
      expect(twice([...files, ...beside], contract)).toEqual([]);
      expect(all.length).toBe(new Set(all).size);
    });

    it("is only definitions", () => {
      expect(files.flatMap(commands)).toEqual([]);
    });
  },
);

describe("the scripts of the host", () => {
  it("define each function of the libraries once, as all are read, and the last would win", () => {
    expect(twice(beside)).toEqual([]);
    const units = scripts("units").filter((file) => read(file).includes("run/libraries.sh"));
    expect(units.length).toBeGreaterThan(3);
    for (const unit of units)
      expect([unit, twice([unit, ...scripts("lib"), "run/kind.sh", "run/receipts.sh"])]).toEqual([unit, []]);
  });

  it("find what they start: each entry of the top leads to a script", () => {
    const entries = scripts(".");
    expect(entries.length).toBeGreaterThan(3);
    for (const entry of entries) {
      const [, path = ""] = /^exec \/bin\/bash "\$\{0%\/\*\}\/(\S+)" "\$@"$/m.exec(read(entry)) ?? [];
      expect([entry, basename(path), existsSync(join(server, path))]).toEqual([entry, basename(entry), true]);
    }
  });

  it("have a folder of parts only beside its kind, which alone uses them", () => {
    const folders = readdirSync(join(server, "kinds")).filter((file) => !file.endsWith(".sh"));
    expect(folders.length).toBeGreaterThan(2);
    for (const folder of folders) {
      expect(kinds).toContain(folder);
      const loads = new RegExp(`^load_kind ${folder}$`, "m");
      const others = [
        ...beside,
        ...scripts("units"),
        ...kinds.filter((kind) => kind !== folder).flatMap(filesOf),
      ].filter((file) => !loads.test(read(file)));
      for (const name of scripts(`kinds/${folder}`).flatMap(defined)) {
        const users = others.filter((file) => calls(name).test(read(file).replace(/^\s*#.*$/gm, "")));
        expect([name, users]).toEqual([name, []]);
      }
    }
  });
});
