/** `trinitycore:login.accounts`: game accounts as the config names them. */
import { verifier } from "../../components/realm/srp6";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { names, pidOf, watchProcesses } from "./outside";
import { preview } from "./preview";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab, upCompletes } from "./realm-lab";

const MASTER = "ESPIONAGE724";
const EFFECT = "applying this restarts nothing; a changed level or password counts from the next login on";

describeOnLab("the config's game accounts", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    realm = await convergedRealm("accounts");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const up = () => upCompletes(stack);
  /** An `up` after which the next preview is known word for word, and so shows that nothing was left. */
  const upOnly = async () => expectOk(await stack.up());
  const row = async (name: string): Promise<readonly string[]> =>
    (
      await machine.sure(
        sql(
          `SELECT LOWER(HEX(salt)), LOWER(HEX(verifier)), IFNULL((SELECT GROUP_CONCAT(CONCAT(RealmID, ':', SecurityLevel)) FROM authserver.account_access WHERE AccountID = id), 'none') FROM authserver.account WHERE username = '${name}'`,
        ),
      )
    ).split("\t");
  /** Whether the row lets somebody in with this password. */
  const letsIn = async (name: string, password: string) => {
    const [salt = "", has] = await row(name);
    return verifier(name, password, Buffer.from(salt, "hex")).toString("hex") === has;
  };
  const level = async (name: string) => (await row(name))[2];
  const key = (name: string, what: string) => `trinitycore:login.accounts.${name}.${what}`;
  const outputs = async () => (await stack.outputs()).accounts as Record<string, { password: string }>;
  const pids = async () => [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];

  it("has the game master, with the password that the stack's outputs tell whoever may see secrets", async () => {
    const password = (await outputs())[MASTER]?.password as string;
    expect(password).toMatch(/^[a-z0-9]{16}$/);
    expect(await letsIn(MASTER, password)).toBe(true);
    expect(await level(MASTER)).toBe("-1:3");
    const shown = await stack.must(["stack", "output", "--json", "--stack", stack.name]);
    expect(JSON.parse(shown).accounts).toBe("[secret]");
  });

  it("names a level that was changed by hand, and puts it right, though the password was changed in the game", async () => {
    const running = await pids();
    await machine.sure(
      sql(
        `UPDATE authserver.account SET salt = REPEAT('s', 32) WHERE username = '${MASTER}'`,
        `UPDATE authserver.account_access SET SecurityLevel = 1 WHERE AccountID = (SELECT id FROM authserver.account WHERE username = '${MASTER}')`,
      ),
    );
    const changed = await row(MASTER);
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["accounts"]);
    expect(seen.warns.accounts).toEqual([
      `drift: the account ${MASTER} has level 1 on all realms, should have level 3 on all realms`,
      EFFECT,
    ]);
    await up();
    expect(await row(MASTER)).toEqual([changed[0], changed[1], "-1:3"]);
    expect(await pids()).toEqual(running);
  }, 120_000);

  it("makes one that is added, changes its enforced password, and shows neither", async () => {
    const [first, second] = ["Hunter2 'a\"", "$Hunter3\\"];
    await stack.set({
      [key("Guide", "password")]: { secret: first },
      [key("Guide", "passwordIs")]: "enforced",
      [key("Guide", "level")]: 1,
      [key("Guide", "realm")]: "wotlk",
    });
    const watch = await watchProcesses(machine);
    expect(names(await stack.planned())).toEqual(["realm-accounts", "realm-accounts-GUIDE-salt", "realm-two-factor"]);
    const printed = [await upOnly()];
    expect(await letsIn("GUIDE", first)).toBe(true);
    expect(await level("GUIDE")).toBe("1:1");

    const before = await row("GUIDE");
    await stack.set({ [key("Guide", "password")]: { secret: second } });
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["accounts"]);
    expect([seen.warns, seen.tells.accounts]).toEqual([
      {},
      ["change: the password of the account GUIDE is not the config's", EFFECT],
    ]);
    printed.push(expectOk(await stack.preview(["--diff"])), await upOnly());
    expect([await letsIn("GUIDE", first), await letsIn("GUIDE", second)]).toEqual([false, true]);
    expect(Object.keys(await outputs())).toEqual([MASTER]);

    const after = await row("GUIDE");
    // A salt is made once, and kept.
    expect(after[0]).toBe(before[0]);
    printed.push(await watch.end(), JSON.stringify(await stack.exported()));
    for (const secret of [first, second, ...before.slice(0, 2), ...after.slice(0, 2)])
      expect([secret, printed.filter((text) => text.includes(secret as string))]).toEqual([secret, []]);
  }, 240_000);

  it("takes the level of one that is taken out of the config, and leaves the account", async () => {
    const [salt, has] = await row("GUIDE");
    await stack.unset("trinitycore:login.accounts.Guide");
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["accounts", "accounts-GUIDE-salt", "two-factor"]);
    expect([seen.warns, seen.tells.accounts]).toEqual([
      {},
      ["change: the account GUIDE is not in the config any more, and still has level 1 on realm 1", EFFECT],
    ]);
    await up();
    expect(await row("GUIDE")).toEqual([salt, has, "none"]);
    expect(await level(MASTER)).toBe("-1:3");
  }, 120_000);

  it("refuses a player's name in the preview, and takes the account over when told to", async () => {
    await machine.sure(
      sql(
        "INSERT INTO authserver.account (username, salt, verifier) VALUES ('PLAYER', REPEAT('s', 32), REPEAT('v', 32))",
      ),
    );
    const before = await row("PLAYER");
    await stack.set({ [key("Player", "level")]: 2 });
    for (const refused of [await stack.preview(), await stack.up()]) {
      expect(refused.code).not.toBe(0);
      expect(refused.stdout + refused.stderr).toContain(
        `the account PLAYER is in authserver already, and not the stack's; take another name, or take it over: pulumi config set --path ${key("Player", "adopt")} true`,
      );
    }
    expect(await row("PLAYER")).toEqual(before);
    await stack.set({ [key("Player", "adopt")]: true });
    const seen = await preview(stack);
    expect(seen.tells.accounts).toContain(
      "beforehand: the account PLAYER, which is there already, becomes the stack's, with level 2 on all realms; its password stays as it is",
    );
    await up();
    expect(await row("PLAYER")).toEqual([before[0], before[1], "-1:2"]);
  }, 240_000);

  it("leaves all of them when the stack goes, without their levels", async () => {
    const accounts = sql("SELECT username FROM authserver.account WHERE username != 'TRINITYSTACK' ORDER BY id");
    const before = await machine.sure(accounts);
    expectOk(await stack.destroy());
    expect(await machine.sure(accounts)).toBe(before);
    expect(await machine.sure(sql("SELECT COUNT(*) FROM authserver.account_access"))).toBe("0");
  }, 240_000);
});
