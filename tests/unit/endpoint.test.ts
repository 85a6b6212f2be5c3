import { endpointOf } from "../../components/remote/endpoint";
import { load, privateKey } from "./settings-source";

const of = (key: string, passphrase = "hush") =>
  endpointOf(
    load(
      {
        "ssh.agent": "false",
        "ssh.privateKey": key,
        "ssh.privateKeyPassphrase": passphrase,
        "ssh.jumpHost": "jump.example.net",
        "ssh.jumpHostKey": load({}).hostKey,
      },
      ["ssh.privateKey", "ssh.privateKeyPassphrase"],
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

it("a server that swallows packets is given up within a minute, and so is a jump host", async () => {
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
