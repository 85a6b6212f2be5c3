import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a program prints, a line each. */
function lines(program: string): string[] {
  const args = ["-r", "ts-node/register", "-e", program];
  const printed = execFileSync(process.execPath, args, { cwd: join(__dirname, "../../.."), encoding: "utf8" });
  return printed.trim().split("\n");
}

it("what the SDK has no use for here is loaded when something asks for it, not before", () => {
  const printed = lines(`
    require("./program/load-when-used");
    const pulumi = require("@pulumi/pulumi");
    const sdk = require("node:module").createRequire(require.resolve("@pulumi/pulumi"));
    const loaded = () => ["pacote", "validate-npm-package-license", "execa"].map((name) =>
      Object.keys(require.cache).some((file) => file.includes(\`/node_modules/\${name}/\`)));
    console.log(...loaded());
    console.log(typeof sdk("@npmcli/arborist").Arborist, typeof sdk("normalize-package-data").default, pulumi.automation.fullyQualifiedStackName("a", "b", "c"));
    console.log(...loaded());`);
  expect(printed).toEqual(["false false false", "function function a/b/c", "true true true"]);
});

it("no verb loads what the SDK has no use for", () => {
  const printed = lines(`
    const { readFileSync, readdirSync } = require("node:fs");
    const write = process.stdout.write;
    process.stdout.write = () => true;
    process.argv = ["node", "realm", "--help"];
    require("./cli/realm");
    process.stdout.write = write;
    const texts = readdirSync("cli").map((file) => readFileSync("cli/" + file, "utf8"));
    const verbs = texts.flatMap((text) => [...text.matchAll(/await import\\("(\\.\\/[a-z-]+)"\\)/g)].map(([, file]) => file));
    for (const verb of new Set(verbs)) require("./cli/" + verb);
    console.log(verbs.length > 10, Object.keys(require.cache).filter((file) => file.includes("/node_modules/pacote/")).length);`);
  expect(printed.at(-1)).toBe("true 0");
});

describe("an SDK that is another inside works, and only starts slower", () => {
  const folder = mkdtempSync(join(tmpdir(), "postponed-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const after = (module: string, use: string) => {
    writeFileSync(join(folder, "part.js"), module);
    writeFileSync(join(folder, "sdk.js"), "");
    return lines(`
      const { loadWhenUsed } = require("./program/load-when-used");
      const sdk = require("node:module").createRequire(${JSON.stringify(join(folder, "sdk.js"))});
      loadWhenUsed(sdk, "./part");
      loadWhenUsed(sdk, "./gone");
      const part = sdk("./part");
      ${use}`);
  };

  it.each([
    ["calls what it loads", "module.exports = (x) => x + 1;", "console.log(part(1));", "2"],
    ["makes one of it", "module.exports = class { n = 3 };", "console.log(new part().n);", "3"],
    [
      "hands on all of it, as `export *` does",
      "exports.a = 1; exports.b = 2;",
      "const all = {}; for (const key in part) all[key] = part[key]; console.log(JSON.stringify(all));",
      '{"a":1,"b":2}',
    ],
    ["spreads it", "exports.a = 1;", "console.log(JSON.stringify({ ...part }));", '{"a":1}'],
    ["asks what it has", "exports.a = 1;", 'console.log("a" in part, "z" in part);', "true false"],
  ])("when it %s", (_, module, use, printed) => {
    expect(after(module, use)).toEqual([printed]);
  });
});
