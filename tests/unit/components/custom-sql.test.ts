import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readCustomSql } from "../../../components/core/custom-sql";
import { sourcePlan } from "../../../components/core/source";
import { facts, onLab } from "../../server/facts-of";
import { load } from "../settings/source";

describe("readCustomSql", () => {
  let folder: string;
  const put = (name: string, text: string | Buffer) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sql-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("takes each database's files in the order of their names, which the plan sends", () => {
    put("world/b.sql", "SELECT 'ö';");
    put("world/a.sql", "\ufeffSELECT 1;\r\n");
    put("auth/c.sql", "SELECT 2;\n");
    put("world/.gitkeep", "");
    const read = readCustomSql(folder);
    expect(read.map(({ name, content }) => [name, content.toString()])).toEqual([
      ["auth/c.sql", "SELECT 2;\n"],
      ["world/a.sql", "SELECT 1;\r\n"],
      ["world/b.sql", "SELECT 'ö';\n"],
    ]);
    const { args, files } = sourcePlan(onLab(load({})), facts(), [], read);
    expect(args).toMatchObject({
      customSql: ["auth/c.sql", "world/a.sql", "world/b.sql"],
      customSqlSum: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(Object.keys(files ?? {})).toEqual(["sql.1", "sql.2", "sql.3"]);
  });

  it("is nothing without a folder, and then the plan is that of earlier versions", () => {
    expect(readCustomSql("")).toEqual([]);
    expect(Object.keys(sourcePlan(onLab(load({})), facts(), [], []).args).join()).not.toMatch(/[sS]ql/);
  });

  it("has room for more than a command's text could hold", () => {
    put("world/big.sql", "x".repeat(3 * 1024 * 1024));
    expect(readCustomSql(folder)).toHaveLength(1);
  });

  it.each<[string, () => void, RegExp]>([
    ["no files", () => put("world/.x", ""), /has no file such as .*world\/my-vendor\.sql/],
    [
      "a folder for no database",
      () => put("wrold/a.sql", "x"),
      /wrold is for no database: the subfolders are auth, characters, world/,
    ],
    ["a file beside the folders", () => put("a.sql", "x"), /a\.sql is for no database/],
    [
      "another file",
      () => put("world/notes.txt", "x"),
      /notes\.txt should be a file with a plain name that ends in \.sql/,
    ],
    ["UTF-16", () => put("world/a.sql", Buffer.from("SELECT 1", "utf16le")), /a\.sql is no text in UTF-8/],
    ["too much", () => put("world/a.sql", "x".repeat(4 * 1024 * 1024 + 1)), /together the files have 5 MiB, at most 4/],
  ])("refuses %s", (_, make, reason) => {
    make();
    expect(() => readCustomSql(folder)).toThrow(reason);
    expect(() => readCustomSql(folder)).toThrow(/^trinitycore:core\.source\.customSql: /);
  });
});
