/** `npm run realm -- account …`, on a realm that runs, with a client that is not this project's. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { logIn } from "../real/player";
import { sql } from "./breakage";
import { names, pidOf, watchProcesses } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

describeOnLab("game accounts that are not in the config", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("acc-verbs");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const account = (args: string[], stdin = "") => stack.realm(["account", ...args, ...stack.where], stdin);
  /** It does this, and says no more than that. */
  const does = async (args: string[], says: string, stdin = "") =>
    expect(await account(args, stdin)).toEqual({ code: 0, stdout: `${says}\n`, stderr: "" });
  const refuses = async (args: string[], says: string, code = 1, stdin = "") =>
    expect(await account(args, stdin)).toEqual({ code, stdout: "", stderr: `${says}\n` });
  const listed = async (name: string) =>
    (JSON.parse((await account(["list", "--json"])).stdout) as { name: string }[]).find((each) => each.name === name);
  const enters = (name: string, character: string) =>
    machine.sure(
      sql(
        `REPLACE INTO characters.characters (guid, account, name, online) SELECT 7, id, '${character}', 1 FROM authserver.account WHERE username = '${name}'`,
      ),
    );
  const online = () => machine.sure(sql("SELECT COUNT(*) FROM characters.characters WHERE online = 1"));

  it("are made, and let in with their password, of which there is nothing to be seen", async () => {
    const watch = await watchProcesses(machine);
    await does(
      ["create", "Arthas1", "--password-stdin", "--email", "a@example.net"],
      "the account ARTHAS1 is made",
      "Hunter2 '\"\n",
    );
    expect(await watch.end()).not.toContain("Hunter2");
    expect(logIn(machine, "arthas1", "hunter2 '\"")).toBe("logged in");
    expect(logIn(machine, "arthas1", "Hunter3")).toMatch(/^refused proof: FAIL_/);
    expect(await listed("ARTHAS1")).toMatchObject({
      ...{ owner: "nobody", levels: [], email: "A@EXAMPLE.NET", locked: false, ban: null },
      lastLogin: expect.stringMatching(/^\d{4}-/),
    });
    await refuses(
      ["create", "ARTHAS1", "--password-stdin"],
      "the name ARTHAS1 is taken: there is such an account",
      1,
      "x\n",
    );
    expect(names(await stack.planned())).toEqual([]);
  }, 240_000);

  it("are made on a terminal, which does not show the password", async () => {
    const typed = (name: string, keys: string) =>
      stack.typed(["account", "create", name, ...stack.where], [`New password of ${name}: `, keys]);
    const { code, screen } = await typed("JAINA", "Hunter4\rHunter4\r");
    expect(screen).toMatch(
      /New password of JAINA: \r?\nNew password of JAINA, once more: \r?\nthe account JAINA is made\r?\n/,
    );
    expect(screen).not.toContain("unter4");
    expect(code).toBe(0);
    expect(logIn(machine, "JAINA", "Hunter4")).toBe("logged in");

    for (const [keys, says] of [
      ["Hunter4\rHunter5\r\u0003", "  these two are not the same"],
      ["Hunter4\r\u0003", "stopped; nothing was changed"],
      ["\r\u0003", "  may not be empty"],
      [`${"h".repeat(17)}\r\u0003`, "  may not be longer than 16 characters"],
    ] as const) {
      const failed = await typed("UTHER", keys);
      expect([failed.code, failed.screen]).toEqual([2, expect.stringContaining(says)]);
      expect(failed.screen).not.toMatch(/unter|hhh/);
    }
    expect(await listed("UTHER")).toBeUndefined();
    await refuses(
      ["create", "UTHER"],
      "the password is asked for on a terminal, and there is none; with --password-stdin it is the first line of the input",
      2,
    );
  }, 240_000);

  it("get a level, and are thrown out so that it counts", async () => {
    await enters("ARTHAS1", "Arthas");
    const running = await pidOf(machine, "worldserver");
    await does(
      ["level", "arthas1", "2"],
      "the account ARTHAS1 has level 2 on all realms\nArthas was thrown out of the world",
    );
    expect([await online(), await pidOf(machine, "worldserver")]).toEqual(["0", running]);
    await does(["level", "ARTHAS1", "1", "--realm", "wotlk"], "the account ARTHAS1 has level 1 on realm 1");
    expect(await listed("ARTHAS1")).toMatchObject({ levels: [{ realm: "wotlk", level: 1 }] });
    await refuses(
      ["level", "ARTHAS1", "1", "--realm", "tbc"],
      `stack ${realm.stack.name} has no realm "tbc"; it has wotlk (RoE (WotLK))`,
      2,
    );
    await does(["level", "ARTHAS1", "0"], "the account ARTHAS1 has level 0 on all realms");
    expect(await listed("ARTHAS1")).toMatchObject({ levels: [] });
  }, 240_000);

  it("are locked to an address, and unlocked", async () => {
    await machine.sure(sql("UPDATE authserver.account SET last_ip = '192.0.2.1' WHERE username = 'JAINA'"));
    await does(["lock", "JAINA", "on"], "the account JAINA may log in from 192.0.2.1 alone, its last address");
    expect(logIn(machine, "JAINA", "Hunter4")).toBe("refused challenge: FAIL_LOCKED_ENFORCED");
    expect((await account(["list"])).stdout).toMatch(/^JAINA +0 .*locked to 192\.0\.2\.1$/m);
    await does(["lock", "JAINA", "off"], "the account JAINA may log in from anywhere");
    expect(logIn(machine, "JAINA", "Hunter4")).toBe("logged in");
  }, 240_000);

  it("are banned, for a time and for ever, until that ends", async () => {
    await enters("JAINA", "Jaina");
    const banned = await account(["ban", "JAINA", "1d12h", "sells", "gold"]);
    expect(banned).toMatchObject({ code: 0, stderr: "" });
    expect(banned.stdout).toMatch(
      /^the account JAINA is banned until \d{4}-\d\d-\d\d \d\d:\d\d\nJaina was thrown out of the world\n$/,
    );
    expect(await online()).toBe("0");
    expect(logIn(machine, "JAINA", "Hunter4")).toBe("refused challenge: FAIL_SUSPENDED");
    expect((await account(["ban", "JAINA", "forever", "again"])).stderr).toMatch(
      /^the account JAINA is banned already, until /,
    );
    await does(["unban", "JAINA"], "the account JAINA is not banned any more");
    expect(logIn(machine, "JAINA", "Hunter4")).toBe("logged in");

    await does(["ban", "JAINA", "forever", "bot"], "the account JAINA is banned for ever");
    expect(logIn(machine, "JAINA", "Hunter4")).toBe("refused challenge: FAIL_BANNED");
    expect((await account(["list"])).stdout).toMatch(/^JAINA .*banned for ever by Server: bot$/m);
    await does(["unban", "JAINA"], "the account JAINA is not banned any more");
    await does(["unban", "JAINA"], "the account JAINA is not banned");
  }, 240_000);

  it("get another password, and the old one ends", async () => {
    await enters("JAINA", "Jaina");
    await does(
      ["password", "jaina", "--password-stdin"],
      "the account JAINA has its new password\nJaina was thrown out of the world",
      "Hunter6\n",
    );
    expect(await machine.sure(sql("SELECT session_key_auth FROM authserver.account WHERE username = 'JAINA'"))).toBe(
      "NULL",
    );
    expect(logIn(machine, "JAINA", "Hunter4")).toMatch(/^refused proof: /);
    expect(logIn(machine, "JAINA", "Hunter6")).toBe("logged in");
  }, 240_000);

  it("leave alone what the config decides, and the stack's own account", async () => {
    const boss = "ESPIONAGE724";
    await refuses(
      ["create", "Espionage724", "--password-stdin"],
      `the account ${boss} is in the config, and \`pulumi up\` makes it`,
    );
    await refuses(
      ["level", boss, "0"],
      `the config decides on the level of the account ${boss}: pulumi config set --path trinitycore:login.accounts.Espionage724.level …, then pulumi up`,
    );
    await refuses(
      ["ban", "TrinityStack", "1d", "x"],
      "TRINITYSTACK is the stack's own account, with which it talks to the worldserver",
    );
    await refuses(["ban", "nobody", "1d", "x"], "there is no account NOBODY: npm run realm -- account list");
    expect(await listed(boss)).toMatchObject({ owner: "config", levels: [{ realm: "-1", level: 3 }] });
    expect(await listed("TRINITYSTACK")).toMatchObject({ owner: "stack" });
    // Its password is only the first one: whoever has it may change it.
    await does(["password", boss, "--password-stdin"], `the account ${boss} has its new password`, "Hunter7\n");
    expect(logIn(machine, boss, "Hunter7")).toBe("logged in");
    expect(names(await stack.planned())).toEqual([]);
  }, 240_000);

  it("are thrown out, where they are and it can be done", async () => {
    await enters("ARTHAS1", "Arthas");
    await does(["kick", "ARTHAS1"], "Arthas was thrown out of the world");
    await does(["kick", "ARTHAS1"], "ARTHAS1 is not in the world");
    const stacksLevel = (level: number) =>
      machine.sure(
        sql(
          `UPDATE authserver.account_access SET SecurityLevel = ${level} WHERE AccountID = (SELECT id FROM authserver.account WHERE username = 'TRINITYSTACK')`,
        ),
      );
    const atItsCharacters = (is: 0 | 1) =>
      machine.sure(sql(`UPDATE authserver.account SET online = ${is} WHERE username = 'ARTHAS1'`));
    await atItsCharacters(1);
    await refuses(
      ["kick", "ARTHAS1"],
      "ARTHAS1 is at its list of characters, where the worldserver throws nobody out: it stays until it leaves",
    );
    await atItsCharacters(0);
    await enters("ARTHAS1", "Arthas");
    await stacksLevel(1);
    expect(await account(["ban", "ARTHAS1", "forever", "bot"])).toEqual({
      code: 1,
      stdout: "the account ARTHAS1 is banned for ever\n",
      stderr:
        "Arthas was not thrown out of the world: the worldserver does not take the stack's own account for an administrator: `pulumi up` puts that right\n",
    });
    await stacksLevel(3);
    await machine.sure("systemctl stop worldserver");
    await does(["kick", "ARTHAS1"], "the worldserver does not run, so nobody is in the world");
    await does(["unban", "ARTHAS1"], "the account ARTHAS1 is not banned any more");
    await machine.sure("systemctl stop mariadb");
    expect(await account(["list"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "MariaDB does not answer on /run/mysqld/mysqld.sock\n  start it: systemctl start mariadb\n",
    });
  }, 240_000);
});
