import { connect, createServer, type Socket } from "node:net";
import { type Connection, Server } from "ssh2";
import { timeouts } from "../../../ssh/dial";
import { type Endpoint, Session } from "../../../ssh/session";
import { keyPair } from "../../support/key-pair";

const { public: hostKey, private: hostPrivate } = keyPair();
const privateKey = keyPair().private;
const quick = { ...timeouts, silence: 3_000 };
const listening = (server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }) =>
  new Promise<number>((done) => server.listen(0, "127.0.0.1", () => done((server.address() as { port: number }).port)));

/** A server whose commands never end; it forwards as a jump host does. */
function sshd() {
  return new Server({ hostKeys: [hostPrivate] }, (connection: Connection) => {
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => context.accept());
    connection.on("session", (accept) => accept().on("exec", (take) => void take().write("begun")));
    connection.on("tcpip", (accept, _reject, { destIP, destPort }) => {
      const here = accept();
      const there = connect(destPort, destIP, () => here.pipe(there).pipe(here));
      there.on("error", () => undefined);
    });
  });
}

/** A network in between, which can be lost without a word. */
async function wire(to: number) {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => undefined);
    sockets.push(near, far);
    near.pipe(far).pipe(near);
  });
  return {
    port: await listening(server),
    cut: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    end: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});
const machine = async () => {
  const server = sshd();
  endings.push(() => server.close());
  return listening(server);
};
const behind = async (port: number) => {
  const network = await wire(port);
  endings.push(network.end);
  return network;
};
const at = (port: number): Endpoint => ({ host: "127.0.0.1", port, user: "ops", hostKey, privateKey });

describe("a connection that is lost ends in words", () => {
  it.each<[what: string, lose: "server" | "jump", jump: boolean, unsent: boolean]>([
    ["while the server works", "server", false, false],
    ["with data unsent", "server", false, true],
    ["behind a jump host", "server", true, false],
    ["behind a jump host, with data unsent", "server", true, true],
    ["before a jump host", "jump", true, false],
    ["before a jump host, with data unsent", "jump", true, true],
  ])("%s", async (_, lose, jump, unsent) => {
    const server = await behind(await machine());
    const hop = await behind(await machine());
    const session = await Session.open(
      { ...at(server.port), ...(jump ? { jump: at(hop.port) } : {}) },
      { timeouts: quick },
    );
    const ended = new Promise<void>((done) => session.onClose(done));
    const command = session.exec("build", unsent ? Buffer.alloc(48 << 20) : "");
    (lose === "jump" ? hop : server).cut();
    await expect(command).rejects.toThrow(
      /^the SSH connection to 127\.0\.0\.1 was lost: nothing was heard of it for 3 s; run it again$/,
    );
    await ended;
    await expect(session.exec("again")).rejects.toThrow(/was lost/);
  });

  it("when the server ends it", async () => {
    const server = await behind(await machine());
    const session = await Session.open(at(server.port), { timeouts: quick });
    const command = session.exec("build");
    server.end();
    await expect(command).rejects.toThrow(/was lost: the other side ended it; run it again/);
  });

  it("keeps on while only the server is silent", async () => {
    const session = await Session.open(at(await machine()), { timeouts: quick });
    let lost = false;
    session.onClose(() => {
      lost = true;
    });
    await new Promise((done) => setTimeout(done, 2_500));
    expect(lost).toBe(false);
    session.close();
  });
});
