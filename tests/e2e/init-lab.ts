/** A host that nobody has set up, an ssh of its own that knows it under several names, and a project's folder. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { Machine } from "../lab/machine";
import { CHECKOUT, PROGRAM, Stack } from "../lab/pulumi";

const settings = (address: string, ssh: string) => `Host wow unknown stranger asked locked
  HostName ${address}
Host wow unknown asked away inner
  IdentityFile ${ssh}/key
Host away
  HostName ${address}
  Port 23
Host inner
  HostName 127.0.0.1
  HostKeyAlias wow
  ProxyJump wow
Host further
  ProxyJump inner
Host chained
  ProxyJump wow,inner
Host asked
  User asked
Host stranger
  IdentityFile ${ssh}/stranger
Host locked
  IdentityFile ${ssh}/locked
Host unknown
  UserKnownHostsFile ${ssh}/nothing
Host *
  User root
  IdentitiesOnly yes
  HostKeyAlias wow
  UserKnownHostsFile ${ssh}/known_hosts
  GlobalKnownHostsFile /dev/null
`;

export class InitLab {
  private constructor(
    readonly machine: Machine,
    /** The project's folder, where `init` writes the stack's file. */
    readonly work: string,
    /** The engine with the lab's plugins; its own stack is not used. */
    readonly stack: Stack,
  ) {}

  static async make(): Promise<InitLab> {
    const machine = await Machine.fresh("init");
    const work = mkdtempSync(join(tmpdir(), "init-"));
    for (const part of [...PROGRAM, "actions", "package.json", "tsconfig.json", "node_modules"])
      symlinkSync(join(CHECKOUT, part), join(work, part));
    const lab = new InitLab(machine, work, await new Stack({ work, program: work, stack: "unused" }).init());
    await lab.knowTheHost();
    return lab;
  }

  /** A file of the operator's ssh. */
  ssh(name: string): string {
    return join(this.work, "client", name);
  }
  fileOf(stack: string): string {
    return join(this.work, `Pulumi.${stack}.yaml`);
  }
  configOf(stack: string): Record<string, unknown> {
    return parse(readFileSync(this.fileOf(stack), "utf8")).config;
  }
  get fingerprint(): string {
    const said = execFileSync("ssh-keygen", ["-lf", "-"], { input: this.machine.hostKey, encoding: "utf8" });
    return said.split(" ")[1] as string;
  }
  /** The same engine for somebody with another environment. */
  stackWith(env: NodeJS.ProcessEnv): Stack {
    return new Stack({ work: this.work, program: this.work, stack: "unused", env });
  }

  async destroy(): Promise<void> {
    await this.machine.destroy();
    rmSync(this.work, { recursive: true, force: true });
  }

  /** The key `key` lets root in, `locked` too, with a passphrase; `stranger` opens nothing. */
  private async knowTheHost(): Promise<void> {
    const { address, hostKey, privateKey } = this.machine;
    mkdirSync(this.ssh(""));
    writeFileSync(this.ssh("key"), privateKey, { mode: 0o600 });
    writeFileSync(this.ssh("known_hosts"), `wow ${hostKey}\n`);
    writeFileSync(this.ssh("config"), settings(address, join(this.work, "client")));
    for (const [name, passphrase] of [
      ["stranger", ""],
      ["locked", "opens the key"],
    ] as const)
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", this.ssh(name)]);
    const locked = readFileSync(this.ssh("locked.pub"), "utf8").trim();
    await this.machine.sure(`echo '${locked}' >>/root/.ssh/authorized_keys
      useradd -m -s /bin/bash asked && install -d -o asked -m 700 /home/asked/.ssh
      install -o asked -m 600 /root/.ssh/authorized_keys /home/asked/.ssh/authorized_keys
      echo 'asked ALL=(ALL) ALL' >/etc/sudoers.d/asked
      touch /run/before`);
  }
}
