import { createServer, type Socket } from "node:net";
import { type AuthContext, type Connection, type KeyboardAuthContext, Server } from "ssh2";
import { timeouts } from "../../../ssh/dial";
import { Session } from "../../../ssh/session";
import { keyPair } from "../../support/key-pair";

const { public: hostKey, private: hostPrivate } = keyPair();
const privateKey = keyPair().private;
const quick = { ...timeouts, handshake: 2_000, login: 2_500, tellAfter: 1_000, dropPauses: [10, 10] };

/** What a server does with each method that it is asked for. */
type Rules = (context: AuthContext, connection: Connection) => void;

let rules: Rules = (context) => context.accept();
/** How the next connections are received, before any SSH. */
let first: ((socket: Socket) => void)[] = [];
const ssh = new Server({ hostKeys: [hostPrivate] }, (connection) => {
  connection.on("error", () => undefined);
  connection.on("authentication", (context) => rules(context, connection));
});
const listener = createServer((socket) => {
  socket.on("error", () => undefined);
  const greet = first.shift();
  if (greet) greet(socket);
  else ssh.injectSocket(socket);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  ({ port } = listener.address() as { port: number });
});
afterAll(() => void listener.close());

const told: string[] = [];
const open = () =>
  Session.open(
    { host: "127.0.0.1", port, user: "ops", hostKey, privateKey },
    { timeouts: quick, tell: (text) => told.push(text) },
  );
const partly =
  (then: string[], next: (context: AuthContext) => void): Rules =>
  (context) =>
    context.method === "publickey" ? context.reject(then as never, true) : next(context);

describe("a login goes through", () => {
  it.each<[what: string, given: () => void, silent: boolean]>([
    [
      "a second factor that asks nothing",
      () => {
        rules = partly(["keyboard-interactive"], (context) =>
          (context as KeyboardAuthContext).prompt([], "", "", () => context.accept()),
        );
      },
      true,
    ],
    [
      "a server that takes its time, of which one is told",
      () => {
        rules = (context) => setTimeout(() => context.accept(), 800);
      },
      false,
    ],
    [
      "a server that drops some connections",
      () => {
        first = [(socket) => socket.end("Exceeded MaxStartups\r\n"), (socket) => socket.destroy()];
      },
      false,
    ],
  ])("%s", async (_, given, server) => {
    rules = (context) => context.accept();
    given();
    told.length = 0;
    const session = await open();
    session.close();
    expect(session.silentFactors).toEqual({ server, jump: false });
    expect(told.length).toBe(/takes its time/.test(_) ? 1 : 0);
  });
});

describe("a login that does not is told with its reason", () => {
  const refuse =
    (methods: string[]): Rules =>
    (context) =>
      context.reject(methods as never, false);
  const cases: [what: string, given: Rules, says: RegExp][] = [
    [
      "a second factor that asks",
      partly(["keyboard-interactive"], (context) =>
        (context as KeyboardAuthContext).prompt(
          [{ prompt: "Verification code: ", echo: false }],
          "",
          "",
          () => undefined,
        ),
      ),
      /takes the key of ops and then asks "Verification code:", which no program can answer; "Match User ops" with "AuthenticationMethods publickey"/,
    ],
    [
      "a password as well",
      partly(["password"], () => undefined),
      /takes the key of ops as a part only \(partial success\) and goes on with password/,
    ],
    [
      "two keys",
      partly(["publickey"], () => undefined),
      /takes a key of ops \(SHA256:\S+\) as a part only, and wants another key.*ssh-agent/,
    ],
    [
      "no keys at all",
      refuse(["keyboard-interactive"]),
      /lets ops in by keyboard-interactive alone.*AuthenticationMethods/,
    ],
    [
      "a key it does not know",
      refuse(["publickey", "password"]),
      /refused the login of ops; look at trinitycore:host\.ssh\.user, .*knows none of SHA256:\S+, and goes on with publickey, password$/,
    ],
    [
      "an account that has expired",
      (context, connection) => {
        if (context.method !== "publickey" || !context.signature) return context.accept();
        connection.end();
      },
      /takes the key of ops and then ends the login .*chage -l ops/,
    ],
    ["no end of it", () => undefined, /did not finish the login of ops in 2\.5 s; .*UseDNS.*PAM/],
  ];
  it.each(cases)("%s", async (_, given, says) => {
    rules = given;
    await expect(open()).rejects.toThrow(says);
  });

  it.each<[what: string, greet: (socket: Socket) => void, says: RegExp]>([
    [
      "no sshd",
      (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /is no sshd \(it says "HTTP\/1\.1 400 Bad Request"\); look at trinitycore:host.address/,
    ],
    ["not a word", () => undefined, /did not agree on keys in 2 s; look at/],
    [
      "a penalty",
      (socket) => socket.end("Not allowed at this time\r\n"),
      /\(Not allowed at this time\).*PerSourcePenalties/,
    ],
  ])("%s", async (_, greet, says) => {
    first = [greet];
    await expect(open()).rejects.toThrow(says);
    expect(first).toEqual([]);
  });
});
