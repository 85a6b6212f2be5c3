/** What a changed config key leads to: the steps that are planned, and what that does to players. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { declaredKeys } from "../../../cli/config-table";
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
const secrets = [
  ...["ssh.privateKey", "ssh.privateKeyPassphrase", "source.deployKey"],
  ...["auth", "characters", "world"].map((role) => `databases.${role}.password`),
];
/** Everything set, so that a single key can change. */
const base: Values = {
  "ssh.agent": "true",
  "ssh.privateKey": privateKey(),
  "ssh.jumpHost": "jump.example.net",
  "ssh.jumpHostKey": ed25519,
  restarts: "window",
  "realm.address": "play.example.net",
  "console.networks": '["10.0.0.0/8"]',
  "soap.networks": '["10.0.0.0/8"]',
  "source.repository": "git@example.net:core.git",
  "source.deployKey": privateKey(),
  "source.knownHosts": `example.net ${ed25519}`,
  ...Object.fromEntries(["auth", "characters", "world"].map((role) => [`databases.${role}.password`, `pw-${role}-1`])),
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
const accountsWork = ["user", "source", "build", "tdb", "authserver-config", "worldserver-config", "schema", "release"];

/** How the server is reached is part of each command; the engine updates all of them, and the runner finds everything as wanted. */
const reach = [
  "host",
  "hostKey",
  "ssh.user",
  "ssh.port",
  "ssh.privateKey",
  "ssh.jumpHost",
  "ssh.jumpPort",
  "ssh.jumpUser",
  "ssh.jumpHostKey",
];

/** Key, another value, the steps that are planned; `same` where what is on the server is as wanted already. */
const rows: [key: string, value: string, steps: readonly string[] | "all", same?: "same"][] = [
  ["host", "198.51.100.9", []],
  ["hostKey", rsa, []],
  ["ssh.user", "admin", "all", "same"],
  ["ssh.port", "2222", ["firewall"], "same"],
  ["ssh.privateKey", otherKey, []],
  ["ssh.privateKeyPassphrase", "hush", []],
  ["ssh.agent", "false", []],
  ["ssh.agentKey", "me@laptop", []],
  ["ssh.jumpHost", "other.example.net", []],
  ["ssh.jumpPort", "2222", []],
  ["ssh.jumpUser", "hop", []],
  ["ssh.jumpHostKey", rsa, []],
  ["takeover", "true", []],
  ["adopt", "true", ["adoption"]],
  ["restarts", "now", release, "same"],
  ["announce.seconds", "60", release, "same"],
  ["window.schedule", "Sun 05:00", ["restarts", ...release], "same"],
  ["window.minutes", "60", release, "same"],
  ["realm.id", "2", ["schema", "realm-row", ...worldserver]],
  ["realm.name", "Another", ["realm-row"]],
  ["realm.address", "new.example.net", ["realm-row"]],
  ["realm.localAddress", "192.168.1.2", ["realm-row"]],
  ["realm.localSubnetMask", "255.255.0.0", ["realm-row"]],
  ["realm.port", "8086", ["realm-row", "firewall", "worldserver-unit", ...worldserver]],
  ["realm.allowedSecurityLevel", "1", ["realm-row"]],
  ["realm.gamebuild", "12341", ["realm-row"]],
  ["authserver.port", "3725", ["firewall", "authserver-unit", ...authserver]],
  ["authserver.settings", '{"WrongPass.MaxCount":"5"}', authserver],
  ["worldserver.settings", '{"Motd":"hello"}', worldserver],
  ["console.port", "3444", ["firewall", ...worldserver]],
  ["console.networks", '["10.1.0.0/16"]', ["firewall"]],
  ["soap.port", "7879", ["firewall", "announcer", ...worldserver]],
  ["soap.networks", "[]", ["firewall", ...worldserver]],
  ["user.name", "realm", ["access", ...accountsWork, "logs", ...services]],
  ["user.group", "realm", ["user", "logs", ...services]],
  ["user.home", "/srv/trinity", [...accountsWork, "logs", "selinux", ...services]],
  ["firewall.kind", "ufw", ["firewall", "packages", "way-in"]],
  ["firewall.zone", "public", ["firewall"]],
  ["source.repository", "git@example.net:fork.git", rebuild],
  ["source.branch", "master", rebuild],
  ["source.commit", "a".repeat(40), rebuild],
  ["source.patches", JSON.stringify([patch]), rebuild],
  ["source.customSql", ownSql, rebuild],
  ["source.deployKey", otherKey, ["source"], "same"],
  ["source.knownHosts", `example.net ${rsa}`, ["source"], "same"],
  ["build.compiler", "clang", ["packages", "build", ...release]],
  ["build.type", "Release", ["build", ...release]],
  ["build.options", '{"WITH_WARNINGS":"1"}', ["build", ...release]],
  ["build.jobs", "1", ["build"], "same"],
  ["databases.auth.user", "login", ["access", ...authserver, ...worldserver]],
  ["databases.auth.password", "pw-auth-2", ["access", ...authserver, ...worldserver]],
  ["databases.characters.user", "players", ["access", ...worldserver]],
  ["databases.characters.password", "pw-characters-2", ["access", ...worldserver]],
  ["databases.world.user", "things", ["access", ...worldserver]],
  ["databases.world.password", "pw-world-2", ["access", ...worldserver]],
  ["databases.startEmpty", "true", ["access"], "same"],
  // What the config itself sets, as here, is not made at random.
  ["databases.rotation", "1", ["access"], "same"],
  ["tdb.source", "/srv/tdb.7z", ["tdb"], "same"],
  ["tdb.sha256", "0".repeat(64), ["tdb"], "same"],
  ["releases.keep", "2", ["release", "authserver", "worldserver"]],
  ["logs.schedule", "daily", ["logs"]],
  ["logs.keepDays", "7", ["logs"]],
];
/** Another name would leave the data behind: refused before anything is planned, see tests/unit/components/database.test.ts. */
const refused = ["databases.auth.name", "databases.characters.name", "databases.world.name"];

test("each key of the stack config has its row", () => {
  const declared = [...declaredKeys(readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8")).keys()];
  expect([...rows.map(([key]) => key), ...refused].sort()).toEqual(declared.sort());
});

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
    const seen: Observation = same
      ? { ...inSync, receipt: "changed" }
      : { ...inSync, receipt: "changed", drift: ["x"] };
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

  it("not what belongs to the operator's machine: another login's agent, user and folders", async () => {
    const { "ssh.privateKey": _, ...agent } = base;
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
