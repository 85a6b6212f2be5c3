import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifier } from "../../components/realm/srp6";
import { realmConfig } from "../lab/config";
import { Machine } from "../lab/machine";
import { CHECKOUT, Stack } from "../lab/pulumi";
import { ROOT, sql } from "./breakage";
import { convergedRealm, expectOk, type RealmLab } from "./realm-lab";

/**
 * Where the real core comes from: a repository or a folder of TrinityCore 3.3.5; the lab's stand-in where nothing is
 * named.
 */
export const real = process.env.TRINITY_REAL;

/** A realm of the one core or the other that serves players, with SOAP as the stack itself uses it. */
export async function servingRealm(name: string): Promise<RealmLab> {
  const settings = { "trinitycore:restarts": "announce", "trinitycore:announce.seconds": 5 };
  const realm = real ? await realRealm(name, real) : await convergedRealm(name);
  await realm.stack.set(settings);
  expectOk(await realm.stack.up());
  return realm;
}

/** The stack itself builds it, on a host that is kept: the next time only what changed is built. */
async function realRealm(name: string, source: string): Promise<RealmLab> {
  const snapshots = await Machine.snapshots();
  const kept = "real-core";
  const machine = await Machine.fresh(name, snapshots.includes(kept) ? kept : "bare");
  const commit = execFileSync(join(CHECKOUT, "tests/real/seed.sh"), [source, name], { encoding: "utf8" }).trim();
  console.log(`the real core: ${commit}`);
  const stack = await new Stack({ work: mkdtempSync(join(tmpdir(), "real-")) }).init();
  const tdb = await machine.sure("ls /srv/tdb/*.sql");
  await stack.set({
    ...realmConfig(machine),
    "trinitycore:realms.wotlk.tdb.source": tdb,
    "trinitycore:realms.wotlk.settings": JSON.stringify({ Motd: "Welcome" }),
    "trinitycore:host.takeover": true,
  });
  expectOk(await stack.up());
  // What is kept may be of an earlier state of the source.
  expectOk(await stack.realm(["update", ...stack.where]));
  await machine.sure(`cp -r /srv/data/. ${ROOT}/data/ && chown -R trinity:trinity ${ROOT}/data`);
  if (!snapshots.includes(kept)) {
    await machine.snapshot(kept);
    await machine.up();
  }
  return { machine, stack };
}

export interface SoapAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks the worldserver; with the stack's own login, or another one as "NAME:PASSWORD", which stands in no command line.
 */
export async function soap(machine: Machine, command: string, login?: string, method = "POST"): Promise<SoapAnswer> {
  const config = login ? `user = "${login}"\nurl = "http://127.0.0.1:7878/"\n` : "";
  const body = `<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:TC"><SOAP-ENV:Body><ns1:executeCommand><command>${command}</command></ns1:executeCommand></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  const said = await machine.exec(
    `${config ? "cat >/run/soap.login" : "cp /etc/trinity-stack/announcer /run/soap.login"}
    curl --silent --max-time 20 --config /run/soap.login --write-out '\\n%{http_code}' ${
      method === "POST" ? "--header 'Content-Type: text/xml' --data-binary @/run/soap.body" : `--request ${method}`
    }`.replace("@/run/soap.body", `'${body.replaceAll("'", "'\\''")}'`),
    config,
  );
  const lines = said.stdout.split("\n");
  const status = Number(lines.pop());
  const text = lines.join("\n");
  const inside = /<(?:result|faultstring)>([\s\S]*?)<\/(?:result|faultstring)>/.exec(text)?.[1] ?? "";
  return { status, text: inside.replace(/&#xD;|\r/g, "\r") };
}

/** A game account as the core itself would make it. */
export async function makeAccount(machine: Machine, name: string, password: string, level = 0): Promise<void> {
  const salt = Buffer.alloc(32, name);
  const hex = (bytes: Buffer) => `x'${bytes.toString("hex")}'`;
  await machine.sure(
    sql(
      `REPLACE INTO authserver.account (username, salt, verifier, joindate) VALUES ('${name}', ${hex(salt)}, ${hex(verifier(name, password, salt))}, NOW())`,
      `DELETE FROM authserver.account_access WHERE AccountID IN (SELECT id FROM authserver.account WHERE username = '${name}')`,
      ...(level > 0
        ? [
            `INSERT INTO authserver.account_access (AccountID, SecurityLevel, RealmID) SELECT id, ${level}, -1 FROM authserver.account WHERE username = '${name}'`,
          ]
        : []),
    ),
  );
}
