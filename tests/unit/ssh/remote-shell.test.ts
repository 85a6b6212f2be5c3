import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "ssh2";
import { pullArgs } from "../../../actions/backup-pull";
import { rsyncArgs } from "../../../actions/game-data/transfer";
import { type RemoteShell, remoteShell } from "../../../ssh/remote-shell";
import { type Endpoint, Session } from "../../../ssh/session";
import { quote } from "../../../ssh/shell";
import { keyPair } from "../../support/key-pair";

const withRsync = spawnSync("rsync", ["--version"]).status === 0 ? describe : describe.skip;

withRsync("rsync over the connection that is there (skipped where there is no rsync)", () => {
  const hostKey = keyPair();
  const login = keyPair().private;
  const folder = mkdtempSync(join(tmpdir(), "remote shell "));
  const [from, data, incoming] = ["from", "data", "incoming"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const far = new Set<ChildProcess>();
  /** How many bytes the far end has taken, and whether it goes on. */
  let hold = (_bytes: number) => false;
  const server = new Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on("error", () => undefined).on("authentication", (context) => context.accept());
    client.on("session", (accept) =>
      accept().on("exec", (accept, _reject, { command }) => {
        const channel = accept();
        const [program = "", ...words] = command.split(" ");
        const child = spawn(program, words);
        far.add(child);
        let taken = 0;
        channel.on("data", (chunk: Buffer) => {
          taken += chunk.length;
          if (hold(taken)) channel.pause();
          child.stdin.write(chunk);
        });
        channel.on("end", () => child.stdin.end());
        child.stdout.on("data", (chunk: Buffer) => channel.write(chunk));
        child.stderr.on("data", (chunk: Buffer) => channel.stderr.write(chunk));
        child.stdin.on("error", () => undefined);
        child.on("close", (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
        // As sshd does when the connection is gone.
        client.on("close", () => child.stdin.end());
      }),
    );
  });
  let endpoint: Endpoint;
  let session: Session;
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    endpoint = { host: "127.0.0.1", port, user: "root", hostKey: hostKey.public, privateKey: login };
    for (const name of ["maps", "vmaps"]) mkdirSync(join(from, name), { recursive: true });
    mkdirSync(incoming);
    mkdirSync(data);
    writeFileSync(join(from, "vmaps/big.vmo"), randomBytes(BIG));
    for (let at = 0; at < 50; at++) writeFileSync(join(from, `maps/${at}.map`), `map ${at}`);
  });
  beforeEach(async () => {
    session = await Session.open(endpoint);
  });
  afterEach(() => session.close());
  afterAll(async () => {
    for (const child of far) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
    await new Promise<void>((done) => server.close(() => done()));
  });

  const BIG = 30_000_000;
  const place = { data, incoming, manifest: "", user: "", group: "", lock: "", core: "" };
  const script = (called: readonly string[]) => `exec ${called.slice(1).map(quote).join(" ")}\n`;
  /** One rsync, and what went over the line for it. */
  async function send(shell: RemoteShell): Promise<{ code: number | null; child: ChildProcess; said: string }> {
    const child = spawn("rsync", rsyncArgs(from, { folders: ["maps", "vmaps"] }, place, shell.command));
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    running = child;
    const code = await new Promise<number | null>((done) => child.on("close", done));
    return { code, child, said };
  }
  let running: ChildProcess | undefined;
  const same = () => {
    for (const name of readdirSync(from, { recursive: true, encoding: "utf8" })) {
      if (!statSync(join(from, name)).isFile()) continue;
      expect([name, readFileSync(join(from, name)).equals(readFileSync(join(incoming, name)))]).toEqual([name, true]);
    }
  };

  it("goes on in the middle of a file where it was cut off: no byte is sent twice", async () => {
    let sent = 0;
    let held: (() => void) | undefined;
    const middle = new Promise<void>((done) => {
      held = done;
    });
    hold = (bytes) => {
      if (bytes < 10_000_000) return false;
      held?.();
      return true;
    };
    const cut = await remoteShell(session, endpoint, script);
    const first = send(cut);
    const early = first.then(({ code, said }) => Promise.reject(new Error(`rsync ended with ${code}: ${said}`)));
    await Promise.race([middle, early]);
    early.catch(() => undefined);
    session.close();
    running?.kill("SIGKILL");
    await first;
    cut.close();
    hold = () => false;
    const big = join(incoming, "vmaps/big.vmo");
    for (let tries = 0; tries < 100 && !existsSync(big); tries++) await new Promise((done) => setTimeout(done, 100));
    const arrived = statSync(big).size;
    expect(arrived).toBeGreaterThan(5_000_000);
    expect(arrived).toBeLessThan(BIG);

    session = await Session.open(endpoint);
    const shell = await remoteShell(session, endpoint, script, (bytes) => {
      sent += bytes;
    });
    expect(await send(shell)).toMatchObject({ code: 0, said: "" });
    shell.close();
    same();
    expect(sent).toBeLessThan(BIG - arrived + 200_000);
    expect(sent).toBeGreaterThan(BIG - arrived - 1);
  }, 60_000);

  it("links what is live already, and sends what changed", async () => {
    rmSync(data, { recursive: true });
    spawnSync("mv", [incoming, data]);
    mkdirSync(incoming);
    appendFileSync(join(from, "maps/7.map"), ", changed");
    writeFileSync(join(from, "maps/.DS_Store"), "not sent");
    let sent = 0;
    const shell = await remoteShell(session, endpoint, script, (bytes) => {
      sent += bytes;
    });
    expect(await send(shell)).toMatchObject({ code: 0, said: "" });
    shell.close();
    rmSync(join(from, "maps/.DS_Store"));
    same();
    expect(sent).toBeLessThan(5_000);
    const inode = (path: string) => statSync(path).ino;
    expect(inode(join(incoming, "vmaps/big.vmo"))).toBe(inode(join(data, "vmaps/big.vmo")));
    expect(inode(join(incoming, "maps/7.map"))).not.toBe(inode(join(data, "maps/7.map")));
    expect(readFileSync(join(data, "maps/7.map"), "utf8")).toBe("map 7");
    expect(existsSync(join(incoming, "maps/.DS_Store"))).toBe(false);
  }, 60_000);

  it("brings a file here, for its owner alone, and goes on in the middle of it", async () => {
    const [into, whole] = [join(folder, "brought here"), readFileSync(join(from, "vmaps/big.vmo"))];
    mkdirSync(into);
    writeFileSync(join(into, "big.vmo"), whole.subarray(0, 20_000_000));
    let received = 0;
    const shell = await remoteShell(
      session,
      endpoint,
      script,
      () => undefined,
      (bytes) => {
        received += bytes;
      },
    );
    const args = pullArgs(join(from, "vmaps"), [{ name: "big.vmo", bytes: BIG }], into, shell.command);
    const child = spawn("rsync", args, { stdio: "ignore" });
    expect(await new Promise((done) => child.on("close", done))).toBe(0);
    shell.close();
    expect(readFileSync(join(into, "big.vmo")).equals(whole)).toBe(true);
    expect(statSync(join(into, "big.vmo")).mode & 0o777).toBe(0o600);
    expect(received).toBeGreaterThan(BIG - 20_000_000 - 1);
    expect(received).toBeLessThan(BIG - 20_000_000 + 200_000);
  }, 60_000);

  it("hands on what the far end says when it fails, and ends", async () => {
    const shell = await remoteShell(session, endpoint, () => "echo 'no such user' >&2; exit 1\n");
    expect((await send(shell)).code).not.toBe(0);
    expect(shell.said()).toBe("no such user");
    shell.close();
    expect(existsSync(shell.command[2] as string)).toBe(false);
  }, 60_000);

  it("keeps its way for the operator alone", async () => {
    const shell = await remoteShell(session, endpoint, script);
    expect(statSync(join(shell.command[2] as string, "..")).mode & 0o777).toBe(0o700);
    shell.close();
  });
});
