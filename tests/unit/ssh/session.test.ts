import { createServer } from "node:net";
import { Readable } from "node:stream";
import { Server, type ServerChannel } from "ssh2";
import { Session } from "../../../ssh/session";
import { keyPair } from "../../support/key-pair";
import { ed25519 } from "../settings/source";

describe("a connection that is ended before a login", () => {
  it("is told with what sshd does after failed logins", async () => {
    // As OpenSSH 10 speaks to an address that it refuses for a while.
    const server = createServer((socket) => socket.end("Not allowed at this time\r\n"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    await expect(Session.open({ host: "127.0.0.1", port, user: "root", hostKey: ed25519 })).rejects.toThrow(
      new RegExp(
        `^no SSH session with 127\\.0\\.0\\.1 on port ${port} \\(.*\\); look at trinitycore:host.address and trinitycore:host\\.ssh\\.port; where a login failed several times .*PerSourcePenalties.*wait a minute`,
      ),
    );
    server.close();
  });
});

describe("a session", () => {
  const hostKey = keyPair();
  const login = keyPair().private;
  const tried: string[] = [];
  let open = 0;
  const server = new Server({ hostKeys: [hostKey.private] }, (client) => {
    client
      .on("error", () => undefined)
      .on("authentication", (context) => {
        tried.push(context.method);
        context.accept();
      });
    client.on("session", (accept, reject) => {
      if (++open > 2) reject();
      else accept().on("exec", (accept, _reject, { command }) => void begins().then(() => repeat(accept(), command)));
    });
  });
  /** What a command waits for before it begins. */
  let begins: () => Promise<unknown> = () => Promise.resolve();
  /** Says the command and whatever it is told. */
  const repeat = (channel: ServerChannel, command: string) => {
    channel.write(`${command}: `);
    channel.on("data", (chunk: Buffer) => {
      channel.write(chunk);
      server.emit("told", `${chunk}`);
    });
    channel.on("end", () => {
      open--;
      channel.exit(0);
      channel.end();
    });
  };
  let session: Session;
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    session = await Session.open({
      ...{ host: "127.0.0.1", port, user: "ops", hostKey: hostKey.public, privateKey: login },
    });
  });
  afterAll(async () => {
    session.close();
    await new Promise<void>((done) => server.close(() => done()));
  });

  it("begins with the key: a login without one would be a round trip for nothing", () => {
    expect(new Set(tried)).toEqual(new Set(["publickey"]));
  });

  it("knows how long the way is by the quickest beginning of a command", async () => {
    const slowly = () => new Promise((done) => setTimeout(done, 500));
    expect(session.beginsWithin).toBe(Number.POSITIVE_INFINITY);
    begins = slowly;
    await session.exec("slow");
    expect(session.beginsWithin).toBeGreaterThan(490);
    begins = () => Promise.resolve();
    await session.exec("quick");
    const quickest = session.beginsWithin;
    expect(quickest).toBeLessThan(490);
    begins = slowly;
    (await session.stream("slow")).end();
    expect(session.beginsWithin).toBe(quickest);
    begins = () => Promise.resolve();
  });

  it("starts a command before all of its input is there, and another one beside it", async () => {
    const input = new Readable({ read: () => undefined });
    const told = new Promise((done) => server.once("told", done));
    const slow = session.exec("slow", input);
    input.push("first ");
    expect(await told).toBe("first ");
    expect(`${(await session.exec("quick", "all")).stdout}`).toBe("quick: all");
    input.push("last");
    input.push(null);
    expect(await slow).toMatchObject({ stdout: Buffer.from("slow: first last"), code: 0 });
  });

  it("names MaxSessions where the server refuses one of its commands", async () => {
    const waiting = ["one", "two"].map((name) => session.exec(name, new Readable({ read: () => undefined })));
    for (const lost of waiting) lost.catch(() => undefined);
    await expect(session.exec("three")).rejects.toThrow(/starts no command over SSH \(.*\); .* MaxSessions/);
  });
});
