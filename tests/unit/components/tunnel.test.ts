import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { type Connection, Server } from "ssh2";
import { DatabaseTunnel } from "../../../components/mysql/tunnel";
import { keyPair } from "../../support/key-pair";

const { public: hostKey, private: key } = keyPair();

/** An SSH server whose logins take this long; each command is come to, says "hello" and ends with its input. */
async function server(loginTakes: number) {
  const connections: Promise<unknown>[] = [];
  const ssh = new Server({ hostKeys: [key] }, (connection: Connection) => {
    connections.push(once(connection, "close"));
    connection.on("error", () => undefined);
    connection.on("authentication", (asked) => setTimeout(() => asked.accept(), loginTakes));
    connection.on("session", (accept) =>
      accept().on("exec", (take, _refuse, { command }) => {
        const channel = take();
        // As a login shell whose start-up files print.
        channel.write("Welcome!\n");
        channel.once("data", (script: Buffer) => {
          const other = /"\$1"([0-9a-f]{16});/.exec(script.toString())?.[1];
          channel.write(`${command.split(" ").pop()}${other}\nhel`);
          channel.write("lo");
          channel.resume();
        });
        channel.on("end", () => {
          channel.exit(0);
          channel.end();
        });
      }),
    );
  });
  ssh.listen(0, "127.0.0.1");
  await once(ssh, "listening");
  const { port } = ssh.address() as AddressInfo;
  const endpoint = { host: "127.0.0.1", port, user: "root", hostKey, privateKey: key };
  return { endpoint, connections, close: () => ssh.close() };
}

describe("the way to the databases", () => {
  it("hands on what comes after the mark, and nothing that a login shell printed before", async () => {
    const { endpoint, close } = await server(0);
    const local = connect(await DatabaseTunnel.open(endpoint, "/run/mysqld/mysqld.sock"));
    let said = "";
    local.on("data", (chunk) => {
      said += chunk;
    });
    await once(local, "close");
    expect(said).toBe("hello");
    close();
  }, 5_000);

  it.each([
    ["once its user has gone", 0, 300],
    ["when its user did not wait for a slow login", 400, 100],
  ])(
    "ends its SSH connection %s: an open one would keep the program from ending",
    async (_, loginTakes, waits) => {
      const { endpoint, connections, close } = await server(loginTakes);
      const local = connect(await DatabaseTunnel.open(endpoint, "/run/mysqld/mysqld.sock"));
      local.on("error", () => undefined);
      await once(local, "connect");
      await new Promise((resolve) => setTimeout(resolve, waits));
      local.destroy();
      while (connections.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await connections[0];
      close();
    },
    5_000,
  );
});
