import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entryPath } from "../../settings/paths";
import { keepLogs } from "../lab/engine-home";
import type { Machine } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";
import { secretKinds } from "./secret-kinds";
import { leaksIn, placesOf, withOwnTemporaries } from "./secret-places";
import { type Round, rounds, setSecrets } from "./secret-rounds";
import { leaks } from "./secret-search";

/** A conf beside the stack's. */
const FAILING = "/var/lib/trinity/Projects/trinity-335/etc/authserver.conf.d/failing.conf";
const all = rounds(secretKinds());

describeOnLab("secrets of every kind, in each key that takes them", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    const made = await convergedRealm("secrets-all");
    keepLogs(made.stack.work);
    realm = { machine: made.machine, stack: withOwnTemporaries(made) };
    ({ machine, stack } = realm);
  }, 1_600_000);
  afterAll(() => destroyLab(realm), 60_000);

  const verbose = (level: number) => ["--logtostderr", "--logflow", `-v=${level}`];

  it.each(all.map((round, at) => [at + 1, round] as const))(
    "show in no place: round %i",
    async (_, round) => {
      const secrets = await setSecrets(stack, machine, round);
      const places = await placesOf(realm, async (keep) => {
        await keep("preview --diff", stack.preview(["--diff"]));
        await keep("preview --json", stack.run(["preview", "--json", ...stack.where]));
        expectOk(await keep("up --diff --debug -v=8", stack.up(["--diff", "--debug", ...verbose(8)])));
        expectOk(await keep("drift --json", stack.realm(["drift", "--json", ...stack.where])));
      });
      expect(leaksIn(places, secrets)).toEqual([]);
    },
    600_000,
  );

  it("from -v=9 on are in the engine's own log of what it hands to plugins, and in traces, as docs/secrets.md says; in no other line", async () => {
    const secrets = await setSecrets(stack, machine, all[0] ?? {});
    const folder = mkdtempSync(join(tmpdir(), "trace-"));
    const traced = new Stack({ work: stack.work, env: { TMPDIR: folder, PULUMI_DEBUG_GRPC: join(folder, "calls") } });
    const run = await traced.up(["--debug", ...verbose(11), `--tracing=file:${folder}/trace`]);
    const [trace = "", calls = ""] = ["trace", "calls"].map((file) => readFileSync(join(folder, file), "utf8"));
    rmSync(folder, { recursive: true });
    expectOk(run);
    const lines = run.stderr.split("\n");
    const engines = lines.filter((line) => /"msg":"(Unm|M)arshaling property for RPC\[/.test(line));
    const others = lines.filter((line) => !engines.includes(line));
    const found = (text: string) => leaks({ text }, secrets);
    expect(found(engines.join("\n"))).not.toEqual([]);
    expect(found(trace)).not.toEqual([]);
    expect(found(calls)).not.toEqual([]);
    expect(found(others.join("\n") + run.stdout)).toEqual([]);
  }, 600_000);

  describe("show nowhere when a step fails on purpose", () => {
    const others = () => rounds(secretKinds())[0] ?? {};
    const environment = "/etc/trinity-stack/worldserver.env";
    const rows: Readonly<Record<string, Failing>> = {
      "access: another session holds MariaDB's table of users": {
        secrets: others,
        by: `systemd-run -q --unit=holder mariadb -e 'LOCK TABLES mysql.global_priv READ; SELECT SLEEP(600)'
          timeout 20 bash -c 'until mariadb -e "SHOW PROCESSLIST" | grep -q SLEEP; do sleep 0.1; done'`,
        says: "MariaDB refused the change of its users",
        remedy: "systemctl stop holder",
      },
      "access: the folder of the kept passwords is a file": {
        secrets: others,
        by: "mv /var/lib/trinity-stack/passwords /root/passwords && touch /var/lib/trinity-stack/passwords",
        says: "access stopped at: install -d",
        remedy: "rm /var/lib/trinity-stack/passwords && mv /root/passwords /var/lib/trinity-stack/passwords",
      },
      "config: the environment file cannot be replaced": {
        secrets: others,
        by: `rm ${environment} && mkdir -p ${environment}/x`,
        says: `could not write ${environment}`,
        remedy: `rm -r ${environment}`,
      },
      "source: the repository does not know the deploy key": {
        secrets: () => ({ "core.source.deployKey": newKey() }),
        plain: () => ({
          "trinitycore:core.source.repository": "ssh://git@127.0.0.1/srv/git/core.git",
          "trinitycore:core.source.knownHosts": `127.0.0.1 ${machine.hostKey}`,
        }),
        says: "ssh://git@127.0.0.1/srv/git/core.git cannot be fetched from this host",
      },
      "realm-row: another realm has the name": {
        secrets: others,
        by: "mariadb authserver -e \"INSERT INTO realmlist (id, name) VALUES (2, 'Taken')\"",
        plain: () => ({ "trinitycore:realms.wotlk.name": "Taken" }),
        says: "is already named",
        remedy: "mariadb authserver -e 'DELETE FROM realmlist WHERE id = 2'",
      },
      "service: the authserver does not start with the new secret": {
        secrets: () => ({ [entryPath("login.settings", "IPLocationFile")]: "not 'there' 4711" }),
        by: `printf '[authserver]\\nStandin.FailStart = 1\\n' >${FAILING}`,
        says: "authserver did not restart",
        remedy: `rm ${FAILING}`,
      },
    };

    it.each(Object.entries(rows))(
      "%s",
      async (_, { secrets, by = "true", plain, says, remedy = "true" }) => {
        const before = readFileSync(stack.configFile, "utf8");
        const given = await setSecrets(stack, machine, secrets());
        if (plain) await stack.set(plain());
        await machine.sure(by);
        const seen = { code: null as number | null, said: "" };
        const places = await placesOf(realm, async (keep) => {
          const { code, stdout, stderr } = await keep("up --diff --debug", stack.up(["--diff", "--debug"]));
          Object.assign(seen, { code, said: stdout + stderr });
        }).finally(() => machine.sure(remedy));
        writeFileSync(stack.configFile, before);
        expect(seen).toEqual({ code: expect.any(Number), said: expect.stringContaining(says) });
        expect(seen.code).not.toBe(0);
        expect(leaksIn(places, given)).toEqual([]);
        expectOk(await stack.up());
      },
      600_000,
    );

    it.each([
      ["core.source.repository", "https://me:hush7%27Token@example.net/core.git"],
      ["core.source.repository", "http://hush7Token4711@example.net/core.git"],
      ["realms.wotlk.tdb.source", "https://me:hush7Token4711@example.net/tdb.7z"],
      ["host.key", "-----BEGIN OPENSSH PRIVATE KEY-----hush7Token4711"],
      ["host.ssh.jumpHost", "me:hush7Token4711@example.net"],
      ["host.address", "me:hush7Token4711@example.net"],
      ["login.database.pasword", "hush7Token4711"],
    ])("settings: %s is refused with a login in it", async (key, value) => {
      const before = readFileSync(stack.configFile, "utf8");
      await stack.set({ [`trinitycore:${key}`]: value });
      const { code, stdout, stderr } = await stack.preview(["--debug"]);
      writeFileSync(stack.configFile, before);
      expect(code).not.toBe(0);
      expect(stdout).toContain(`trinitycore:${key} `);
      expect(stdout + stderr).not.toContain("hush7");
    });
  });
});

interface Failing {
  readonly secrets: () => Round;
  readonly plain?: () => Readonly<Record<string, string>>;
  /** What breaks it, and what mends it again. */
  readonly by?: string;
  readonly remedy?: string;
  readonly says: string;
}

function newKey(): string {
  const folder = mkdtempSync(join(tmpdir(), "key-"));
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
  const key = readFileSync(join(folder, "key"), "utf8");
  rmSync(folder, { recursive: true });
  return key;
}
