import { createServer } from "node:net";
import { Session } from "../../components/remote/session";
import { ed25519 } from "./settings-source";

describe("a connection that is ended before a login", () => {
  it("is told with what sshd does after failed logins", async () => {
    // As OpenSSH 10 speaks to an address that it refuses for a while.
    const server = createServer((socket) => socket.end("Not allowed at this time\r\n"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    await expect(Session.open({ host: "127.0.0.1", port, user: "root", hostKey: ed25519 })).rejects.toThrow(
      new RegExp(
        `^no SSH session with 127\\.0\\.0\\.1 on port ${port} \\(.*\\); look at trinitycore:host and trinitycore:ssh\\.port; where a login failed several times .*PerSourcePenalties.*wait a minute`,
      ),
    );
    server.close();
  });
});
