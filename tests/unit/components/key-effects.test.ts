/** What a changed config key leads to: the steps that are planned, and what that does to players. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { keysOf } from "../../../settings/schema";
import type { Observation, Request } from "../../../steps/observation";
import { ed25519, load, privateKey, rsa } from "../settings/source";
import { build, inSync, warn } from "./realm-under-mocks";

const otherKey = privateKey().replace(/A(\n-----END)/, "B$1");
const folder = mkdtempSync(join(tmpdir(), "key-effects-"));
const patch = join(folder, "a.patch");
writeFileSync(patch, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
const ownSql = join(folder, "sql");
mkdirSync(join(ownSql, "world"), { recursive: true });
writeFileSync(join(ownSql, "world", "mine.sql"), "SELECT 1;\n");
afterAll(() => rmSync(folder, { recursive: true }));
type Values = Record<string, string>;
const passwordKey = (role: string) =>
  role === "auth" ? "login.database.password" : `realms.wotlk.databases.${role}.password`;
const secrets = [
  ...["host.ssh.privateKey", "host.ssh.privateKeyPassphrase", "core.source.deployKey"],
  ...["auth", "characters", "world"].map((role) => passwordKey(role)),
  "login.accounts.BOSS.password",
  "login.accounts.BOSS.twoFactor",
  "login.totpMasterSecret",
  "alerts.webhook",
];
/** Everything set, so that a single key can change. */
const base: Values = {
  "host.ssh.agent": "true",
  "host.ssh.privateKey": privateKey(),
  "host.ssh.jumpHost": "jump.example.net",
  "host.ssh.jumpHostKey": ed25519,
  restarts: "window",
  "alerts.webhook": "https://hooks.example.net/1",
  "metrics.folder": "/srv/metrics",
  "update.schedule": "nightly",
  "login.accounts.BOSS.password": "hunter2",
  "login.totpMasterSecret": "000102030405060708090A0B0C0D0E0F",
  "realms.wotlk.address": "play.example.net",
  "realms.wotlk.console.networks": '["10.0.0.0/8"]',
  "realms.wotlk.soap.networks": '["10.0.0.0/8"]',
  "core.source.repository": "git@example.net:core.git",
  "core.source.deployKey": privateKey(),
  "core.source.knownHosts": `example.net ${ed25519}`,
  ...Object.fromEntries(["auth", "characters", "world"].map((role) => [passwordKey(role), `pw-${role}-1`])),
};
const settingsOf = (values: Values) =>
  load(
    values,
    secrets.filter((key) => key in values),
  );

const worldserver = ["worldserver-config", "worldserver"];
const authserver = ["authserver-config", "authserver"];
const release = ["schema", "release", "authserver", "worldserver"];
const rebuild = ["source", "build", "tdb", "authserver-config", "worldserver-config", ...release];
const services = ["authserver-unit", "authserver", "worldserver-unit", "worldserver"];
const accountsWork = [
  ...["user", "source", "build", "tdb", "game-data"],
  ...["authserver-config", "worldserver-config", "schema", "release"],
];

/**
 * How the host is reached is part of each command; the engine updates all of them, and the runner finds everything as
 * wanted.
 */
const reach = [
  "host.address",
  "host.key",
  "host.ssh.user",
  "host.ssh.port",
  "host.ssh.privateKey",
  "host.ssh.jumpHost",
  "host.ssh.jumpPort",
  "host.ssh.jumpUser",
  "host.ssh.jumpHostKey",
];

/**
 * Key, another value, the steps that are planned; `same` where what is on the host is as wanted already, `without
 * effect` where what is not concerns no player.
 */
const rows: [key: string, value: string, steps: readonly string[] | "all", same?: "same" | "without effect"][] = [
  ["host.address", "198.51.100.9", []],
  ["host.key", rsa, []],
  ["host.ssh.user", "admin", "all", "same"],
  ["host.ssh.port", "2222", ["firewall"], "same"],
  ["host.ssh.privateKey", otherKey, []],
  ["host.ssh.privateKeyPassphrase", "hush", []],
  ["host.ssh.agent", "false", []],
  ["host.ssh.agentKey", "me@laptop", []],
  ["host.ssh.jumpHost", "other.example.net", []],
  ["host.ssh.jumpPort", "2222", []],
  ["host.ssh.jumpUser", "hop", []],
  ["host.ssh.jumpHostKey", rsa, []],
  ["host.takeover", "true", []],
  ["host.adopt", "true", ["adoption"]],
  ["update.probe", "30", ["schema"], "same"],
  ["restarts", "now", release, "same"],
  ["announce.seconds", "60", release, "same"],
  ["window.schedule", "Sun 05:00", ["restarts", ...release], "same"],
  ["window.minutes", "60", release, "same"],
  ["login.accounts.BOSS.password", "hunter3", ["accounts"]],
  ["login.accounts.BOSS.passwordIs", "enforced", ["accounts"]],
  ["login.accounts.BOSS.level", "3", ["accounts"]],
  ["login.accounts.BOSS.realm", "wotlk", ["accounts"]],
  ["login.accounts.BOSS.expansion", "1", ["accounts"]],
  ["login.accounts.BOSS.email", "boss@example.net", ["accounts"]],
  ["login.accounts.BOSS.twoFactor", "JBSWY3DPEHPK3PXP", ["two-factor"]],
  ["login.totpMasterSecret", "0F", [...authserver, "two-factor", ...worldserver]],
  ["login.accounts.BOSS.adopt", "true", ["accounts"], "same"],
  ["realms.wotlk.id", "2", ["schema", "realm-row", ...worldserver]],
  ["realms.wotlk.name", "Another", ["realm-row", "alerts"]],
  ["realms.wotlk.address", "new.example.net", ["realm-row"]],
  ["realms.wotlk.localAddress", "192.168.1.2", ["realm-row"]],
  ["realms.wotlk.localSubnetMask", "255.255.0.0", ["realm-row"]],
  ["realms.wotlk.port", "8086", ["realm-row", "firewall", "worldserver-unit", ...worldserver]],
  ["realms.wotlk.allowedSecurityLevel", "1", ["realm-row"]],
  ["realms.wotlk.gamebuild", "12341", ["realm-row"]],
  ["login.port", "3725", ["firewall", "authserver-unit", ...authserver]],
  ["login.settings", '{"WrongPass.MaxCount":"5"}', authserver],
  ["realms.wotlk.settings", '{"Motd":"hello"}', worldserver],
  ["realms.wotlk.console.port", "3444", ["firewall", ...worldserver]],
  ["realms.wotlk.console.networks", '["10.1.0.0/16"]', ["firewall"]],
  ["realms.wotlk.console.networks", "[]", ["firewall", ...worldserver]],
  ["realms.wotlk.soap.port", "7879", ["firewall", "announcer", ...worldserver]],
  ["realms.wotlk.soap.networks", "[]", ["firewall", ...worldserver]],
  ["host.user.name", "realm", ["access", ...accountsWork, "logs", ...services]],
  ["host.user.group", "realm", ["user", "logs", ...services]],
  [
    "host.user.home",
    "/srv/trinity",
    [...accountsWork, "logs", "selinux", "backup", "backup-now", "watch", "metrics", ...services],
  ],
  ["host.firewall.kind", "ufw", ["firewall", "packages", "way-in"]],
  ["host.firewall.zone", "public", ["firewall"]],
  ["core.source.repository", "git@example.net:fork.git", rebuild],
  ["core.source.branch", "master", rebuild],
  ["core.source.commit", "a".repeat(40), rebuild],
  ["core.source.patches", JSON.stringify([patch]), rebuild],
  ["core.source.customSql", ownSql, rebuild],
  ["core.source.deployKey", otherKey, ["source"], "same"],
  ["core.source.knownHosts", `example.net ${rsa}`, ["source"], "same"],
  ["core.build.compiler", "clang", ["packages", "build", ...release]],
  ["core.build.type", "Release", ["build", ...release]],
  ["core.build.options", '{"WITH_WARNINGS":"1"}', ["build", ...release]],
  ["core.build.jobs", "1", ["build"], "same"],
  ["login.database.user", "login", ["access", ...authserver, ...worldserver]],
  ["login.database.password", "pw-auth-2", ["access", ...authserver, ...worldserver]],
  ["realms.wotlk.databases.characters.user", "players", ["access", ...worldserver]],
  ["realms.wotlk.databases.characters.password", "pw-characters-2", ["access", ...worldserver]],
  ["realms.wotlk.databases.world.user", "things", ["access", ...worldserver]],
  ["realms.wotlk.databases.world.password", "pw-world-2", ["access", ...worldserver]],
  ["databases.startEmpty", "true", ["access"], "same"],
  // What the config itself sets, as here, is not made at random.
  ["databases.rotation", "1", ["access"], "same"],
  ["realms.wotlk.tdb.source", "/srv/tdb.7z", ["tdb"], "same"],
  ["realms.wotlk.tdb.sha256", "0".repeat(64), ["tdb"], "same"],
  ["core.releases.keep", "2", ["release", "authserver", "worldserver"], "without effect"],
  ["backups.schedule", "hourly", ["backup"]],
  [
    "backups.folder",
    "/srv/backups",
    ["backup-user", "access", "backup", "backup-now", "backup-drill", "watch", "metrics"],
  ],
  ["backups.world", "true", ["backup", "backup-now"]],
  ["backups.customSql", "true", ["backup", "backup-now"]],
  ["backups.keep.days", "30", ["backup", "backup-now"]],
  ["backups.keep.weeks", "0", ["backup", "backup-now"]],
  ["backups.keep.months", "12", ["backup", "backup-now"]],
  ["backups.drill.schedule", "daily", ["backup-drill"]],
  ["alerts.webhook", "https://hooks.example.net/2", ["alerts"]],
  ["alerts.disk", "100", ["watch"]],
  ["alerts.memory", "100", ["watch"]],
  ["metrics.folder", "/srv/numbers", ["metrics"]],
  ["update.schedule", "manual", []],
  ["update.build", "23:00", ["night-build"]],
  ["update.live", "05:00", ["night-build", "night-live"]],
  ["update.jobs", "1", ["night-build"]],
  ["host.logs.schedule", "daily", ["logs"]],
  ["host.logs.keepDays", "7", ["logs"]],
];
/**
 * Another name would leave the data behind: refused before anything is planned, see
 * tests/unit/components/database.test.ts. The command takes the place of the webhook: tests/unit/components/alerts.test.ts.
 */
const refused = [
  "alerts.command",
  "login.database.name",
  "realms.wotlk.databases.characters.name",
  "realms.wotlk.databases.world.name",
];

test("each key of the stack config has its row", () => {
  const keys = [...new Set(rows.map(([key]) => key)), ...refused];
  expect(keys.sort()).toEqual([...keysOf({ realms: ["wotlk"], accounts: ["BOSS"] }).keys()].sort());
});

test.each([...keysOf({ realms: ["wotlk"], accounts: ["BOSS"] })])(
  "%s declares the servers that a change of it restarts",
  (key, { restarts = [] }) => {
    const planned = rows.flatMap(([name, , steps, same]) => (name === key && !same && steps !== "all" ? steps : []));
    expect([...restarts].sort()).toEqual(["authserver", "worldserver"].filter((server) => planned.includes(server)));
  },
);

describe("a changed key plans", () => {
  let before: Awaited<ReturnType<typeof build>>;
  const textOf = ({ plan, secrets: given }: Request) => JSON.stringify([plan.args, given]);
  const wanted = ({ asked }: typeof before) => new Map(asked.map((request) => [request.plan.step, textOf(request)]));
  /** What the engine compares with the state. */
  const compared = (inputs: Readonly<Record<string, unknown>>, ignored: readonly string[]) =>
    Object.fromEntries(Object.entries(inputs).filter(([key]) => !ignored.includes(key)));
  const commands = ({ commands: all }: typeof before) =>
    new Map(
      all.map(({ inputs, ignored }) => {
        const step = / apply ([a-z0-9-]+) /.exec(inputs.update as string)?.[1] as string;
        const { connection, ...rest } = compared(inputs, ignored);
        return [step, { connection: JSON.stringify(connection), rest: JSON.stringify(rest) }];
      }),
    );
  /** Whatever else the engine compares: providers, databases, passwords. */
  const others = ({ resources }: typeof before) =>
    new Map(
      resources
        .filter(({ type, custom }) => custom && type !== "command:remote:Command")
        .map(({ name, inputs, ignored }) => [name, JSON.stringify(compared(inputs, ignored))]),
    );
  const changedOthers = (after: typeof before, from = before) => {
    const old = others(from);
    return [...others(after)].filter(([name, text]) => old.get(name) !== text).map(([name]) => name);
  };
  beforeAll(async () => {
    process.env.SSH_AUTH_SOCK = "/dev/null";
    before = await build({ settings: settingsOf(base) });
  });
  afterAll(() => {
    delete process.env.SSH_AUTH_SOCK;
  });

  it.each(rows)("%s: %s", async (key, value, steps, ...[same]) => {
    const settings = settingsOf({ ...base, [key]: value });
    const first = wanted(before);
    const found = { drift: same ? [] : ["x"], driftWithoutEffect: same === "without effect" ? ["x"] : [] };
    const seen: Observation = { ...inSync, receipt: "changed", ...found };
    const table = (request: Request) => (first.get(request.plan.step) === textOf(request) ? inSync : seen);
    const old = commands(before);
    warn.mockClear();
    jest.mocked(pulumi.log.info).mockClear();
    const after = await build({ settings, table });
    const now = [...commands(after)];
    const planned = now.filter(([step, { rest }]) => old.get(step)?.rest !== rest);
    const stayed = now.filter(([step]) => old.has(step));
    const moved = stayed.filter(([step, { connection }]) => old.get(step)?.connection !== connection);
    expect(moved).toEqual(reach.includes(key) ? stayed : []);
    expect(changedOthers(after)).toEqual([]);
    const expected = steps === "all" ? [...old.keys()] : [...new Set(steps)];
    expect(planned.map(([step]) => step).sort()).toEqual(expected.sort());
    // Whom it disconnects is said.
    const told = [warn, jest.mocked(pulumi.log.info)]
      .flatMap(({ mock }) => mock.calls.map(([text]) => text))
      .join("\n");
    for (const server of same ? [] : (["authserver", "worldserver"] as const)) {
      const restarts = `this restarts the ${server}: `;
      expect([restarts, told.includes(restarts)]).toEqual([restarts, expected.includes(server)]);
    }
  });

  it("of a realm's name in the config: the texts that name its keys, and no server", async () => {
    const renamed = (key: string) => key.replace("realms.wotlk", "realms.classic");
    const values = Object.fromEntries(Object.entries(base).map(([key, value]) => [renamed(key), value]));
    const given = load(
      values,
      secrets.map(renamed).filter((key) => key in values),
    );
    const old = wanted(before);
    const { asked } = await build({ settings: given });
    const others = asked.filter((request) => old.get(request.plan.step) !== textOf(request));
    for (const { plan } of others) {
      const was = JSON.parse(old.get(plan.step) as string)[0];
      expect(JSON.parse(JSON.stringify(plan.args).replaceAll("classic", "wotlk"))).toEqual(was);
    }
    expect(others.map(({ plan }) => plan.step)).toContain("realm-row");
  });

  it("not what belongs to the operator's machine: another login's agent, user and folders", async () => {
    const { "host.ssh.privateKey": _, ...agent } = base;
    const settings = settingsOf(agent);
    const first = await build({ settings });
    const { SSH_AUTH_SOCK, HOME, USER, TMPDIR } = process.env;
    Object.assign(process.env, { SSH_AUTH_SOCK: "/dev/zero", HOME: "/home/ci", USER: "ci", TMPDIR: folder });
    try {
      const second = await build({ settings });
      expect([...commands(second)]).toEqual([...commands(first)]);
      expect(changedOthers(second, first)).toEqual([]);
    } finally {
      for (const [name, value] of Object.entries({ SSH_AUTH_SOCK, HOME, USER, TMPDIR })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});
