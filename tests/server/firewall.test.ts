import { firewallPlan } from "../../components/host/firewall";
import { quote } from "../../ssh/shell";
import { load } from "../unit/settings/source";
import { askedOf, facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

lab.describe("the firewall", () => {
  const wanted = { "realms.wotlk.console.networks": '["10.1.0.0/16","fd00::/8"]' };
  const { args } = firewallPlan(onLab(load(wanted)), facts());
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

  it("sees to it that it starts when the host boots", () => {
    machine.sh("systemctl disable firewalld");
    expect(observe()).toEqual(["firewalld does not start when the host boots"]);
    expect(apply().code).toBe(0);
    expect(machine.sh("systemctl is-enabled firewalld")).toBe("enabled");
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
    const moved = firewallPlan(onLab(load({ "realms.wotlk.port": "8086" })), facts()).args;
    expect(apply(moved).code).toBe(0);
    expect(list("--permanent")).toBe("3724/tcp 4444/tcp 8086/tcp");
    expect(list()).not.toMatch(/8085|3443/);
    expect(machine.undo("firewall")).toMatchObject({ code: 0 });
    expect(list("--permanent")).toBe("4444/tcp");
    expect(list()).toBe("4444/tcp 9999/tcp");
  });

  it("keeps a port open whose zone is now named in the config", () => {
    expect(apply().code).toBe(0);
    expect(apply({ ...args, zone: "public" }).code).toBe(0);
    expect(list()).toContain("8085/tcp");
    expect(machine.undo("firewall").code).toBe(0);
    expect(list()).not.toContain("8085/tcp");
    expect(observe({ ...args, zone: "nowhere" })).toEqual(["the firewall has no zone nowhere"]);
  });

  it("leaves a firewall alone where it is told to, and says what players meet there", () => {
    const none = firewallPlan(onLab(load({ "host.firewall.kind": "none" })), facts()).args;
    machine.sh("firewall-cmd --add-port=8085/tcp");
    expect(observe(none)).toEqual([
      "hint: what filters packets here is left alone (firewalld): it lets in 8085/tcp and it shuts out 3724/tcp, so that no player gets in: open that there by hand",
    ]);
    machine.sh("firewall-cmd --remove-port=8085/tcp");
  });

  it("speaks to ufw as well", () => {
    machine.sh(`systemctl disable --now firewalld; apt-get -q update && apt-get -q install -y --no-install-recommends ufw
      ufw allow 4444/tcp; ufw limit ssh; ufw --force enable`);
    const ufw = firewallPlan(onLab(load({ ...wanted, "host.firewall.kind": "ufw" })), facts()).args;
    expect(observe(ufw)).toEqual([
      "3724/tcp is closed in ufw",
      "8085/tcp is closed in ufw",
      "3443/tcp from 10.1.0.0/16 is closed in ufw",
      "3443/tcp from fd00::/8 is closed in ufw",
    ]);
    expect(apply(ufw)).toMatchObject({ code: 0, err: "" });
    expect(apply(ufw).out).toBe("as it should be\n");
    machine.sh("ufw delete allow 8085/tcp");
    expect(observe(ufw)).toEqual(["8085/tcp is closed in ufw"]);
    expect(apply(ufw).code).toBe(0);
    const known = `cat /usr/local/libexec/trinity-stack/current/run/{places,facts}.sh | bash -s ${askedOf.map(quote).join(" ")} | grep ^firewall | xargs`;
    expect(machine.sh(known)).toBe("firewall ufw firewallUsed ufw");
    // Stopped since: what the receipt says goes before what is seen.
    expect(machine.sh(`ufw --force disable >/dev/null; ${known}`)).toBe("firewall none firewallUsed ufw");
    machine.sh("ufw --force enable");
    expect(machine.undo("firewall").code).toBe(0);
    expect(machine.sh("ufw status | head -1")).toBe("Status: active");
    expect(machine.sh("ufw show added | tail -n +2")).toBe("ufw allow 4444/tcp\nufw limit 22/tcp");
  }, 120_000);

  it("is not started beside another that is active, or is going to be", () => {
    expect(observe()[0]).toMatch(
      /^refused: firewalld does not run, but ufw is active: .*: pulumi config set --path trinitycore:host.firewall.kind ufw/,
    );
    const { code, err } = apply();
    expect(code).toBe(1);
    expect(err).toMatch(/^error: firewalld does not run, but ufw is active/);
    expect(machine.sh("systemctl is-active firewalld || true")).toBe("inactive");
    machine.sh("/usr/sbin/ufw status | grep -q active && /lib/ufw/ufw-init force-stop");
    expect(observe()[0]).toMatch(/^refused: firewalld does not run, but ufw starts when the host boots: /);
    machine.sh("ufw --force disable; systemctl enable nftables");
    expect(observe()[0]).toMatch(
      /^refused: firewalld does not run, but nftables starts when the host boots: .*firewall.kind none, or /,
    );
    machine.sh(
      "systemctl disable nftables; nft add table inet mine; nft 'add chain inet mine in { type filter hook input priority 0; policy drop; }'",
    );
    expect(observe()[0]).toMatch(
      /^refused: firewalld does not run, but rules that no service here owns filter packets/,
    );
    machine.sh("nft delete table inet mine");
    expect(observe()[0]).toMatch(/^foretold: starts firewalld/);
  });

  it("tells of another that runs beside it", () => {
    machine.sh("systemctl start firewalld; systemctl enable nftables");
    expect(observe({ ...args, sources: [] })).toEqual([
      expect.stringMatching(
        /^hint: nftables starts when the host boots beside firewalld, .* shuts out 3724\/tcp and 8085\/tcp.*to have one alone, switch nftables off/,
      ),
      "firewalld does not start when the host boots",
      "3724/tcp is closed (zone public)",
      "8085/tcp is closed (zone public)",
    ]);
  });
});
