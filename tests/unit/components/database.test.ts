import * as pulumi from "@pulumi/pulumi";
import type { Facts } from "../../../steps/facts";
import type { ReachedHost } from "../../../steps/host";
import { facts as hostFacts, onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const facts = (id: string, versionId: string) => ({ os: { id, versionId, like: [], name: id } }) as unknown as Facts;
const value = <T>(output: pulumi.Output<T>) => (output as unknown as { promise(): Promise<T> }).promise();
const isSecret = (output: pulumi.Output<string>) => (output as unknown as { isSecret: Promise<boolean> }).isSecret;

let made: { name: string; inputs: Record<string, unknown> }[] = [];
pulumi.runtime.setMocks({
  newResource: ({ name, type, inputs }) => {
    if (type === "random:index/randomPassword:RandomPassword") made.push({ name, inputs });
    return { id: name, state: { ...inputs, result: `random-${name}`, hex: "0f".repeat(16) } };
  },
  call: ({ inputs }) => inputs,
});

// Pulumi takes its mocks only before a resource class is loaded.
const { accessPlan } =
  require("../../../components/databases/access") as typeof import("../../../components/databases/access");
const { mariaDbPlan } =
  require("../../../components/databases/mariadb") as typeof import("../../../components/databases/mariadb");
const { Passwords } =
  require("../../../components/databases/passwords") as typeof import("../../../components/databases/passwords");

describe("MariaDB's plan", () => {
  it.each([
    ["debian", "12", "/run/mysqld/mysqld.sock"],
    ["fedora", "42", "/var/lib/mysql/mysql.sock"],
  ])("on %s %s", (id, version, socket) => {
    expect(mariaDbPlan(onLab(load({})), facts(id, version))).toEqual({
      step: "mariadb",
      kind: "mariadb",
      args: { unit: "mariadb.service", socket },
      effect: expect.any(String),
    });
  });
});

describe("names with capitals", () => {
  it("are the only ones MariaDB is asked about", () => {
    const named = load({ "login.database.name": "WowAuth", "realms.wotlk.databases.world.name": "worldDB" });
    expect(mariaDbPlan(onLab(named), facts("debian", "12")).args).toMatchObject({
      capitals: ["auth WowAuth", "world worldDB"],
    });
  });
});

describe("the plan of access", () => {
  const passwords = {
    auth: pulumi.secret("hush-a"),
    characters: pulumi.secret("hush-c"),
    world: pulumi.secret("hush-w"),
  };

  it("names databases and users as the page does", () => {
    const plan = accessPlan(onLab(load({})), facts("debian", "12"), passwords);
    expect(plan.args).toEqual({
      socket: "/run/mysqld/mysqld.sock",
      service: "trinity",
      "realm.key": "wotlk",
      startEmpty: false,
      backups: "/var/backups/trinity",
      "auth.database": "authserver",
      "auth.user": "authserver",
      "characters.database": "characters",
      "characters.user": "characters",
      "world.database": "worldserver",
      "world.user": "worldserver",
    });
    expect(plan.secrets).toEqual(passwords);
  });

  it("says of which rotation the passwords are, once there was one", () => {
    const settings = load({ "databases.rotation": "2" });
    expect(accessPlan(onLab(settings), facts("debian", "12"), passwords).args).toMatchObject({ rotation: 2 });
  });

  it("follows the config", () => {
    const settings = load({
      "realms.wotlk.databases.world.name": "w-1",
      "realms.wotlk.databases.world.user": "w_u",
      "databases.startEmpty": "true",
      "host.user.name": "wow",
    });
    expect(accessPlan(onLab(settings), facts("debian", "12"), passwords).args).toMatchObject({
      service: "wow",
      startEmpty: true,
      "world.database": "w-1",
      "world.user": "w_u",
    });
  });
});

const keeping = (kept: Record<string, string>, passwordRotation = 0): ReachedHost =>
  ({
    facts: {
      passwordRotation,
      passwords: new Map(Object.entries(kept).map(([role, text]) => [role, pulumi.secret(text)])),
    },
  }) as unknown as ReachedHost;

describe("the passwords", () => {
  beforeEach(() => {
    made = [];
  });

  it("are made at random where the config sets none, and are secret", async () => {
    const { passwords } = new Passwords("p", {
      host: keeping({}),
      settings: load({ "realms.wotlk.databases.world.password": "given" }, ["realms.wotlk.databases.world.password"]),
    });
    expect(await value(passwords.world)).toBe("given");
    expect(await value(passwords.auth)).toBe("random-p-auth");
    expect(await value(passwords.characters)).toBe("random-p-characters");
    expect(made.map(({ name }) => name)).toEqual(["p-auth", "p-characters"]);
    for (const output of Object.values(passwords)) expect(await isSecret(output)).toBe(true);
  });

  it("are what the host kept, when it kept some: a lost state must not change them", async () => {
    const { passwords } = new Passwords("r", { host: keeping({ auth: "kept" }), settings: load({}) });
    expect(await value(passwords.auth)).toBe("kept");
    expect(await isSecret(passwords.auth)).toBe(true);
    expect(await value(passwords.world)).toBe("random-r-world");
  });

  it.each([
    ["are made anew when the config asks for another rotation", 0, "1", "random"],
    ["are those of the rotation that the server kept them of, also when the state is lost", 1, "1", "kept"],
    ["are made anew when the number is taken back as well", 1, "0", "random"],
  ])("%s", async (_, rotation, wanted, from) => {
    const host = keeping({ auth: "kept", world: "kept" }, rotation);
    const settings = load({ "databases.rotation": wanted, "realms.wotlk.databases.world.password": "given" }, [
      "realms.wotlk.databases.world.password",
    ]);
    const { passwords } = new Passwords(`n${rotation}${wanted}`, { host, settings });
    expect((await value(passwords.auth)).slice(0, 6)).toBe(from.slice(0, 6));
    expect(await value(passwords.world)).toBe("given");
    await value(passwords.characters);
    for (const { inputs } of made) expect(inputs.keepers).toEqual(wanted === "0" ? undefined : { rotation: wanted });
  });

  it("hold nothing that any layer would read as more than itself", async () => {
    const { passwords } = new Passwords("q", { host: keeping({}), settings: load({}) });
    await Promise.all(Object.values(passwords).map(value));
    for (const { inputs } of made)
      expect(inputs).toMatchObject({ length: 32, overrideSpecial: expect.stringMatching(/^[-_.~]+$/) });
  });
});

describe("a database's new name", () => {
  const { refuseRenamed } =
    require("../../../components/mysql/databases") as typeof import("../../../components/mysql/databases");
  const server = (existing: string[]) =>
    ({
      databases: new Map(existing.map((name) => [name, "utf8mb4"])),
      databaseNames: new Map([["characters", "characters"]]),
    }) as unknown as Facts;
  const renamed = load({ "realms.wotlk.databases.characters.name": "players" });

  it("is refused while the data is under the old one, with the way to move it", () => {
    expect(() => refuseRenamed(renamed, server(["characters"]))).toThrow(
      /^trinitycore:realms\.wotlk\.databases\.characters\.name is players, but .* characters; nothing was touched.*\n.*stop.*\n.*CREATE DATABASE `players`.*\n.*mariadb-dump .* characters \| mariadb players/,
    );
  });

  it("is refused while MariaDB is down: an empty database would take the place of what cannot be seen", () => {
    const silent = { ...server([]), databases: undefined };
    expect(() => refuseRenamed(renamed, silent)).toThrow(
      /^trinitycore:realms\.wotlk\.databases\.characters\.name is players, but .* characters, and MariaDB does not answer.*\(systemctl start mariadb\)/,
    );
    expect(() => refuseRenamed(load({}), silent)).not.toThrow();
  });

  it.each([
    ["the data was moved", ["characters", "players"]],
    ["the old one is gone", []],
  ])("is taken when %s", (_, existing) => {
    expect(() => refuseRenamed(renamed, server(existing))).not.toThrow();
  });

  it("is no matter when there is none", () => {
    expect(() => refuseRenamed(load({}), server(["characters"]))).not.toThrow();
  });
});

describe("databases of a MariaDB that is down", () => {
  const { refuseUnseen } =
    require("../../../components/mysql/databases") as typeof import("../../../components/mysql/databases");
  const on = (more: Partial<Facts>, converged: boolean) =>
    refuseUnseen(load({}), { facts: hostFacts(more), converged: async () => converged });

  it.each([
    ["their folders", { storedDatabases: new Set(["authserver", "other"]) }, "authserver"],
    ["the last run", { databaseNames: new Map([["world", "worldserver"]]) }, "worldserver"],
  ])("are refused where %s tell of them and the state does not", async (_, more, name) => {
    await expect(on(more, false)).rejects.toThrow(
      new RegExp(`knows nothing of the databases that it keeps \\(${name}\\).*systemctl start mariadb`),
    );
    await expect(on(more, true)).resolves.toBeUndefined();
    await expect(on({ ...more, databases: new Map() }, false)).resolves.toBeUndefined();
  });

  it("are no matter where there are none, nor those of other names", async () => {
    await expect(on({ storedDatabases: new Set(["other"]) }, false)).resolves.toBeUndefined();
    await expect(on({ databaseNames: new Map([["world", "old"]]) }, false)).resolves.toBeUndefined();
  });
});
