import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpointOf, withSilentFactors } from "../../../ssh/endpoint";
import { load, privateKey } from "../settings/source";

const of = (key: string, passphrase = "hush") =>
  endpointOf(
    load(
      {
        "host.ssh.agent": "false",
        "host.ssh.privateKey": key,
        "host.ssh.privateKeyPassphrase": passphrase,
        "host.ssh.jumpHost": "jump.example.net",
        "host.ssh.jumpHostKey": load({}).host.key,
      },
      ["host.ssh.privateKey", "host.ssh.privateKeyPassphrase"],
    ),
  );

describe("a passphrase", () => {
  it("goes with a key that asks for one, to the jump host too", async () => {
    const { endpoint, connection } = await of(privateKey("aes256-ctr"));
    expect([endpoint.passphrase, endpoint.jump?.passphrase]).toEqual(["hush", "hush"]);
    expect(connection).toMatchObject({
      privateKeyPassword: expect.anything(),
      proxy: { privateKeyPassword: expect.anything() },
    });
  });

  it("stays away from a key that asks for none", async () => {
    const { endpoint, connection } = await of(privateKey());
    expect([endpoint.passphrase, endpoint.jump?.passphrase]).toEqual([undefined, undefined]);
    expect([connection, connection.proxy].map((hop) => "privateKeyPassword" in (hop ?? {}))).toEqual([false, false]);
  });
});

it("a host that swallows packets is given up within a minute, and so is a jump host", async () => {
  const { connection } = await of(privateKey());
  for (const hop of [connection, connection.proxy]) {
    const { dialErrorLimit = 10, perDialTimeout = 15 } = hop as { dialErrorLimit?: number; perDialTimeout?: number };
    // One more than the limit, and between them pauses that begin with 0.1 s and grow by half.
    const pauses = Array.from({ length: dialErrorLimit }, (_, at) => Math.min(5, 0.1 * 1.5 ** at));
    const seconds = (dialErrorLimit + 1) * perDialTimeout + pauses.reduce((sum, pause) => sum + pause, 0);
    expect(seconds).toBeLessThan(60);
    expect(dialErrorLimit).toBeGreaterThanOrEqual(10);
  }
});

describe("an agent", () => {
  const folder = mkdtempSync(join(tmpdir(), "agents-"));
  const before = process.env.SSH_AUTH_SOCK;
  afterAll(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.SSH_AUTH_SOCK;
    else process.env.SSH_AUTH_SOCK = before;
  });
  /** After a login to this machine each has another socket. */
  async function loggedIn(name: string, values: Record<string, string>, secrets: string[] = []) {
    process.env.SSH_AUTH_SOCK = join(folder, name);
    writeFileSync(process.env.SSH_AUTH_SOCK, "");
    return endpointOf(load({ "host.ssh.agent": "true", ...values }, secrets));
  }

  it.each([
    ["all of it", {}],
    ["one of its keys", { "host.ssh.agentKey": "me@laptop" }],
  ])("at another socket than last time changes no input: %s", async (_, values) => {
    const [first, second] = [await loggedIn("first", values), await loggedIn("second", values)];
    expect(second.connection).toEqual(first.connection);
    expect(JSON.stringify(first.connection)).not.toContain(folder);
    expect(second.endpoint.agent).toBe(join(folder, "second"));
    expect("agentSocketPath" in second.connection).toBe("host.ssh.agentKey" in values);
  });

  it("is not asked where there is a private key", async () => {
    const { endpoint } = await loggedIn("first", { "host.ssh.privateKey": privateKey() }, ["host.ssh.privateKey"]);
    expect([endpoint.agent, "privateKey" in endpoint]).toEqual([undefined, true]);
  });
});

it("the plugin gets an empty password where a second factor asked nothing, and nowhere else", async () => {
  const { connection } = await of(privateKey());
  const passwords = (server: boolean, jump: boolean) => {
    const given = withSilentFactors(connection, { server, jump });
    return [given, given.proxy].map((hop) => (hop as { password?: string }).password);
  };
  expect(passwords(false, false)).toEqual([undefined, undefined]);
  expect(passwords(true, false)).toEqual(["", undefined]);
  expect(passwords(false, true)).toEqual([undefined, ""]);
});
