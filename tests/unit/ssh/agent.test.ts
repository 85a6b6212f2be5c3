import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askAgent, chosenKeys, keysIn, keysToOffer, nameOf, splitMessages, withLength } from "../../../ssh/agent";
import { serveChosenKey } from "../../../ssh/chosen-key";

const LIST = Buffer.from([11]);
const folder = mkdtempSync(join(tmpdir(), "agent-"));
const socket = join(folder, "socket");
const env = { ...process.env, SSH_AUTH_SOCK: socket };
const run = (...[program, ...args]: [string, ...string[]]) =>
  execFileSync(program, args, { env, encoding: "utf8", stdio: "pipe" });
let pid = 0;

beforeAll(() => {
  pid = Number(/SSH_AGENT_PID=(\d+)/.exec(run("ssh-agent", "-a", socket))?.[1]);
  const key = (name: string, type: string) =>
    run("ssh-keygen", "-q", "-t", type, "-N", "", "-C", name, "-f", join(folder, name.replace(/\W/g, "")));
  for (const [name, type] of [
    ["other", "ecdsa"],
    ["me@laptop", "ed25519"],
    ["/home/me/.ssh/id_rsa", "rsa"],
    ["ca", "ed25519"],
  ] as const)
    key(name, type);
  run("ssh-keygen", "-q", "-s", join(folder, "ca"), "-I", "x", "-n", "root", join(folder, "homemesshid_rsa.pub"));
  for (const file of ["other", "melaptop", "homemesshid_rsa"]) run("ssh-add", "-q", join(folder, file));
});
afterAll(() => {
  process.kill(pid);
  rmSync(folder, { recursive: true });
});

const fingerprint = (file: string) => run("ssh-keygen", "-l", "-f", join(folder, file)).split(" ")[1] as string;

describe("one key of an agent", () => {
  it.each([
    ["its comment", () => "me@laptop", ["ssh-ed25519"]],
    ["its fingerprint", () => fingerprint("melaptop"), ["ssh-ed25519"]],
    [
      "the key itself",
      () =>
        run("ssh-add", "-L")
          .split("\n")
          .find((line) => line.includes("laptop")) as string,
      ["ssh-ed25519"],
    ],
    ["the name of its file, with its certificate", () => "id_rsa", ["ssh-rsa", "ssh-rsa-cert-v01@openssh.com"]],
    [
      "the fingerprint of a certified key",
      () => fingerprint("homemesshid_rsa"),
      ["ssh-rsa", "ssh-rsa-cert-v01@openssh.com"],
    ],
    ["another's", () => "nobody", []],
  ])("is meant by %s", async (_, wanted, types) => {
    const keys = keysIn(await askAgent(socket, LIST));
    expect(chosenKeys(keys, wanted()).map(({ type }) => type)).toEqual(types);
  });

  it("is named as `ssh-add -l` names it, a certificate too", async () => {
    const names = keysIn(await askAgent(socket, LIST)).map(nameOf);
    const listed = run("ssh-add", "-l")
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[1]);
    expect(names.map((name) => /SHA256:[^)]+/.exec(name)?.[0])).toEqual(listed);
  });

  it("that is not there is told with those that are", async () => {
    await expect(keysToOffer(socket, "nobody")).rejects.toThrow(
      /no key that trinitycore:host.ssh.agentKey could mean, "nobody"; it holds other \(SHA256:.*me@laptop \(SHA256:/,
    );
  });

  it("is all that the plugin sees and can sign with", async () => {
    const path = await serveChosenKey(socket, "me@laptop");
    expect(Buffer.byteLength(path)).toBeLessThan(104);
    const seen = keysIn(await askAgent(path, LIST));
    expect(seen.map(({ comment }) => comment)).toEqual(["me@laptop"]);
    const sign = (blob: Buffer) =>
      askAgent(
        path,
        Buffer.concat([Buffer.from([13]), withLength(blob), withLength(Buffer.from("text")), Buffer.alloc(4)]),
      );
    const [other] = keysIn(await askAgent(socket, LIST));
    expect((await sign(seen[0]?.blob as Buffer))[0]).toBe(14);
    expect((await sign(other?.blob as Buffer))[0]).toBe(5);
    // Nor can it be told to forget all keys.
    expect((await askAgent(path, Buffer.from([19])))[0]).toBe(5);
  });

  it("is asked for several times on one connection, as Go does", async () => {
    const near = connect(await serveChosenKey(socket, "me@laptop"));
    near.write(Buffer.concat([withLength(LIST), withLength(LIST)]));
    let got = Buffer.alloc(0);
    while (splitMessages(got).whole.length < 2) got = Buffer.concat([got, ((await once(near, "data")) as [Buffer])[0]]);
    near.destroy();
  });
});
