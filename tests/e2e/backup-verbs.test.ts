import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import { CHECKOUT, type Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { names } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

describeOnLab("backups at hand", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  const folder = mkdtempSync(join(tmpdir(), "backups brought here "));
  beforeAll(async () => {
    realm = await convergedRealm("backups");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await destroyLab(realm);
  }, 60_000);

  const verb = (...words: string[]) => stack.realm(["backup", ...words, ...stack.where]);
  let name = "";

  it("are made, as those of each night, and listed", async () => {
    // What cannot be compressed, so that it takes a while to bring it here.
    await machine.sure(
      sql(
        "CREATE TABLE characters.big (id INT PRIMARY KEY, junk VARBINARY(1000)) ENGINE=InnoDB",
        "INSERT INTO characters.big SELECT seq, RANDOM_BYTES(1000) FROM seq_1_to_20000",
      ),
    );
    const made = await verb();
    expect(made).toMatchObject({ code: 0, stderr: "" });
    [, name = ""] = /^(\S+Z): auth, characters; .* MB, in \/var\/backups\/trinity$/m.exec(made.stdout) ?? [];
    expect(made.stdout).toMatch(/^backing up characters$/m);
    const listed = JSON.parse((await verb("list", "--json")).stdout);
    expect(listed).toMatchObject([{ name, roles: ["auth", "characters"], note: "by hand" }]);
    expect(listed[0].release).toMatch(/^[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect((await verb("list")).stdout).toMatch(new RegExp(`^${name} +\\d+ s old +\\d.* MB +auth characters `, "m"));
    expect(names(await stack.planned())).toEqual([]);
  }, 120_000);

  it("come here whole or not at all, from where the line was cut off", async () => {
    const child = spawn(
      join(CHECKOUT, "node_modules/.bin/ts-node"),
      ["cli/realm.ts", "backup", "pull", name, folder, ...stack.where],
      { cwd: CHECKOUT, env: stack.environment, detached: true, stdio: "ignore" },
    );
    const ended = new Promise((done) => child.on("close", done));
    const part = join(folder, `.${name}.part`);
    const arrived = () => {
      const file = join(part, "characters.sql.zst");
      return existsSync(file) ? statSync(file).size : 0;
    };
    for (let tries = 0; tries < 6000 && arrived() < 1_000_000; tries++)
      await new Promise((done) => setTimeout(done, 10));
    process.kill(-(child.pid as number), "SIGKILL");
    await ended;
    expect(readdirSync(folder)).toEqual([`.${name}.part`]);
    expect(arrived()).toBeGreaterThan(0);

    const pulled = await verb("pull", name.slice(0, -1), folder);
    expect(pulled).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(folder)).toEqual([name]);
    const files = readdirSync(join(folder, name)).sort();
    expect(files).toEqual(expect.arrayContaining(["authserver.sql.zst", "characters.sql.zst", "manifest"]));
    for (const file of files) expect(statSync(join(folder, name, file)).mode & 0o777).toBe(0o600);
    expect((await verb("pull", name, folder)).stdout).toMatch(/ is there already, and whole$/m);

    writeFileSync(join(folder, name, "authserver.sql.zst"), "other");
    expect(await verb("pull", name, folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/ is there, but authserver\.sql\.zst has 5 bytes, should have \d+; move it away/),
    });
  }, 120_000);
});
