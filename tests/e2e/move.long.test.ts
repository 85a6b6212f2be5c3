/** A realm moves to another host: `up`, `restore` of a backup, the game data, `up`. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base32Bytes } from "../../settings/accounts";
import { bringGameData } from "../lab/config";
import type { Machine } from "../lab/machine";
import { unseal } from "../support/two-factor";
import { sql } from "./breakage";
import {
  bareRealm,
  convergedRealm,
  describeOnLab,
  destroyLab,
  expectOk,
  type RealmLab,
  upCompletes,
} from "./realm-lab";

const SECRET = "JBSWY3DPEHPK3PXP";
const twoFactor = { "trinitycore:login.accounts.Espionage724.twoFactor": { secret: SECRET } };
const FOLDER = "/var/backups/trinity";

describeOnLab("a realm that moves", () => {
  let from: RealmLab;
  let to: RealmLab;
  const here = mkdtempSync(join(tmpdir(), "moved-"));
  beforeAll(async () => {
    from = await convergedRealm("move-from");
    to = await bareRealm("move-to", "baked");
  }, 1_800_000);
  afterAll(async () => {
    rmSync(here, { recursive: true });
    await destroyLab(from);
    await destroyLab(to);
  }, 60_000);

  const people = (machine: Machine) =>
    machine.sure(`${sql("SELECT guid, name, money FROM characters.characters ORDER BY guid")}
      ${sql("SELECT username, email, HEX(salt), HEX(verifier) FROM authserver.account WHERE username IN ('PLAYER', 'ESPIONAGE724')")}
      ${sql("SELECT a.username, l.SecurityLevel, l.RealmID FROM authserver.account_access l JOIN authserver.account a ON a.id = l.AccountID WHERE a.username <> 'TRINITYSTACK'")}`);
  const secretOf = async (machine: Machine) => {
    const master = (await machine.sure("tail -n 1 /var/lib/trinity-stack/master-secrets")).split(" ")[0] as string;
    const stored = await machine.sure(sql("SELECT HEX(totp_secret) FROM authserver.account WHERE username = 'PLAYER'"));
    return { master, secret: unseal(master, Buffer.from(stored, "hex")) };
  };

  it("finds accounts, characters, levels and two-factor again, and serves", async () => {
    await from.stack.set(twoFactor);
    expectOk(await from.stack.up());
    // A player who set up two-factor in the game; the config knows nothing of that.
    await from.machine.sure(
      `${sql("INSERT INTO authserver.account (username, salt, verifier, email, totp_secret) SELECT 'PLAYER', salt, verifier, 'P@X', totp_secret FROM authserver.account WHERE username = 'ESPIONAGE724'")}
      ${sql("INSERT INTO characters.characters (guid, account, name, money) SELECT 7, id, 'Arthas', 4711 FROM authserver.account WHERE username = 'PLAYER'")}
      systemctl stop worldserver authserver && systemctl start trinity-backup`,
    );
    const [before, was] = [await people(from.machine), await secretOf(from.machine)];
    expect(was.secret).toEqual(base32Bytes(SECRET));
    const name = (await from.machine.sure(`ls ${FOLDER}`)).split("\n").at(-1) as string;
    const packed = await from.machine.sure(`tar -C ${FOLDER} -cf - ${name} | base64 -w 0`);
    execFileSync("tar", ["-C", here, "-xf", "-"], { input: Buffer.from(packed, "base64") });

    await to.stack.set(twoFactor);
    expectOk(await to.stack.up());
    const told = await to.stack.realm(["restore", ...to.stack.where, join(here, name), "--yes"]);
    expect([told.code, told.stderr]).toEqual([0, expect.stringContaining("This replaces authserver and characters")]);
    await bringGameData(to.machine);
    await upCompletes(to.stack);

    expect(await people(to.machine)).toBe(before);
    const is = await secretOf(to.machine);
    expect([is.secret, is.master === was.master]).toEqual([was.secret, false]);
    expect(await to.machine.sure("systemctl is-active authserver worldserver")).toBe("active\nactive");
  }, 1_800_000);
});
