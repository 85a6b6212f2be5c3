import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { configTable, declaredKeys, run, typeOf, withTable } from "../../../cli/config-table";
import { loadSettings, type SettingsError } from "../../../settings";
import { leaves } from "../../../settings/schema";
import { ed25519 } from "./source";

const root = join(__dirname, "../../..");
const project = readFileSync(join(root, "Pulumi.yaml"), "utf8");

describe("Pulumi.yaml", () => {
  const declared = declaredKeys(project);
  const types = { string: "string", integer: "integer", boolean: "boolean", array: "list", object: "map" };

  it("declares the keys of the schema, in its order, with its types and defaults", () => {
    const fromProject = [...declared].map(([key, entry]) => ({ key, default: entry.default, type: typeOf(entry) }));
    const fromSchema = [...leaves()].map(([key, leaf]) => ({
      key,
      default: leaf.default,
      type: leaf.secret ? "secret" : types[leaf.type],
    }));
    expect(fromProject).toEqual(fromSchema);
  });

  it("says of each key what it is, in one line", () => {
    for (const [key, { description }] of declared) {
      expect([key, description]).toEqual([key, expect.stringMatching(/^[A-Z0-9a-z][^\n]{3,119}$/)]);
    }
  });

  it("writes keys with a dot so that the engine does not split them, and leaves checking to the schema", () => {
    const { config } = parse(project) as { config: Record<string, Record<string, unknown>> };
    for (const [key, entry] of Object.entries(config)) {
      expect(key).toMatch(/^([A-Za-z]+|\["[A-Za-z0-9.]+"\])$/);
      // A typed or a defaultless key would let the engine stop before the program can name all problems.
      expect(entry).not.toHaveProperty("type");
      expect(entry).toHaveProperty("default");
    }
  });
});

describe("Pulumi.prod.yaml", () => {
  const { config } = parse(readFileSync(join(root, "Pulumi.prod.yaml"), "utf8")) as { config: Record<string, unknown> };
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  const source = { values, secretKeys: new Set<string>(), stack: "prod", exists: () => true };

  it("wants nothing but the server's key", () => {
    let found: unknown;
    try {
      loadSettings(source);
    } catch (error) {
      found = error;
    }
    expect((found as SettingsError).problems.map(({ key }) => key)).toEqual(["hostKey"]);
  });

  it("is the realm of the wiki page", () => {
    const settings = loadSettings({ ...source, values: { ...values, "trinitycore:hostKey": ed25519 } });
    expect(settings).toMatchObject({
      host: { address: "wow.realmofespionage.xyz" },
      login: { database: { name: "authserver" } },
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

describe("the table of config keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-table-"));
  const projectFile = join(folder, "Pulumi.yaml");
  writeFileSync(
    projectFile,
    `name: x\nconfig:\n  '["a.b"]': { default: 3, description: A | B }\n  c: { default: "", secret: true, description: See }\n  d: { default: [], description: Dee }\n`,
  );
  const table = [
    "| key | type | default | what it is |",
    "|---|---|---|---|",
    "| `a.b` | integer | `3` | A \\| B |",
    "| `c` | secret |  | See |",
    "| `d` | list |  | Dee |",
  ].join("\n");
  const quietly = (args: string[]) => {
    const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      return { code: run(args, projectFile), said: said.mock.calls.join("") };
    } finally {
      said.mockRestore();
    }
  };

  it("has a row for each key", () => {
    expect(configTable(declaredKeys(readFileSync(projectFile, "utf8")))).toBe(table);
  });

  it("replaces what stands between the markers, and only that", () => {
    expect(withTable("a\n<!-- config -->\nold\n<!-- config -->\nb\n", "T")).toBe(
      "a\n<!-- config -->\nT\n<!-- config -->\nb\n",
    );
    expect(() => withTable("a\n<!-- config -->\n", "T")).toThrow("exactly two");
    expect(() => withTable("nothing", "T")).toThrow("exactly two");
  });

  it("is checked and written", () => {
    const readme = join(folder, "README.md");
    writeFileSync(readme, "# x\n<!-- config -->\n<!-- config -->\nend\n");
    expect(quietly(["--check", readme])).toMatchObject({
      code: 1,
      said: expect.stringContaining("differs from Pulumi.yaml"),
    });
    expect(quietly(["--write", readme]).code).toBe(0);
    expect(readFileSync(readme, "utf8")).toBe(`# x\n<!-- config -->\n${table}\n<!-- config -->\nend\n`);
    expect(quietly(["--check", readme])).toEqual({ code: 0, said: "" });
    expect(quietly(["--wrong", readme]).code).toBe(2);
    expect(quietly(["--check"]).code).toBe(2);
  });
});
