import { selinuxPlan } from "../../components/host/selinux";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

// The lab's kernel has no SELinux: a policy on disk shows that the rules are right, not that the kernel follows them.
lab.describe("SELinux", () => {
  const { args } = selinuxPlan(onLab(load({})), facts({ selinux: "enforcing" }));
  const pattern = "/var/lib/trinity/Projects/trinity-335/releases/[^/]+/bin(/.*)?";
  const scripts = "/usr/local/libexec/trinity-stack(/.*)?";
  const contexts = "/etc/selinux/default/contexts/files";
  let machine: Machine;
  const observe = () => machine.observe("selinux", "selinux", args);
  const apply = () => machine.apply("selinux", "selinux", args);

  beforeAll(() => {
    machine = onMachine("t-selinux");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("has nothing to do where SELinux is off", () => {
    const off = selinuxPlan(onLab(load({})), facts()).args;
    expect(machine.observe("selinux", "selinux", off)).toEqual([
      "hint: SELinux is not enabled on this host: nothing to label",
    ]);
    const { out } = machine.apply("selinux", "selinux", off);
    expect(out).toBe("as it should be\nSELinux is not enabled on this host: nothing to label\n");
    expect(machine.undo("selinux").code).toBe(0);
  });

  it("asks for the tools where they are missing", () => {
    expect(observe()).toEqual([
      `SELinux has no rule that labels ${scripts} as bin_t`,
      `SELinux has no rule that labels ${pattern} as bin_t`,
    ]);
    expect(apply().err).toContain("semanage is not installed");
  });

  it("labels the servers' programs, and does nothing the second time", () => {
    machine.sh(
      "apt-get -q update && apt-get -q install -y --no-install-recommends selinux-policy-default policycoreutils policycoreutils-python-utils selinux-utils >/dev/null 2>&1",
    );
    // As Fedora's policy has it; Debian's takes all of libexec for programs.
    machine.sh(
      `echo '/usr/local/libexec(/.*)?  system_u:object_r:usr_t:s0' >>${contexts}/file_contexts; rm -f ${contexts}/*.bin`,
    );
    const typeOf = (path: string) => machine.sh(`matchpathcon -n ${path} | cut -d: -f3`);
    const script = "/usr/local/libexec/trinity-stack/current/probe.sh";
    expect(typeOf(script)).toBe("usr_t");
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(typeOf(script)).toBe("bin_t");
    const label = (path: string) => typeOf(`/var/lib/trinity/Projects/trinity-335/${path}`);
    expect(label("releases/4f1c2ab90d3e-1a2b3c4d/bin/worldserver")).toBe("bin_t");
    expect(label("releases/4f1c2ab90d3e-1a2b3c4d/etc/worldserver.conf.dist")).not.toBe("bin_t");
    expect(apply().out).toBe("as it should be\n");
  }, 180_000);

  it("names another label and a rule that is gone, and puts both right", () => {
    machine.sh(`semanage fcontext -N -S default -m -t var_lib_t '${pattern}'`);
    expect(observe()).toEqual([`SELinux labels ${pattern} as var_lib_t, should be bin_t`]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    machine.sh(`semanage fcontext -N -S default -d '${pattern}'`);
    expect(observe()).toEqual([`SELinux has no rule that labels ${pattern} as bin_t`]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
  }, 60_000);

  it("takes its rule with it, and no other", () => {
    machine.sh("semanage fcontext -N -S default -a -t bin_t '/srv/theirs(/.*)?'");
    expect(machine.undo("selinux").code).toBe(0);
    const rules = machine.sh("semanage fcontext -S default -l -C -n | cut -d' ' -f1");
    expect(rules).toBe("/srv/theirs(/.*)?");
  }, 60_000);
});
