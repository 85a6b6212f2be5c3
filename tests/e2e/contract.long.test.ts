/**
 * What the stack relies on in the provider plugins. The lab has stand-ins for them, which have to refuse what the
 * official ones refuse; TRINITY_PLUGINS=official runs the same against those.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine, type Result, type Running, start } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { lab } from "../server/on-machine";

jest.setTimeout(120_000);

interface Spec {
  commands?: Record<string, Record<string, unknown>>;
  databases?: Record<string, Record<string, unknown>>;
  passwords?: Record<string, Record<string, unknown>>;
}

let machine: Machine;
let tunnel: Running;
const folder = mkdtempSync(join(tmpdir(), "contract-"));
const socket = join(folder, "mysql.sock");
const file = join(folder, "spec.json");
let stacks = 0;

const connection = () => ({
  host: machine.address,
  user: "root",
  privateKey: machine.privateKey,
  hostKey: machine.hostKey,
  dialErrorLimit: 1,
});
/** Says what the program makes from now on. */
const want = (spec: Spec) =>
  writeFileSync(file, JSON.stringify({ connection: connection(), endpoint: socket, ...spec }));

async function stackWith(spec: Spec): Promise<Stack> {
  want(spec);
  const env = { CONTRACT_SPEC: file };
  return new Stack({
    work: join(folder, String(++stacks)),
    stack: "contract",
    program: join(__dirname, "contract-program"),
    env,
  }).init();
}
/** `up`, or whatever it is, has to succeed; its output is the message when it does not. */
async function sure(run: Promise<Result>): Promise<void> {
  const { code, stdout, stderr } = await run;
  expect(code === 0 ? "" : stdout + stderr).toBe("");
}
async function refused(stack: Stack): Promise<string> {
  const { code, stdout, stderr } = await stack.up();
  expect(code).not.toBe(0);
  return stdout + stderr;
}
async function converged(spec: Spec): Promise<Stack> {
  const stack = await stackWith(spec);
  await sure(stack.up());
  return stack;
}
const logins = async () => Number(await machine.sure("journalctl -u ssh | grep -c 'Accepted publickey' || true"));
const sql = (statement: string) => machine.sure("mariadb -N -B", statement);

lab.describe("the provider plugins", () => {
  beforeAll(async () => {
    machine = await Machine.fresh("contract", "baked");
    const forward = ["-N", "-L", `${socket}:/run/mysqld/mysqld.sock`];
    tunnel = start(join(__dirname, "../lab/machine.sh"), ["ssh", machine.name, ...forward]);
  });
  afterAll(async () => {
    tunnel.child.kill();
    await tunnel.done;
    await machine.destroy();
    rmSync(folder, { recursive: true });
  });

  describe("command.remote.Command", () => {
    it("runs create once, keeps its output in the state, and plans nothing afterwards", async () => {
      const stack = await converged({ commands: { a: { create: "echo made | tee -a /root/once" } } });
      expect(await stack.planned()).toEqual([]);
      await sure(stack.up());
      expect(await machine.sure("cat /root/once")).toBe("made");
      const { deployment } = await stack.exported();
      expect(deployment.resources?.find(({ urn }) => urn.endsWith("::a"))?.outputs).toMatchObject({
        stdout: "made",
        stderr: "",
      });
    });

    it("has no read: a refresh does not touch the host, and what was undone there is not seen", async () => {
      const stack = await converged({ commands: { a: { create: "touch /root/seen" } } });
      await machine.sure("rm /root/seen");
      const before = await logins();
      await sure(stack.refresh());
      expect(await stack.planned()).toEqual([]);
      expect(await logins()).toBe(before);
    });

    it("runs update for a changed input, or create when there is no update", async () => {
      const stack = await converged({
        commands: {
          with: { create: "echo c1 >>/root/with", update: "echo u1 >>/root/with" },
          without: { create: "echo c1 >>/root/without" },
        },
      });
      want({
        commands: {
          with: { create: "echo c2 >>/root/with", update: "echo u2 >>/root/with" },
          without: { create: "echo c2 >>/root/without" },
        },
      });
      expect((await stack.planned()).map(({ op, diffReasons }) => [op, diffReasons])).toEqual(
        expect.arrayContaining([
          ["update", expect.arrayContaining(["create", "update"])],
          ["update", ["create"]],
        ]),
      );
      await sure(stack.up());
      expect(await machine.sure("paste -sd, /root/with; paste -sd, /root/without")).toBe("c1,u2\nc1,c2");
    });

    it("replaces for a changed trigger, creating before it deletes, and deletes with the old text", async () => {
      const stack = await converged({
        commands: { a: { create: "echo c1 >>/root/t", delete: "echo d1 >>/root/t", triggers: [1] } },
      });
      want({ commands: { a: { create: "echo c2 >>/root/t", delete: "echo d2 >>/root/t", triggers: [2] } } });
      await sure(stack.up());
      expect(await machine.sure("paste -sd, /root/t")).toBe("c1,c2,d1");
      await sure(stack.destroy());
      expect(await machine.sure("paste -sd, /root/t")).toBe("c1,c2,d1,d2");
    });

    it("refuses a text over 128 KiB", async () => {
      const stack = await stackWith({ commands: { a: { create: `touch /root/long # ${"x".repeat(131_072)}` } } });
      expect(await refused(stack)).toContain("Argument list too long");
      expect(await machine.sure("ls /root")).not.toContain("long");
    });

    it("refuses an environment that the host does not accept", async () => {
      const stack = await stackWith({
        commands: { a: { create: "touch /root/environment", environment: { CONTRACT: "x" } } },
      });
      expect(await refused(stack)).toContain('could not set environment variable "CONTRACT"');
      expect(await machine.sure("ls /root")).not.toContain("environment");
    });

    it("refuses a host with another host key", async () => {
      const other = `${machine.hostKey.slice(0, -4)}AAAA`;
      const stack = await stackWith({
        commands: { a: { create: "touch /root/other", connection: { ...connection(), hostKey: other } } },
      });
      await refused(stack);
      expect(await machine.sure("ls /root")).not.toContain("other");
    });

    it("refuses a connection with a field it does not know", async () => {
      const stack = await stackWith({
        commands: { a: { create: "true", connection: { ...connection(), bastion: "x" } } },
      });
      expect((await stack.preview()).code).not.toBe(0);
    });

    it("goes through a jump host, with a key that has a passphrase", async () => {
      const key = join(folder, "locked");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open", "-f", key]);
      await machine.sure("cat >>/root/.ssh/authorized_keys", readFileSync(`${key}.pub`, "utf8"));
      const login = { ...connection(), privateKey: readFileSync(key, "utf8"), privateKeyPassword: "open" };
      const { dialErrorLimit: _, ...jump } = login;
      const stack = await converged({
        commands: { a: { create: "echo $SSH_CLIENT >/root/from", connection: { ...login, proxy: jump } } },
      });
      // The last hop is from the jump host, which is the host itself here.
      expect(await machine.sure("cat /root/from")).toMatch(new RegExp(`^${machine.address} `));
      expect(JSON.stringify(await stack.exported())).not.toContain("privateKeyPassword");
    });

    it("shows the text and the output of a failure", async () => {
      const stack = await stackWith({ commands: { a: { create: "echo out; echo err >&2; exit 7" } } });
      const text = await refused(stack);
      // Which of the two streams is read first is chance.
      for (const stream of ["out", "err"])
        expect(text).toMatch(new RegExp(`status 7: running "echo out[^\\n]*\\n[^"]*^ *${stream}$`, "m"));
    });

    it("gives stdin to the command and keeps a secret one secret", async () => {
      const stack = await converged({ commands: { a: { create: "md5sum", secretStdin: "hush-hush" } } });
      const text = JSON.stringify(await stack.exported());
      expect(text).toContain("9e25aa0a92a7537953c11a3c08a5553b"); // the sum of the text: it arrived
      expect(text).not.toContain("hush-hush");
      expect(text).not.toContain("OPENSSH PRIVATE KEY");
    });
  });

  describe("mysql.Database", () => {
    const utf8 = { defaultCharacterSet: "utf8mb4", defaultCollation: "utf8mb4_unicode_ci" };

    it("makes a database, plans nothing afterwards, and sees with a refresh that it is gone", async () => {
      const stack = await converged({ databases: { a: { name: "contract_a", ...utf8 } } });
      expect(
        await sql("SELECT default_collation_name FROM information_schema.schemata WHERE schema_name='contract_a'"),
      ).toBe("utf8mb4_unicode_ci");
      expect(await stack.planned()).toEqual([]);
      await sql("DROP DATABASE contract_a");
      expect(await stack.planned()).toEqual([]);
      expect((await stack.planned(["--refresh"])).map(({ op }) => op)).toEqual(["create"]);
    });

    it("refuses one that exists, and leaves it as it is", async () => {
      await sql("CREATE DATABASE contract_b CHARACTER SET latin1");
      const stack = await stackWith({ databases: { b: { name: "contract_b", ...utf8 } } });
      expect(await refused(stack)).toMatch(/exists/);
      expect(
        await sql("SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name='contract_b'"),
      ).toBe("latin1");
    });
  });

  describe("random.RandomPassword", () => {
    it("is made once, as it was asked for, and is secret in the state", async () => {
      const asked = { length: 40, special: false, upper: false, minNumeric: 3 };
      const stack = await converged({ passwords: { p: asked } });
      const first = String((await stack.outputs()).p);
      expect(first).toMatch(/^[a-z0-9]{40}$/);
      expect(first.replace(/[^0-9]/g, "").length).toBeGreaterThanOrEqual(3);
      await sure(stack.up());
      expect((await stack.outputs()).p).toBe(first);
      expect(JSON.stringify(await stack.exported())).not.toContain(first);
      want({ passwords: { p: { ...asked, length: 41 } } });
      expect((await stack.planned()).map(({ op }) => op)).toContain("replace");
    });
  });
});
