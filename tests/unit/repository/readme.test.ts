import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configTable, withTable } from "../../../cli/config-table";
import { marker, observedTable } from "../../../cli/observed-table";
import { program } from "../../../cli/program";
import { ANY, keysOf } from "../../../settings/schema";
import { marker as pastsMarker, pastsTable } from "../../e2e/pasts/table";

const root = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const readme = read("README.md");
const pages = readdirSync(join(root, "docs")).map((file) => `docs/${file}`);
const all = [readme, ...pages.map(read)].join("\n");
const blocks = [...all.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text = ""]) => ({
  language,
  text,
}));
const commands = blocks.filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
/** Everything in code: blocks, and words between backticks. */
const prose = all.replace(/^```[\s\S]*?^```$/gm, "");
const words = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, word = ""]) => word);
const code = [...commands, ...words];

describe("README.md and docs", () => {
  it.each(["npm ci && npm run lab", "npm ci && npm test"])(
    "has the command %s alone on a line of a block",
    (command) => {
      expect(readme.split("\n").filter((line) => line === command)).toHaveLength(1);
    },
  );

  it("is short for a newcomer, and leads to every page", () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(8.5 * 1024);
    for (const page of pages) expect(readme).toContain(`](${page})`);
    const links = [readme, ...pages.map(read)].flatMap((text) => [...text.matchAll(/\]\(((?:docs\/)?[\w-]+\.md)\)/g)]);
    for (const [, link = ""] of links)
      expect([link, existsSync(join(root, link)) || existsSync(join(root, "docs", link))]).toEqual([link, true]);
  });

  it("has the table of config keys as it is generated", () => {
    const page = read("docs/config.md");
    expect(page).toBe(withTable(page, configTable(keysOf())));
    expect(page.match(/^\| `/gm)?.length).toBe(keysOf().size);
  });

  it("has the table of what is observed as it is generated, with every kind of step", () => {
    const page = read("docs/drift.md");
    expect(page).toBe(withTable(page, observedTable(), marker));
    for (const file of readdirSync(join(root, "server/kinds")).filter((file) => file.endsWith(".sh")))
      expect(page).toContain(`\n| \`${file.replace(/\.sh$/, "")}\` | `);
  });

  it("has the table of pasts as it is generated, a row each", () => {
    const page = read("docs/tried.md");
    expect(page).toBe(withTable(page, pastsTable(), pastsMarker));
  });

  it("names config keys that exist", () => {
    const keys = [...keysOf().keys()];
    // A group of keys, a key, or an entry of one that is a list or map.
    const known = (path: string) => {
      const shape = path.replace(/^(realms|login\.accounts)\.\w+/, `$1.${ANY}`).replace(/\.$/, "");
      return keys.some((key) => key === shape || key.startsWith(`${shape}.`) || shape.startsWith(`${key}.`));
    };
    const named = code.flatMap((text) => [...text.matchAll(/trinitycore:([A-Za-z][\w.]*)/g)]);
    expect(named.length).toBeGreaterThan(5);
    for (const [, path = ""] of named) expect([path, known(path)]).toEqual([path, true]);
    const dotted = words.filter((word) => keys.some((key) => word.startsWith(`${key.split(".")[0]}.`)));
    for (const word of dotted.filter((w) => !/\.(service|ts|conf|test)/.test(w)))
      expect([word, known(word)]).toEqual([word, true]);
  });

  it("names npm scripts that exist, with what they run", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = code
      .flatMap((text) => [...text.matchAll(/npm (?:run ([\w:]+)|(test))/g)])
      .map(([, a, b]) => a ?? b ?? "");
    expect(new Set(named)).toEqual(new Set(["lab", "test", "realm", "docs", ...named]));
    for (const name of named) {
      expect(Object.keys(scripts)).toContain(name);
      for (const [file] of scripts[name]?.matchAll(/\S+\.(ts|sh)\b/g) ?? [])
        expect([file, existsSync(join(root, file))]).toEqual([file, true]);
    }
  });

  it.each([
    ["lab", [...read("tests/lab/cli.ts").matchAll(/^ {2}"?([a-z-]+)"?(?:: async|,$)/gm)].map(([, name]) => name)],
    ["realm", program().realm.commands.map((verb) => verb.name())],
  ])("names verbs of `npm run %s` that it has", (script, has) => {
    const named = code
      .flatMap((text) => [...text.matchAll(new RegExp(`npm run ${script} -- ([a-z][a-z-]*)`, "g"))])
      .map(([, name]) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(has).toContain(name);
  });

  it("names files and folders that exist", () => {
    const tops = readdirSync(root);
    const paths = words.filter((word) => /^[\w.-]+(\/[\w.-]+)*$/.test(word) && tops.includes(word.split("/")[0] ?? ""));
    const developing = [...read("docs/developing.md").matchAll(/^\| `([^`]+)`/gm)].map(([, path = ""]) => path);
    expect(developing.length).toBeGreaterThan(5);
    const files = words.filter((word) => /^[\w-]+\.(ts|yaml|json|js|md)$/.test(word));
    expect(paths).toEqual(
      expect.arrayContaining(["index.ts", "components", "components/realm.ts", "server/kinds", "tests/e2e"]),
    );
    for (const path of [...paths, ...files, ...developing])
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  });

  it("draws every step of the program, and no other", () => {
    const picture =
      (/```mermaid\n([\s\S]*?)```/.exec(read("docs/developing.md").split("## What depends on what")[1] ?? "") ??
        [])[1] ?? "";
    const drawn = new Set(
      picture
        .replace(/^graph LR$|-->|&/gm, " ")
        .split(/\s+/)
        .filter(Boolean),
    );
    const children = read("tests/unit/components/__snapshots__/realm.test.ts.snap").matchAll(
      /^ *"\S+\$trinitycore:\S+ realm-(\S+) < (?:host|core|login|realm)\b/gm,
    );
    const made = [...children].map(([, step]) => step);
    expect(drawn).toEqual(new Set(made));
  });

  it("says nothing of the machine it was written on", () => {
    expect(all).not.toContain(root);
  });
});
