/** The lab itself: what the other tests take for granted of its servers. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lab, type Machine, onMachine, run } from "./on-machine";

lab.describe("a lab machine", () => {
  const script = join(__dirname, "../lab/machine.sh");
  let machine: Machine;
  let bin: string;
  beforeAll(() => {
    bin = mkdtempSync(join(tmpdir(), "machine-"));
    machine = onMachine("s-machine");
  }, 120_000);
  afterAll(() => {
    machine?.stop();
    rmSync(bin, { recursive: true, force: true });
  });

  test("has no process of another's in its units", () => {
    const other = onMachine("s-beside");
    try {
      // The kernel shows a process of somebody else's as 0.
      const processes = "cat $(find /sys/fs/cgroup -path '*/ssh.service/cgroup.procs')";
      for (const each of [machine, other]) expect(each.sh(processes).split("\n")).not.toContain("0");
    } finally {
      other.stop();
    }
  }, 120_000);

  test("whose destruction was cut off halfway is gone, not half there", () => {
    machine.sh("touch /etc/of-the-first /var/lib/of-the-first; sync");
    // An rm that gets as far as /etc when the power goes.
    const rm = join(bin, "rm");
    writeFileSync(
      rm,
      `#!/bin/bash
for path; do
  [[ $path == */machines/* ]] || continue
  /bin/rm -rf "$path"/upper/etc "$path"/*/upper/etc
  kill -KILL $PPID
  exit
done
exec /bin/rm "$@"
`,
    );
    chmodSync(rm, 0o755);
    const cut = run("env", [`PATH=${bin}:${process.env.PATH}`, script, "destroy", machine.name]);
    expect(cut.code).not.toBe(0);
    expect(run(script, ["boot", machine.name]).code).toBe(0);
    expect(machine.sh("ls /etc/of-the-first /var/lib/of-the-first 2>/dev/null || true")).toBe("");
  }, 120_000);
});
