/**
 * The same job by this stack, Ansible, Ansible with Mitogen and pyinfra, on one lab host: `npm run bench:peers
 * [rounds [ms]]`, with these milliseconds of round trip or with 0 and 80. The others come from PyPI, into the lab's
 * cache. Look at the ratios: machines differ and are shared.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectOk } from "../tests/e2e/realm-lab";
import { Machine, paths, start } from "../tests/lab/machine";
import { Stack } from "../tests/lab/pulumi";
import { delayed } from "../tests/support/delay";
import { middle, seconds } from "./measure";

const COUNT = 40;
const [rounds = 3, ...roundTrips] = process.argv.slice(2).map(Number);
const peers = join(__dirname, "peers");
const { cache } = paths();
const venv = join(cache, "bench-peers");

/** What a tool is asked to do: `changed` is the unit with another description, 0 for none. */
interface Job {
  readonly check: boolean;
  readonly changed: number;
}
interface Tool {
  readonly name: string;
  run(job: Job): Promise<void>;
  end?(): Promise<void>;
}
const asWanted: Job = { check: false, changed: 0 };

async function command(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  expectOk(await start(program, args, { env: { ...process.env, ...env }, cwd: peers }).done);
}

async function installed(): Promise<void> {
  await command("python3", ["-m", "venv", venv], {});
  await command(join(venv, "bin/pip"), ["install", "-q", "-r", join(peers, "requirements.txt")], {});
}

function ansible(name: string, port: number, key: string, more: NodeJS.ProcessEnv): Tool {
  const env = {
    ANSIBLE_HOST_KEY_CHECKING: "False",
    ANSIBLE_PIPELINING: "True",
    ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null",
    ANSIBLE_PRIVATE_KEY_FILE: key,
    ANSIBLE_REMOTE_USER: "root",
    ANSIBLE_REMOTE_PORT: `${port}`,
    ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
    ...more,
  };
  return {
    name,
    run: ({ check, changed }) => {
      const values = ["-e", `count=${COUNT}`, "-e", `changed=${changed}`];
      const args = ["-i", "127.0.0.1,", ...values, ...(check ? ["--check"] : []), "playbook.yml"];
      return command(join(venv, "bin/ansible-playbook"), args, env);
    },
  };
}

async function mitogen(): Promise<NodeJS.ProcessEnv> {
  const where = "import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))";
  const { stdout } = await start(join(venv, "bin/python"), ["-c", where]).done;
  return { ANSIBLE_STRATEGY: "mitogen_linear", ANSIBLE_STRATEGY_PLUGINS: join(stdout.trim(), "plugins/strategy") };
}

const pyinfra = (port: number, key: string): Tool => ({
  name: "pyinfra",
  run: ({ check, changed }) => {
    const login = ["--ssh-port", `${port}`, "--ssh-user", "root", "--ssh-key", key];
    const args = [
      "127.0.0.1",
      ...login,
      "--data",
      "ssh_known_hosts_file=/dev/null",
      check ? "--dry" : "-y",
      "deploy.py",
    ];
    return command(join(venv, "bin/pyinfra"), args, { COUNT: `${COUNT}`, CHANGED: `${changed}` });
  },
});

async function ours(machine: Machine, port: number): Promise<Tool> {
  const work = mkdtempSync(join(tmpdir(), "bench-"));
  const program = join(__dirname, "steps");
  const stack = ({ changed }: Job) =>
    new Stack({ work, program, env: { BENCH_STEPS: `${COUNT}`, BENCH_CHANGED: `${changed}` } });
  await (await stack(asWanted).init()).set({
    "trinitycore:host.address": "127.0.0.1",
    "trinitycore:host.ssh.port": port,
    "trinitycore:host.key": machine.hostKey,
    "trinitycore:host.ssh.privateKey": { secret: machine.privateKey },
    "trinitycore:realms.wotlk.name": "Trinity",
  });
  return {
    name: "this stack",
    run: async (job) => void expectOk(await (job.check ? stack(job).preview() : stack(job).up())),
    end: async () => {
      expectOk(await stack(asWanted).destroy());
      rmSync(work, { recursive: true });
    },
  };
}

const units = (machine: Machine) => machine.sure("cd /etc/systemd/system && sha256sum bench-*.service");

/** All rows of one tool; leaves the host without the units. */
async function measured(machine: Machine, tool: Tool): Promise<{ rows: Record<string, number>; left: string }> {
  const rows: Record<string, number> = { "first converge": await seconds(() => tool.run(asWanted)) };
  const left = await units(machine);
  const taken: Record<string, number[]> = {
    "no-op": [],
    check: [],
    "one value changed": [],
    "four drifts repaired": [],
  };
  const time = async (row: string, job: Job) => taken[row]?.push(await seconds(() => tool.run(job)));
  for (let round = 0; round < rounds; round++) {
    await time("no-op", asWanted);
    await time("check", { ...asWanted, check: true });
    await time("one value changed", { ...asWanted, changed: 1 });
    await tool.run(asWanted);
    await machine.sure("cd /etc/systemd/system && rm bench-[3-6].service && systemctl daemon-reload");
    await time("four drifts repaired", asWanted);
    if ((await units(machine)) !== left) throw new Error(`${tool.name} did not repair all`);
  }
  for (const [row, values] of Object.entries(taken)) rows[row] = middle(values);
  await tool.end?.();
  await machine.sure("rm -f /etc/systemd/system/bench-*.service && systemctl daemon-reload");
  return { rows, left };
}

async function main(): Promise<void> {
  await installed();
  const machine = await Machine.fresh("bench-peers");
  const key = join(cache, "lab_ed25519");
  try {
    for (const roundTrip of roundTrips.length > 0 ? roundTrips : [0, 80]) {
      const proxy = await delayed(machine.address, 22, roundTrip);
      const { port } = proxy;
      const tools = [
        await ours(machine, port),
        ansible("Ansible", port, key, {}),
        ansible("Ansible, Mitogen", port, key, await mitogen()),
        pyinfra(port, key),
      ];
      const results = [];
      for (const tool of tools) results.push({ name: tool.name, ...(await measured(machine, tool)) });
      proxy.close();
      if (new Set(results.map(({ left }) => left)).size !== 1) throw new Error("they did not leave the same server");
      console.log(`\n${COUNT} units, ${roundTrip} ms round trip: seconds, and times this stack's\n`);
      const base = results[0]?.rows ?? {};
      console.log(`${"".padEnd(24)}${results.map(({ name }) => name.padStart(20)).join("")}`);
      for (const row of Object.keys(base)) {
        const cells = results.map(({ rows }) => {
          const time = rows[row] ?? 0;
          return `${time.toFixed(1)} (${(time / (base[row] ?? 1)).toFixed(1)})`.padStart(20);
        });
        console.log(`${row.padEnd(24)}${cells.join("")}`);
      }
    }
  } finally {
    await machine.destroy();
  }
}

void main();
