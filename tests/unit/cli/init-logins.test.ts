import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoginChoice, logins } from "../../../cli/init-logins";
import type { SshTarget } from "../../../ssh/openssh";

const folder = mkdtempSync(join(tmpdir(), "logins-"));
const socket = join(folder, "agent");
const file = (name: string) => join(folder, name);
const makeKey = (name: string, passphrase = "") =>
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file(name)]);
const printOf = (name: string) => execFileSync("ssh-keygen", ["-lf", file(name)], { encoding: "utf8" }).split(" ")[1];
const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
const usual = process.env.SSH_AUTH_SOCK;

beforeAll(async () => {
  for (const name of ["plain", "held", "other"]) makeKey(name);
  makeKey("locked", "opens the key");
  writeFileSync(file("putty"), "PuTTY-User-Key-File-3: ssh-ed25519\n");
  if (!existsSync(socket)) await once(agent.stdout, "data");
  for (const name of ["held", "other"])
    execFileSync("ssh-add", ["-q", file(name)], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
});
afterAll(() => {
  agent.kill();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  if (usual === undefined) delete process.env.SSH_AUTH_SOCK;
  else process.env.SSH_AUTH_SOCK = usual;
});

const target = (more: Partial<SshTarget> = {}): SshTarget => ({
  ...{ alias: "wow", host: "wow.example.net", port: 22, user: "root", knownAs: "wow", knownHosts: [] },
  ...{ keyFiles: [file("absent"), file("plain")], onlyTheseKeys: false, agent: undefined, jump: undefined },
  ...more,
});

/** What is offered, and what is passed over with its reason. */
async function offered(way: SshTarget, choice: LoginChoice = {}, sock?: string) {
  if (sock === undefined) delete process.env.SSH_AUTH_SOCK;
  else process.env.SSH_AUTH_SOCK = sock;
  const skipped: string[] = [];
  const found = [];
  for await (const login of logins(way, choice, (why) => void skipped.push(why))) found.push(login);
  return { names: found.map(({ name }) => name.replace(folder, "")), found, skipped };
}

describe("the keys that init tries", () => {
  it("are the files that are there, whose text is a secret of the config", async () => {
    const { names, found } = await offered(target());
    expect(names).toEqual(["the key /plain"]);
    expect(found[0]?.values).toEqual([
      { path: "host.ssh.privateKey", text: readFileSync(file("plain"), "utf8"), secret: true },
    ]);
  });

  it("are the agent's before that, and the one of them that ssh is told to use first", async () => {
    const { names, found } = await offered(target({ keyFiles: [file("held"), file("plain")] }), {}, socket);
    expect(names).toEqual([
      `the agent's key ${printOf("held")}`,
      "the agent's keys",
      "the key /held",
      "the key /plain",
    ]);
    expect(found[0]?.values).toEqual([
      { path: "host.ssh.agent", text: "true" },
      { path: "host.ssh.agentKey", text: printOf("held") },
    ]);
  });

  it.each<[string, Partial<SshTarget>, LoginChoice, string[]]>([
    ["with IdentitiesOnly", { onlyTheseKeys: true }, {}, ["the key /plain"]],
    ["with IdentityAgent none", { agent: "none" }, {}, ["the key /plain"]],
    ["with --agent", {}, { agent: true }, ["the agent's keys"]],
    ["with --key", {}, { key: file("other") }, ["the key /other"]],
  ])("%s are those alone", async (_, way, choice, expected) => {
    expect((await offered(target(way), choice, socket)).names).toEqual(expected);
  });

  it.each<[string, Partial<SshTarget>, RegExp]>([
    ["that has a passphrase", { keyFiles: [file("locked")] }, /locked has a passphrase.*\(ssh-add .*locked\)$/],
    ["that is PuTTY's", { keyFiles: [file("putty")] }, /putty is not a private key/],
    ["of another agent", { agent: "/run/agent", keyFiles: [] }, /^the agent at \/run\/agent .*export SSH_AUTH_SOCK=/],
  ])("pass over one %s, and say why", async (_, way, says) => {
    const { names, skipped } = await offered(target(way));
    expect(names).toEqual([]);
    expect(skipped).toEqual([expect.stringMatching(says)]);
  });

  it("pass over an agent that does not answer", async () => {
    const { names, skipped } = await offered(target(), {}, file("plain"));
    expect(names).toEqual(["the key /plain"]);
    expect(skipped).toEqual([expect.stringMatching(/^the ssh-agent at .* does not answer/)]);
  });

  it("are none where --key names a file that is not there", async () => {
    await expect(offered(target(), { key: file("absent") })).rejects.toThrow(/^--key .*absent is not there$/);
  });
});
