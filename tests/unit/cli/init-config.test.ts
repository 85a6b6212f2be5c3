import type { Value } from "../../../cli/engine-stack";
import { keptText, realmsIn, setAt, sortOut, withValues } from "../../../cli/init-config";
import type { StackValues } from "../../../cli/stack";
import { loadSettings } from "../../../settings";
import { ed25519, privateKey } from "../settings/source";

const stack = (values: Record<string, unknown>, secret: readonly string[] = []): StackValues => ({
  values: Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `trinitycore:${name}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ),
  secretKeys: new Set(secret.map((name) => `trinitycore:${name}`)),
});
const nothing = stack({});
const found: readonly Value[] = [
  { path: "host.address", text: "wow.example.net" },
  { path: "host.ssh.port", text: "22" },
  { path: "host.ssh.user", text: "ops" },
  { path: "host.key", text: ed25519 },
  { path: "host.ssh.privateKey", text: privateKey(), secret: true },
  { path: "realms.wotlk.name", text: "Trinity" },
];
const paths = (values: readonly Value[]) => values.map(({ path }) => path);

describe("what init writes", () => {
  it("is all that is no default, and a realm's name always: without a key of its own there is no realm", () => {
    const { missing, kept } = sortOut(nothing, found);
    expect(paths(missing)).toEqual([
      ...["host.address", "host.ssh.user", "host.key", "host.ssh.privateKey", "realms.wotlk.name"],
    ]);
    expect(kept).toEqual([]);
  });

  it("is a config that can be loaded, with its secrets as such", () => {
    const settings = loadSettings(withValues(nothing, sortOut(nothing, found).missing, "Pulumi.home.yaml", undefined));
    expect(settings.host).toMatchObject({ address: "wow.example.net", key: ed25519, ssh: { user: "ops", port: 22 } });
    expect(settings.host.ssh.privateKey).toBeDefined();
    expect(settings.realm).toMatchObject({ key: "wotlk", name: "Trinity", address: "wow.example.net" });
  });

  it("is nothing of what is set already, in whatever way", () => {
    const config = stack({
      host: { address: "10.0.0.1", ssh: { user: "ops", port: 2222 } },
      restarts: "now",
      realms: { main: { name: "My realm" } },
    });
    const { missing, kept } = sortOut(config, found);
    expect(paths(missing)).toEqual(["host.key", "host.ssh.privateKey", "realms.wotlk.name"]);
    expect(paths(kept)).toEqual(["host.address", "host.ssh.port"]);
    expect(realmsIn(config)).toEqual(["main"]);
    expect(setAt(config, "host.ssh.port")).toBe("2222");
    const settings = loadSettings(withValues(config, missing.slice(0, 2), "Pulumi.home.yaml", undefined));
    expect(settings).toMatchObject({ host: { address: "10.0.0.1" }, realm: { key: "main", name: "My realm" } });
  });

  it("leaves the secrets of the file what they are", () => {
    const config = stack({ host: { ssh: { privateKey: privateKey() } }, realms: { wotlk: { name: "A" } } }, ["host"]);
    const written = { "trinitycore:host": { ssh: { privateKey: { secure: "v1:abc" } } } };
    const { missing } = sortOut(config, found);
    expect(paths(missing)).toEqual(["host.address", "host.ssh.user", "host.key"]);
    expect(loadSettings(withValues(config, missing, "Pulumi.home.yaml", written)).host.ssh.privateKey).toBeDefined();
  });

  it.each<[Value, string]>([
    [
      { path: "host.ssh.port", text: "22" },
      "host.ssh.port stays 2222; for 22: pulumi config set --path trinitycore:host.ssh.port 22",
    ],
    [
      { path: "realms.wotlk.name", text: "Bob's" },
      `realms.wotlk.name stays A; for Bob's: pulumi config set --path trinitycore:realms.wotlk.name 'Bob'\\''s'`,
    ],
    [
      { path: "host.ssh.privateKey", text: "the key", secret: true },
      "host.ssh.privateKey is set to another one and stays; to change it: " +
        "pulumi config set --secret --path trinitycore:host.ssh.privateKey < FILE",
    ],
  ])("says what is kept, and how to change it: %j", (value, says) => {
    const config = stack({ host: { ssh: { port: 2222 } }, realms: { wotlk: { name: "A" } } });
    expect(keptText(config, value)).toBe(says);
  });
});
