import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { configBlock, configTable, run, withBlock, withTable } from "../../../cli/config-table";
import { loadSettings, type SettingsError } from "../../../settings";
import { keysOf, schema } from "../../../settings/schema";
import { ed25519 } from "./source";

const root = join(__dirname, "../../..");
const project = readFileSync(join(root, "Pulumi.yaml"), "utf8");

describe("Pulumi.yaml", () => {
  it("is what `npm run docs` writes, as is docs/config.md", () => {
    expect(run(["--check", join(root, "Pulumi.yaml"), join(root, "docs/config.md")])).toBe(0);
  });

  it("leaves checking to the schema", () => {
    const { config } = parse(project) as { config: Record<string, Record<string, unknown>> };
    expect(Object.keys(config)).toEqual(Object.keys(schema));
    for (const entry of Object.values(config)) {
      // A typed or a defaultless key would let the engine stop before the program can name all problems.
      expect(entry).not.toHaveProperty("type");
      expect(entry).toHaveProperty("default");
    }
  });

  it("shows each key below with its sentence", () => {
    for (const [path, key] of keysOf()) {
      expect([path, key.sentence]).toEqual([path, expect.stringMatching(/^[A-Z0-9a-z][^\n]{3,119}$/)]);
      expect(project).toContain(key.sentence);
    }
  });
});

describe("Pulumi.prod.yaml", () => {
  const { config } = parse(readFileSync(join(root, "Pulumi.prod.yaml"), "utf8")) as { config: Record<string, unknown> };
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  const source = { values, secretKeys: new Set<string>(), file: "Pulumi.prod.yaml", exists: () => true };

  it("needs nothing but the host's key", () => {
    let found: unknown;
    try {
      loadSettings(source);
    } catch (error) {
      found = error;
    }
    expect((found as SettingsError).problems.map(({ key }) => key)).toEqual(["host.key"]);
  });

  it("is the realm of the wiki page", () => {
    const settings = loadSettings({
      ...source,
      values: {
        ...values,
        "trinitycore:host": JSON.stringify({ ...(config["trinitycore:host"] as object), key: ed25519 }),
      },
    });
    expect(settings).toMatchObject({
      host: { address: "wow.realmofespionage.xyz" },
      login: {
        database: { name: "authserver" },
        accounts: { Espionage724: { level: 3, realm: "-1", passwordIs: "initial" } },
      },
      core: { build: { compiler: "clang" } },
      realm: {
        ...{ id: 1, name: "RoE (WotLK)", address: "wow.realmofespionage.xyz", port: 8085 },
        settings: {
          "Quests.LowLevelHideDiff": "-1",
          Motd: "Welcome to the Realm of Espionage World of Warcraft server!",
          "Server.LoginInfo": "1",
          BirthdayTime: "1170471600",
        },
        databases: { characters: { name: "characters" }, world: { user: "worldserver" } },
        console: { networks: ["192.168.1.0/24"] },
        soap: { networks: [] },
      },
    });
  });
});

describe("what is written of the keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-table-"));
  const [file, readme] = [join(folder, "Pulumi.yaml"), join(folder, "README.md")];
  const quietly = (args: string[]) => {
    const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      return { code: run(args), said: said.mock.calls.join("") };
    } finally {
      said.mockRestore();
    }
  };

  it("has a row for each key, with its unit and what a change restarts", () => {
    const read = () => 0;
    const keys = new Map([
      ["a.b", { kind: "number", default: 3, sentence: "A | B", unit: "days", restarts: ["worldserver"], read }],
      ["c", { kind: "secret", default: "", sentence: "See", restarts: ["authserver", "worldserver"], read }],
      ["d", { kind: "list", default: [], sentence: "Dee", read }],
    ] as const);
    expect(configTable(keys).split("\n").slice(2)).toEqual([
      "| `a.b` | number of days | `3` | worldserver | A \\| B |",
      "| `c` | secret |  | both servers | See |",
      "| `d` | list |  |  | Dee |",
    ]);
  });

  it("replaces what stands between the markers, and only that", () => {
    expect(withTable("a\n<!-- config -->\nold\n<!-- config -->\nb\n", "T")).toBe(
      "a\n<!-- config -->\nT\n<!-- config -->\nb\n",
    );
    expect(() => withTable("a\n<!-- config -->\n", "T")).toThrow("exactly two");
    expect(() => withTable("nothing", "T")).toThrow("exactly two");
    expect(() => withBlock("name: x\n", "T")).toThrow("needs the line");
  });

  it("is checked and written", () => {
    writeFileSync(file, `name: x\n${configBlock().split("\n")[0]}\nold\n`);
    writeFileSync(readme, "# x\n<!-- config -->\n<!-- config -->\nend\n");
    expect(quietly(["--check", file, readme])).toMatchObject({
      code: 1,
      said: expect.stringContaining("npm run docs"),
    });
    expect(quietly([file, readme]).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(`name: x\n${configBlock()}`);
    expect(readFileSync(readme, "utf8")).toBe(`# x\n<!-- config -->\n${configTable(keysOf())}\n<!-- config -->\nend\n`);
    expect(quietly(["--check", file, readme])).toEqual({ code: 0, said: "" });
    expect(quietly([file]).code).toBe(2);
  });
});
