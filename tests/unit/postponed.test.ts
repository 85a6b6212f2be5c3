import { execFileSync } from "node:child_process";
import { join } from "node:path";

it("what the SDK has no use for here is loaded when something asks for it, not before", () => {
  const program = `
    require("./components/postponed");
    const pulumi = require("@pulumi/pulumi");
    const sdk = require("node:module").createRequire(require.resolve("@pulumi/pulumi"));
    const loaded = () => ["pacote", "validate-npm-package-license", "execa"].map((name) =>
      Object.keys(require.cache).some((file) => file.includes(\`/node_modules/\${name}/\`)));
    console.log(...loaded());
    console.log(typeof sdk("@npmcli/arborist").Arborist, typeof sdk("normalize-package-data").default, pulumi.automation.fullyQualifiedStackName("a", "b", "c"));
    console.log(...loaded());`;
  const args = ["-r", "ts-node/register", "-e", program];
  const printed = execFileSync(process.execPath, args, { cwd: join(__dirname, "../.."), encoding: "utf8" });
  expect(printed.trim().split("\n")).toEqual(["false false false", "function function a/b/c", "true true true"]);
});
