import { execFileSync } from "node:child_process";
import { join } from "node:path";

it("npm's dependency resolver is loaded when the SDK asks for it, not before", () => {
  const program = `
    require("./components/npm-resolver");
    require("@pulumi/pulumi");
    const loaded = () => Object.keys(require.cache).some((file) => file.includes("/node_modules/pacote/"));
    const before = loaded();
    const kind = typeof require("@npmcli/arborist").Arborist;
    console.log(before, kind, loaded());`;
  const args = ["-r", "ts-node/register", "-e", program];
  const printed = execFileSync(process.execPath, args, { cwd: join(__dirname, "../.."), encoding: "utf8" });
  expect(printed.trim()).toBe("false function true");
});
