/** The plan of the config's game accounts, and what is made for it. */
import * as pulumi from "@pulumi/pulumi";
import { withLayout } from "../../../components/layout";
import { accountsPlan } from "../../../components/servers/accounts";
import { facts } from "../../server/facts-of";
import { load } from "../settings/source";
import { build, inSync, neverApplied, warn } from "./realm-under-mocks";
import vectors from "./srp6/vectors.json";

const settings = (values: Record<string, string>, secrets: string[] = []) =>
  withLayout(load({ "host.ssh.agent": "true", ...values }, secrets), facts());
const boss = { "login.accounts.Boss.level": "3" };
const value = (output: unknown) => (output as pulumi.Output<string> & { promise(): Promise<string> }).promise();

beforeAll(() => {
  process.env.SSH_AUTH_SOCK = "/dev/null";
});
afterAll(() => {
  delete process.env.SSH_AUTH_SOCK;
});

describe("the plan", () => {
  it("says of each account what it should be, and nothing of its password", () => {
    const plan = accountsPlan(
      settings({
        ...boss,
        "realms.wotlk.id": "7",
        "login.accounts.guide": JSON.stringify({
          ...{ level: 1, realm: "wotlk", expansion: 1, email: "me@example.net", passwordIs: "enforced", adopt: true },
        }),
      }),
      facts(),
      {},
    );
    expect(plan).toMatchObject({
      step: "accounts",
      kind: "accounts",
      args: {
        socket: "/run/mysqld/mysqld.sock",
        database: "authserver",
        accounts: [
          "Boss level=3 realm=-1 expansion=2 password=initial",
          "guide level=1 realm=7 expansion=1 password=enforced email=ME@EXAMPLE.NET adopt=true",
        ],
      },
    });
    expect(plan.effect).toMatch(/^restarts nothing/);
  });

  it.each(vectors)("has the salt and verifier of $name with $password as a secret", async (vector) => {
    const { name, password, salt, verifier } = vector;
    const made = { password: pulumi.secret(password), salt: pulumi.secret(salt) };
    const { secrets = {} } = accountsPlan(settings(boss), facts(), { [name.toUpperCase()]: made });
    const [[key = "", text] = []] = Object.entries(secrets);
    expect(key).toMatch(/^srp6\.([0-9a-f]{2}){1,16}$/);
    expect(Buffer.from(key.slice("srp6.".length), "hex").toString()).toBe(name.toUpperCase());
    expect(await value(text)).toBe(`${salt} ${verifier}`);
    expect(await (text as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
  });

  it("refuses the name of the stack's own account", () => {
    const own = settings({ "login.accounts.TrinityStack": "{}" });
    expect(() => accountsPlan(own, facts(), {})).toThrow(
      "trinitycore:login.accounts may not have TRINITYSTACK: the stack's own account has that name",
    );
  });
});

describe("the resources", () => {
  const random = ({ resources }: Awaited<ReturnType<typeof build>>) =>
    resources.filter(({ type, name }) => type.startsWith("random:") && name.startsWith("realm-accounts"));

  it("are none where the config names no account", async () => {
    const made = await build({ settings: load({}) });
    expect([random(made), made.creates["realm-accounts"]]).toEqual([[], undefined]);
  });

  it("are one step for all, a salt each, and a password where the config has none", async () => {
    const key = "login.accounts.guide.password";
    const made = await build({ settings: load({ ...boss, [key]: "hunter2" }, [key]) });
    expect(Object.fromEntries(random(made).map(({ name, inputs }) => [name, inputs.length]))).toEqual({
      "realm-accounts-BOSS-salt": 32,
      "realm-accounts-BOSS-password": 16,
      "realm-accounts-GUIDE-salt": 32,
    });
    expect(made.commands.filter(({ name }) => name.includes("accounts")).map(({ name }) => name)).toEqual([
      "realm-accounts",
    ]);
  });

  it("are the same however the config writes a name: a password would be lost with its resource", async () => {
    const named = async (name: string) =>
      random(await build({ settings: load({ [`login.accounts.${name}.level`]: "3" }) })).map(({ name }) => name);
    expect(await named("boss")).toEqual(await named("BOSS"));
  });

  it("come after the tables and the realm's row, and restart no server", async () => {
    const drift = { accounts: { ...inSync, drift: ["the account BOSS has no level"] } };
    const { byName, commands } = await build({ settings: load(boss), table: drift });
    const needs = byName.get("realm-accounts")?.needs.map((urn) => urn.split("::").pop());
    expect(needs).toEqual(expect.arrayContaining(["realm-schema", "realm-row", "realm-mariadb"]));
    const told = warn.mock.calls.map(([text]) => text).join("\n");
    expect(told).toContain("applying this restarts nothing; a changed level or password counts from the next login on");
    const renewed = commands.filter(({ inputs }) => !(inputs.update as string).includes(" aaaa1111 "));
    expect(renewed.map(({ name }) => name)).toEqual(["realm-accounts"]);
  });

  it("are looked at before a password is made, so that a name that somebody has is refused in the first preview", async () => {
    const { asked } = await build({ settings: load(boss), preview: true, rest: neverApplied });
    const accounts = asked.find(({ plan }) => plan.step === "accounts");
    expect(accounts?.secrets).toEqual({});
    // Not so what cannot be judged without its secrets.
    expect(asked.map(({ plan }) => plan.step)).not.toContain("access");
  });
});
