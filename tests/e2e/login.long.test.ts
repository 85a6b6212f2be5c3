import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../lab/pulumi";
import { keyPair } from "../support/key-pair";
import { names } from "./outside";
import { withPast } from "./pasts/past";
import { describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";
import { errorOf } from "./refused";

/** An ssh-agent of the test's own, with these private keys. */
function agent(...keys: readonly { text: string; comment: string }[]) {
  const folder = mkdtempSync(join(tmpdir(), "agent-"));
  const socket = join(folder, "socket");
  const said = execFileSync("ssh-agent", ["-a", socket], { encoding: "utf8" });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
  for (const [at, { text, comment }] of keys.entries()) {
    const file = join(folder, `key${at}`);
    writeFileSync(file, text, { mode: 0o600 });
    execFileSync("ssh-keygen", ["-q", "-c", "-C", comment, "-f", file], { stdio: "ignore" });
    execFileSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
  }
  return {
    socket,
    end: () => {
      process.kill(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function otherKeys(count: number): { text: string; comment: string }[] {
  return Array.from({ length: count }, (_, at) => {
    return { text: keyPair().private, comment: `other${at}` };
  });
}

describeOnLab("a login that takes its time, or is one of many", () => {
  let realm: RealmLab | undefined;
  afterEach(async () => {
    await destroyLab(realm);
    realm = undefined;
  }, 60_000);

  it("waits for PAM as long as sshd does, and the plugin does as well", async () => {
    realm = await withPast({ name: "pam-slow", what: "" }, "pam-slow");
    const { stack } = realm;
    expect(expectOk(await stack.preview())).toMatch(
      /has not let root in after 10 s: its sshd waits for something, mostly DNS or PAM/,
    );
    expectOk(
      await stack.up([
        ...["**:realm", "**::host", "**:realm-databases", "**:realm-passwords", "**:realm-scripts"].flatMap((urn) => [
          "--target",
          urn,
        ]),
      ]),
    );
  }, 300_000);

  it("comes through a firewall that counts connections in one go, in words", async () => {
    realm = await withPast(
      { name: "ufw-limit", what: "", config: { "trinitycore:host.firewall.kind": "ufw" } },
      "ufw-limit",
    );
    const { stack } = realm;
    expectOk(await stack.preview());
    const said = expectOk(await stack.up());
    expect(said).toMatch(/its firewall takes 5 new connections from one address in 30 s \(ufw limit\)/);
    expect(names(await stack.planned())).toEqual([]);
  }, 900_000);

  it("takes one key of an agent that holds more than sshd tries", async () => {
    realm = await withPast({ name: "in-use", what: "" }, "many-keys");
    const { machine } = realm;
    const mine = { text: machine.privateKey, comment: "me@laptop" };
    const [many, later] = [agent(...otherKeys(7), mine), agent(...otherKeys(9), mine)];
    const withAgent = ({ socket }: { socket: string }) =>
      new Stack({ work: realm?.stack.work as string, env: { SSH_AUTH_SOCK: socket } });
    try {
      const stack = withAgent(many);
      await stack.unset("trinitycore:host.ssh.privateKey");
      await stack.set({ "trinitycore:host.ssh.agent": true });
      expect(errorOf(await stack.preview())).toMatch(
        /ends the login after \d keys .*ssh\.agentKey NAME.*me@laptop \(SHA256:/,
      );
      await stack.set({ "trinitycore:host.ssh.agentKey": "me@laptop" });
      expectOk(await stack.up());
      expect(names(await stack.planned())).toEqual([]);
      // A new login has another agent.
      expect(names(await withAgent(later).planned())).toEqual([]);
      expectOk(await withAgent(later).destroy(["--run-program"]));
    } finally {
      many.end();
      later.end();
    }
  }, 900_000);
});
