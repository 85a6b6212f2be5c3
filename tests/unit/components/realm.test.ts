import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { facts } from "../../server/facts-of";
import { load, privateKey, source } from "../settings/source";
import {
  allRegistered,
  build,
  config,
  converged,
  fakeHost,
  inSync,
  neverApplied,
  type Registered,
  registrations,
  resetMocks,
  SshHost,
  warn,
} from "./realm-under-mocks";

describe("the resources of a realm", () => {
  it("keep their names: one that changes needs an alias, or the old thing is deleted after the new one is made", async () => {
    // With all that a key can add.
    const { resources } = await build({
      settings: load(
        {
          restarts: "window",
          "host.adopt": "true",
          "login.accounts.boss.level": "3",
          "host.ssh.agent": "false",
          "host.ssh.privateKey": privateKey(),
        },
        ["host.ssh.privateKey"],
      ),
    });
    const name = (urn: string) => urn.split("::").pop();
    const was = ({ aliases }: Registered) => aliases.map((parent) => ` (was < ${name(parent)})`).join("");
    expect(
      resources
        .map((each) => `${each.urn.split("::").slice(2).join(" ")} < ${name(each.parent) || "-"}${was(each)}`)
        .sort(),
    ).toMatchSnapshot();
  });

  it("are steps with a receipt of their own, and a script that knows how", async () => {
    const { asked, commands } = await build();
    const steps = asked.map(({ plan }) => plan.step);
    // Of what else is on the host nothing is ever applied.
    expect(asked).toHaveLength(commands.length + 1);
    expect(steps).toContain("surroundings");
    expect([...new Set(steps)]).toEqual(steps);
    for (const { plan } of asked) {
      expect([plan.kind, existsSync(join(__dirname, `../../../server/kinds/${plan.kind}.sh`))]).toEqual([
        plan.kind,
        true,
      ]);
      expect(plan.step).toMatch(/^[a-z0-9-]+$/);
    }
  });

  it("leave databases that exist as they are, and outlive the stack", async () => {
    const of = ({ byName }: { byName: Map<string, Registered> }) =>
      ["auth", "characters", "world"].map((role) => byName.get(`realm-databases-${role}`) as Registered);
    for (const database of of(await build())) {
      expect(database).toMatchObject({ importId: database.inputs.name, retained: true });
      expect(database.ignored).toEqual(["defaultCharacterSet", "defaultCollation"]);
    }
    for (const database of of(await build({ on: { databases: new Map() } }))) {
      expect(database).toMatchObject({ importId: "", retained: true, ignored: [] });
      expect(database.inputs).toMatchObject({ defaultCharacterSet: "utf8mb4" });
    }
  });
});

describe("secrets", () => {
  const password = (role: string) => `SECRET-${role}-hush`;
  const given = load(
    {
      "host.ssh.agent": "false",
      "host.ssh.privateKey": privateKey(),
      "core.source.repository": "git@example.net:core.git",
      "core.source.deployKey": privateKey(),
      "core.source.knownHosts": `example.net ${load({}).host.key}`,
      "login.database.password": password("auth"),
      "realms.wotlk.databases.characters.password": password("characters"),
      "realms.wotlk.settings": JSON.stringify({ Motd: "hello", ModuleSecret: "0123456789ABCDEF0123456789ABCDEF" }),
    },
    [
      "host.ssh.privateKey",
      "core.source.deployKey",
      "login.database.password",
      "realms.wotlk.databases.characters.password",
      "realms.wotlk.settings.ModuleSecret",
    ],
  );
  const clear = [
    password("auth"),
    password("characters"),
    "SECRET-random",
    "0123456789ABCDEF0123456789ABCDEF",
    privateKey().split("\n")[1] as string,
  ];
  const marked = (value: unknown): value is { value: unknown } =>
    value instanceof Object && "4dabf18193072939515e22adb298388d" in value && "value" in value;
  /** All that is not marked as secret, as text. */
  const open = (value: unknown): string => JSON.stringify(value, (_, part) => (marked(part) ? "[secret]" : part));
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  it("are in no command and no other input in clear, and arrive on stdin", async () => {
    const { resources, commands } = await build({ settings: given });
    for (const { name, inputs } of resources) {
      for (const secret of clear) {
        expect([name, open(inputs).includes(secret), open(inputs).includes(base64(secret))]).toEqual([
          name,
          false,
          false,
        ]);
      }
    }
    const stdin = commands.map(({ name, inputs }) => [name, inputs.stdin] as const).filter(([, value]) => value);
    expect(stdin.map(([name]) => name).sort()).toEqual(
      ["access", "announcer", "authserver-config", "scripts", "source", "two-factor", "worldserver-config"].map(
        (name) => `realm-${name}`,
      ),
    );
    for (const [name, value] of stdin) expect([name, marked(value)]).toEqual([name, true]);
    const lines = (name: string) =>
      (stdin.find(([n]) => n === `realm-${name}`)?.[1] as { value: string } | undefined)?.value ?? "";
    expect(lines("access")).toContain(`auth ${base64(password("auth"))}\n`);
    expect(lines("access")).toContain(`world ${base64("SECRET-random-realm-passwords-world")}\n`);
    expect(lines("worldserver-config")).toContain(base64("0123456789ABCDEF0123456789ABCDEF"));
    expect(lines("source")).toContain(`deployKey ${base64(privateKey())}\n`);
  });

  it("that are not known before they are made keep no preview waiting", async () => {
    const first = { rest: neverApplied, on: { owner: "", databases: undefined } };
    const { asked, creates } = await build({ ...first, preview: true });
    const later = ["access", "announcer", "authserver-config", "worldserver-config"];
    const names = Object.keys((await build(first)).creates);
    expect(Object.keys(creates).sort()).toEqual(names.sort());
    expect(asked.map(({ plan }) => plan.step).filter((step) => later.includes(step))).toEqual([]);
    expect(asked).toHaveLength(names.length + 1 - later.length);
    for (const step of later) expect(creates[`realm-${step}`]).toMatch(new RegExp(` apply ${step} \\S+ [0-9a-f]{8} `));
  });
});

describe("what is planned", () => {
  it("is nothing when all is well: each command repeats its receipt's token", async () => {
    const { creates } = await build();
    for (const [name, create] of Object.entries(creates))
      expect([name, create]).toEqual([name, expect.stringContaining(" aaaa1111 ")]);
    expect((await build()).creates).toEqual(creates);
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    ["firewall", []],
    ["user", []],
    ["realm-row", []],
    ["authserver-config", ["authserver"]],
    ["worldserver-config", ["worldserver"]],
    ["worldserver-unit", ["worldserver"]],
    ["release", ["authserver", "worldserver"]],
    ["mariadb", ["authserver", "worldserver"]],
    // A repair brings back what those behind it were made with.
    ["tdb", []],
    ["source", []],
  ])("after drift of %s is that step and what follows it: %j", async (step, followers) => {
    const before = (await build()).creates;
    const { creates } = await build({ table: { [step]: { ...inSync, drift: ["it was broken by hand"] } } });
    const changed = Object.keys(creates).filter((name) => creates[name] !== before[name]);
    const own = step === "realm-row" ? "row" : step;
    expect(changed.sort()).toEqual([own, ...followers].map((name) => `realm-${name}`).sort());
    // The token alone: the rest of the text is the plan's.
    for (const name of changed) expect(creates[name]?.replace(/ [0-9a-f]{8} /, " aaaa1111 ")).toBe(before[name]);
    const told = warn.mock.calls.map(([text]) => text).join("\n");
    expect(told.match(/drift: /g)).toHaveLength(1);
    expect(told).toContain("drift: it was broken by hand");
  });

  it("is all that a changed source may lead to", async () => {
    const before = (await build()).creates;
    const { creates } = await build({
      table: { source: { ...inSync, receipt: "changed", drift: ["it is at another commit"] } },
    });
    const changed = Object.keys(creates).filter((name) => creates[name] !== before[name]);
    const followers = ["build", "tdb", "schema", "release", "authserver", "worldserver"];
    const configs = ["authserver-config", "worldserver-config"];
    expect(changed.sort()).toEqual(["source", ...followers, ...configs].map((name) => `realm-${name}`).sort());
    expect(warn).not.toHaveBeenCalled();
  });

  it("comes in an order in which each step finds what it needs", async () => {
    const { byName } = await build();
    const nameOf = new Map([...byName.values()].map(({ urn, name }) => [urn, name.replace("realm-", "")]));
    const needsOf = (name: string): Set<string> => {
      const found = new Set<string>();
      const visit = (at: string) => {
        for (const urn of byName.get(`realm-${at}`)?.needs ?? []) {
          const need = nameOf.get(urn);
          if (need && !found.has(need)) visit(found.add(need) && need);
        }
      };
      visit(name);
      return found;
    };
    const all = [...nameOf.values()].filter((name) =>
      /^(?!ssh$|databases-tunnel|passwords-|announcer-password|scripts)/.test(name),
    );
    for (const name of all) expect([name, needsOf(name).has("scripts")]).toEqual([name, true]);
    const orders = [
      ["packages", "mariadb", "databases-auth", "access", "schema", "release", "authserver", "worldserver"],
      ["user", "source", "build", "schema", "row", "authserver"],
      ["selinux", "build"],
      ["source", "tdb", "schema"],
      ["source", "worldserver-config", "schema"],
      ["passwords-world", "access"],
      ["announcer-password", "announcer", "worldserver"],
      ["schema", "announcer"],
      ["backup-now", "schema"],
      ["authserver-config", "authserver"],
      ["authserver-unit", "authserver"],
      ["worldserver-unit", "worldserver"],
      // Servers that run are started again by the schema step.
      ["authserver-unit", "schema"],
      ["worldserver-unit", "schema"],
      ["authserver-config", "schema"],
    ];
    for (const order of orders) {
      order.slice(1).forEach((later, at) => {
        expect([later, order[at], needsOf(later).has(order[at] as string)]).toEqual([later, order[at], true]);
      });
    }
  });
});

describe("the program", () => {
  const program = require("../../../index") as unknown as () => Promise<Record<string, unknown>>;

  async function run(values: Record<string, string>, changed = {}, table: Parameters<typeof fakeHost>[2] = {}) {
    const { values: full, secretKeys } = source(
      { "host.ssh.agent": "false", "host.ssh.privateKey": privateKey(), ...values },
      ["host.ssh.privateKey"],
    );
    resetMocks();
    pulumi.runtime.setAllConfig({ ...full }, [...secretKeys]);
    const { host } = await fakeHost(config, facts(converged), table, inSync);
    const connect = jest
      .spyOn(SshHost, "connect")
      .mockResolvedValue(Object.assign(host, changed) as Awaited<ReturnType<typeof SshHost.connect>>);
    connect.mockClear();
    const outputs = await program();
    await allRegistered();
    return { outputs: await new Promise((done) => pulumi.output(outputs).apply(done)), connect };
  }

  it("tells players and the operator what they need to know", async () => {
    const { outputs, connect } = await run({ "realms.wotlk.address": "play.example.net", "realms.wotlk.port": "8086" });
    expect(connect.mock.calls[0]?.[1]).toBe("trinitycore/test");
    expect(outputs).toMatchObject({
      realmlist: "set realmlist play.example.net",
      forward: "forward 3724/tcp and 8086/tcp on the router to wow.example.net",
      worldContent: "not on record",
      release: "well",
      authserver: "well",
      worldserver: "well",
      units: ["authserver.service", "worldserver.service"],
      folders: {
        live: "/var/lib/trinity/Projects/trinity-335/run",
        logs: "/var/lib/trinity/Projects/trinity-335/logs",
      },
      timezone: expect.stringContaining("UTC"),
    });
  });

  it("tells how the realm is, not how an earlier run left it; of what this run does, how that is left", async () => {
    const { outputs } = await run(
      {},
      {},
      {
        release: { ...inSync, outcome: "aaaaaaaaaaaa-11111111" },
        authserver: { ...inSync, drift: ["it is not running"], outcome: "inactive" },
        worldserver: { ...inSync, outcome: "active" },
      },
    );
    expect(outputs).toMatchObject({
      release: "aaaaaaaaaaaa-11111111",
      authserver: "realm-authserver is fine",
      worldserver: "active",
    });
  });

  it("ends its connection when it fails over a bug, or it would never end itself", async () => {
    const close = jest.fn();
    const observe = () => {
      throw new TypeError("a bug");
    };
    await expect(run({}, { close, observe })).rejects.toThrow("a bug");
    await allRegistered();
    expect(close).toHaveBeenCalled();
  });

  it("ends its connection when the state cannot be asked where the last run was", async () => {
    const close = jest.fn();
    const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
    const away = jest
      .spyOn(MockMonitor.prototype, "invoke")
      .mockImplementation((_request, answer) =>
        (answer as (error: object) => void)({ details: "the backend is away" }),
      );
    await expect(run({}, { close, facts: facts({ owner: "" }) })).rejects.toThrow(/the backend is away/);
    away.mockRestore();
    expect(close).toHaveBeenCalled();
  });

  it("plans nothing when the config is wrong, and says all that is", async () => {
    await expect(run({ "realms.wotlk.port": "99999", "realms.wotlk.adress": "x" })).rejects.toThrow(
      /wotlk\.port[\s\S]*wotlk\.address\?/,
    );
    expect(registrations()).toEqual([]);
  });
});
