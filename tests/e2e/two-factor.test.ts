/** Two-factor login: the accounts' secrets, and the hand-over from one master secret to the next. */
import { randomBytes } from "node:crypto";
import { base32Bytes } from "../../settings/accounts";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { accepts, totp, unseal } from "../support/two-factor";
import { sql } from "./breakage";
import { makeAccount, servingRealm, soap } from "./core-lab";
import { names, pidOf, watchProcesses } from "./outside";
import { preview } from "./preview";
import { describeOnLab, destroyLab, expectOk, type RealmLab, upCompletes } from "./realm-lab";

const MASTER = "ESPIONAGE724";
/** As the wiki page has it: 16 characters. */
const SECRET = "JBSWY3DPEHPK3PXP";
const key = "trinitycore:login.accounts.Espionage724.twoFactor";
const masterKey = "trinitycore:login.totpMasterSecret";
/** The steps that are given the master secret, and the servers that restart with another one. */
const GIVEN = ["authserver-config", "two-factor", "worldserver-config"];
const SERVERS = ["authserver", "worldserver"];
const record = "/var/lib/trinity-stack/master-secrets";

describeOnLab("two-factor login", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    realm = await servingRealm("two-factor");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const up = () => upCompletes(stack);
  const stored = async (name: string) =>
    Buffer.from(
      await machine.sure(sql(`SELECT IFNULL(HEX(totp_secret), '') FROM authserver.account WHERE username = '${name}'`)),
      "hex",
    );
  const inForce = async () => (await machine.sure(`tail -n 1 ${record}`)).split(" ")[0] as string;
  /** The code of an authenticator app that has the secret, checked as the core does it with what is in the table. */
  const lets = async (name: string, secret: string, master: string) => {
    const now = Date.now() / 1000;
    return accepts(unseal(master, await stored(name)), totp(base32Bytes(secret) as Buffer, now), now);
  };
  const pids = async () => [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
  const uri = async () => ((await stack.outputs()).twoFactor as Record<string, string> | undefined)?.[MASTER];

  it("has a master secret in both servers, and in no preview, output, state or command line", async () => {
    const master = await inForce();
    expect(master).toMatch(/^[0-9A-F]{32}$/);
    for (const pid of await pids())
      expect(
        await machine.sure(`tr '\\0' '\\n' </proc/${pid}/environ | grep -c ^TC_TOTPMASTER_SECRET=${master}$`),
      ).toBe("1");
    expect(await uri()).toBeUndefined();
    expect(await machine.sure(`stat -c %a ${record}`)).toBe("600");
  });

  it("gives an account its secret without a restart, and tells the app's URI to whoever may see secrets", async () => {
    const [running, watch] = [await pids(), await watchProcesses(machine)];
    await stack.set({ [key]: { secret: SECRET } });
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["two-factor"]);
    expect(seen.tells["two-factor"]).toContain(`change: the account ${MASTER} has no two-factor secret`);
    const printed = [expectOk(await stack.preview(["--diff"])), await up()];
    const master = await inForce();
    expect(await lets(MASTER, SECRET, master)).toBe(true);
    expect(await pids()).toEqual(running);
    expect(await uri()).toBe(`otpauth://totp/RoE%20(WotLK):${MASTER}?secret=${SECRET}&issuer=RoE%20(WotLK)`);
    const shown = await stack.must(["stack", "output", "--json", "--stack", stack.name]);
    expect(JSON.parse(shown).twoFactor).toBe("[secret]");
    printed.push(shown, await watch.end(), JSON.stringify(await stack.exported()));
    const hex = (base32Bytes(SECRET) as Buffer).toString("hex");
    for (const secret of [SECRET, hex, hex.toUpperCase(), master, master.toLowerCase()])
      expect([secret, printed.filter((text) => text.includes(secret))]).toEqual([secret, []]);
  }, 240_000);

  it("sees that it was taken away by hand, and puts it right", async () => {
    await machine.sure(sql("UPDATE authserver.account SET totp_secret = NULL"));
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["two-factor"]);
    expect(seen.warns["two-factor"]).toContain(`drift: the account ${MASTER} has no two-factor secret`);
    await up();
    expect(await lets(MASTER, SECRET, await inForce())).toBe(true);
  }, 240_000);

  /** A player who set it up in the game, over the worldserver as it runs. */
  const playersOwn = async (name: string, secret: string) => {
    await makeAccount(machine, name, "HUNTER2", 0);
    expect((await soap(machine, `account set 2fa ${name} ${secret}`)).status).toBe(200);
  };

  it("hands all secrets over to a new master secret: both servers restart, and codes stay as they are", async () => {
    const [old, next] = [await inForce(), randomBytes(16).toString("hex").toUpperCase()];
    await playersOwn("PLAYER", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U");
    expect(await lets("PLAYER", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U", old)).toBe(true);
    const before = await pids();
    await stack.set({ [masterKey]: { secret: next } });
    const seen = await preview(stack);
    expect(seen.planned).toEqual([...GIVEN, ...SERVERS].sort());
    expect(JSON.stringify(seen)).toContain(
      "the two-factor secret of 2 accounts is encrypted with the new master secret as soon as the authserver restarts",
    );
    const printed = await up();
    expect(printed).toContain("stopping worldserver, which runs with the former master secret of two-factor");
    expect(await inForce()).toBe(next);
    for (const [name, secret] of [
      [MASTER, SECRET],
      ["PLAYER", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"],
    ] as const) {
      expect(await lets(name, secret, next)).toBe(true);
      await expect(lets(name, secret, old)).rejects.toThrow();
    }
    const after = await pids();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    for (const text of [printed, JSON.stringify(seen), JSON.stringify(await stack.exported())])
      for (const master of [old, next]) expect(text).not.toContain(master);
    // The worldserver has the new one as well.
    expect((await soap(machine, "account set 2fa PLAYER JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")).status).toBe(200);
    expect(await lets("PLAYER", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", next)).toBe(true);
  }, 400_000);

  it("starts with the former one as long as a worldserver has that, and hands over with the next `up`", async () => {
    const [old, next] = [await inForce(), randomBytes(16).toString("hex").toUpperCase()];
    // An `up` that was cut off when it had written the servers' settings; then the authserver ends by itself.
    await machine.sure(`sed -i 's/^TC_TOTPMASTER_SECRET=.*/TC_TOTPMASTER_SECRET="${next}"/' /etc/trinity-stack/{auth,world}server.env
      systemctl kill -s KILL authserver; sleep 1; systemctl start authserver`);
    expect(await lets(MASTER, SECRET, old)).toBe(true);
    await stack.set({ [masterKey]: { secret: next } });
    expect((await preview(stack)).planned).toEqual([...GIVEN, ...SERVERS].sort());
    await up();
    expect(await inForce()).toBe(next);
    expect(await lets(MASTER, SECRET, next)).toBe(true);
  }, 400_000);

  it("hands over when the host boots in the middle of it", async () => {
    const next = randomBytes(16).toString("hex").toUpperCase();
    await machine.sure(`sed -i 's/^TC_TOTPMASTER_SECRET=.*/TC_TOTPMASTER_SECRET="${next}"/' /etc/trinity-stack/{auth,world}server.env
      systemctl stop worldserver authserver; rm -rf /run/trinity-stack; systemctl start authserver worldserver`);
    expect(await inForce()).toBe(next);
    expect(await lets(MASTER, SECRET, next)).toBe(true);
    const running = await pids();
    await stack.set({ [masterKey]: { secret: next } });
    expect((await preview(stack)).planned).toEqual(GIVEN);
    await up();
    expect(await pids()).toEqual(running);
  }, 400_000);

  it("refuses a database whose secrets an unknown master secret encrypted, before anything is touched", async () => {
    const [running, master] = [await pids(), await inForce()];
    await machine.sure(`cp -p ${record} /root/kept; sed -i 's/ .*/ gone/' ${record}`);
    await stack.set({ [masterKey]: { secret: "0F" } });
    for (const refused of [await stack.preview(), await stack.up()]) {
      expect(refused.code).not.toBe(0);
      expect(refused.stdout + refused.stderr).toContain(
        "2 accounts in authserver have a two-factor secret that was encrypted with a master secret unknown here",
      );
    }
    expect(await pids()).toEqual(running);
    await machine.sure(`mv /root/kept ${record}`);
    await stack.set({ [masterKey]: { secret: master } });
    expect(names(await stack.planned())).toEqual([]);
  }, 240_000);

  it("takes the secret away again, and leaves the players' own", async () => {
    const player = await stored("PLAYER");
    await stack.unset(key);
    const seen = await preview(stack);
    expect(seen.tells["two-factor"]).toContain(
      `change: the account ${MASTER} has a two-factor secret, which is not in the config any more`,
    );
    await up();
    expect(await stored(MASTER)).toHaveLength(0);
    expect(await stored("PLAYER")).toEqual(player);
    expect(await uri()).toBeUndefined();
  }, 240_000);
});
