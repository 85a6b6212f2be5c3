import { firewallPlan } from "../../components/host/firewall";
import { load } from "../unit/settings-source";
import { facts } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

lab.describe("the firewall", () => {
  const wanted = { "console.networks": '["10.1.0.0/16","fd00::/8"]' };
  const { args } = firewallPlan(load(wanted), facts());
  let machine: Machine;
  const observe = (given = args) => machine.observe("firewall", "firewall", given);
  const apply = (given = args) => machine.apply("firewall", "firewall", given);
  const list = (how = "") =>
    machine.sh(`{ firewall-cmd ${how} --list-ports; firewall-cmd ${how} --list-rich-rules; } | sort`);

  beforeAll(() => {
    machine = onMachine("t-firewall");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("opens the ports now and for later, and does nothing the second time", () => {
    expect(observe()).toEqual([
      "3724/tcp is closed (zone public)",
      "8085/tcp is closed (zone public)",
      "3443/tcp from 10.1.0.0/16 is closed (zone public)",
      "3443/tcp from fd00::/8 is closed (zone public)",
    ]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(list()).toBe(list("--permanent"));
    expect(list()).toContain("3724/tcp 8085/tcp");
    expect(list()).toContain('rule family="ipv6" source address="fd00::/8" port port="3443" protocol="tcp" accept');
    expect(apply().out).toBe("as it should be\n");
  });

  it("tells the running firewall from the permanent one", () => {
    machine.sh(
      "firewall-cmd --remove-port=8085/tcp; firewall-cmd --permanent --remove-port=3724/tcp; firewall-cmd --add-port=9999/tcp",
    );
    expect(observe()).toEqual([
      "3724/tcp is open in the running firewall only (permanent: closed)",
      "8085/tcp is closed in the running firewall (permanent: open)",
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
    // A reload would have dropped what somebody else opened at run time.
    expect(list()).toContain("9999/tcp");
  });

  it("starts a stopped firewall, with ssh open", () => {
    machine.sh("sed -i 's/^#\\?Port .*/Port 2222/' /etc/ssh/sshd_config; systemctl disable --now firewalld");
    expect(observe()).toEqual(["firewalld is not running"]);
    expect(apply().code).toBe(0);
    expect(machine.sh("systemctl is-active firewalld; systemctl is-enabled firewalld")).toBe("active\nenabled");
    expect(list()).toContain("2222/tcp");
    machine.sh("systemctl disable firewalld");
    expect(observe()).toEqual(["firewalld does not start with the server"]);
    expect(apply().code).toBe(0);
  });

  it("finds the zone of the interface with the default route, and a port inside a range", () => {
    machine.sh(
      "firewall-cmd --zone=internal --change-interface=host0; firewall-cmd --permanent --zone=internal --change-interface=host0",
    );
    expect(observe()).toContain("8085/tcp is closed (zone internal)");
    machine.sh(
      "firewall-cmd --zone=internal --add-port=8000-8100/tcp; firewall-cmd --permanent --zone=internal --add-port=8000-8100/tcp",
    );
    expect(observe()).not.toContain("8085/tcp is closed (zone internal)");
    machine.sh(
      "firewall-cmd --zone=public --change-interface=host0; firewall-cmd --permanent --zone=public --change-interface=host0",
    );
    expect(observe()).toEqual([]);
  });

  it("closes what is no longer wanted, and leaves the operator's ports", () => {
    machine.sh("firewall-cmd --add-port=4444/tcp; firewall-cmd --permanent --add-port=4444/tcp");
    const moved = firewallPlan(load({ "realm.port": "8086" }), facts()).args;
    expect(apply(moved).code).toBe(0);
    expect(list("--permanent")).toBe("2222/tcp 3724/tcp 4444/tcp 8086/tcp");
    expect(list()).not.toMatch(/8085|3443/);
    expect(machine.undo("firewall")).toMatchObject({ code: 0 });
    expect(list("--permanent")).toBe("2222/tcp 4444/tcp");
    expect(list()).toBe("2222/tcp 4444/tcp");
  });

  it("keeps a port open whose zone is now named in the config", () => {
    expect(apply().code).toBe(0);
    expect(apply({ ...args, zone: "public" }).code).toBe(0);
    expect(list()).toContain("8085/tcp");
    expect(machine.undo("firewall").code).toBe(0);
    expect(list()).not.toContain("8085/tcp");
    expect(observe({ ...args, zone: "nowhere" })).toEqual(["the firewall has no zone nowhere"]);
  });

  it("says where there is no firewall", () => {
    const none = firewallPlan(load({}), facts({ firewall: "none" })).args;
    expect(observe(none)).toEqual([
      "! no firewall is managed on this server: every port that something listens on is reachable",
    ]);
    expect(apply(none).out).toMatch(/^as it should be\nno firewall is managed on this server: /);
  });

  it("speaks to ufw as well", () => {
    machine.sh("apt-get -q update && apt-get -q install -y --no-install-recommends ufw >/dev/null 2>&1");
    machine.sh("systemctl disable --now firewalld; ufw allow 4444/tcp");
    const ufw = firewallPlan(load({ ...wanted, "firewall.kind": "ufw" }), facts()).args;
    expect(observe(ufw)).toEqual([
      "ufw is not active",
      "3724/tcp is closed in ufw",
      "8085/tcp is closed in ufw",
      "3443/tcp from 10.1.0.0/16 is closed in ufw",
      "3443/tcp from fd00::/8 is closed in ufw",
    ]);
    expect(apply(ufw)).toMatchObject({ code: 0, err: "" });
    expect(machine.sh("ufw status | head -1")).toBe("Status: active");
    expect(apply(ufw).out).toBe("as it should be\n");
    machine.sh("ufw delete allow 8085/tcp");
    expect(observe(ufw)).toEqual(["8085/tcp is closed in ufw"]);
    expect(apply(ufw).code).toBe(0);
    expect(machine.undo("firewall").code).toBe(0);
    expect(machine.sh("ufw show added | tail -n +2")).toBe("ufw allow 4444/tcp\nufw allow 2222/tcp");
  }, 120_000);
});
