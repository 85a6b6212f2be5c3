/**
 * The ports of the consoles are open for the networks of the config alone, whatever else the server's firewall was
 * told.
 */
import { join } from "node:path";
import { firewallPlan } from "../../components/host/firewall";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine, run } from "./on-machine";

/** How an operator may have opened them in firewalld, and shuts them again. */
const ways = [
  ["in a service", "--add-service=realm", "--remove-service=realm"],
  ["with all others", "--set-target=ACCEPT", "--set-target=default"],
  ["by their number", "--add-port=3443/tcp --add-port=3500/tcp", "--remove-port=3443/tcp --remove-port=3500/tcp"],
  ["in a range", "--add-port=1025-65535/tcp", "--remove-port=1025-65535/tcp"],
] as const;
/** `npm run test:long` has all. */
const tried = process.env.TRINITY_LONG ? ways : ways.slice(0, 1);

lab.describe("the ports of the consoles", () => {
  let machine: Machine;
  let address: string;
  let here: string;
  const plan = (networks: string[], more = {}) =>
    firewallPlan(onLab(load({ "realms.wotlk.console.networks": JSON.stringify(networks), ...more })), facts()).args;
  const observe = (args: ReturnType<typeof plan>) => machine.observe("firewall", "firewall", args);
  const apply = (args: ReturnType<typeof plan>) => machine.apply("firewall", "firewall", args);
  /** From this machine, which the server sees come from `here`. */
  const reached = () =>
    [3443, 3500].filter(
      (port) => run("timeout", ["2", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]).code === 0,
    );
  const both = (options: string) => machine.sh(`firewall-cmd ${options}; firewall-cmd --permanent ${options}`);
  const rules = () =>
    machine.sh("firewall-cmd --list-all; firewall-cmd --permanent --list-all; nft list ruleset | grep -c 3443 || true");

  beforeAll(() => {
    machine = onMachine("t-consoles");
    address = run(join(__dirname, "../lab/machine.sh"), ["address", machine.name]).out.trim();
    here = address.replace(/\d+$/, "1");
    machine.sh(
      `systemd-run -q --unit=doors python3 -c 'import socket,time; l=[socket.create_server(("0.0.0.0",p)) for p in (3443,3500)]; time.sleep(9999)'
      timeout 10 sh -c 'until ss -Hltn "sport = :3500" | grep -q .; do sleep 0.1; done'`,
    );
  }, 300_000);
  afterAll(() => machine?.stop(), 60_000);

  const wide = (where: string, networks: string) =>
    `3443/tcp is open to everybody${where}, and should be for ${networks} alone`;

  describe.each(tried)("that the operator opened %s in firewalld", (how, open, shut) => {
    const toggle = (options: string) =>
      how === "with all others"
        ? machine.sh(`firewall-cmd --permanent ${options} && firewall-cmd --reload`)
        : both(options);
    beforeAll(() => {
      if (how === "in a service")
        machine.sh(
          "firewall-cmd --permanent --new-service=realm --add-port=3443/tcp && firewall-cmd --permanent --service=realm --add-port=3400-3600/tcp && firewall-cmd --reload",
        );
      toggle(open);
    });
    afterAll(() => toggle(shut));

    it("are narrowed, and the operator's other ports stay; `destroy` leaves what there was", () => {
      const before = rules();
      expect(reached()).toEqual([3443, 3500]);
      expect(observe(plan(["10.1.0.0/16", "10.2.0.0/16"]))).toContain(
        wide(" (zone public)", "10.1.0.0/16 and 10.2.0.0/16"),
      );
      expect(apply(plan(["10.1.0.0/16", "10.2.0.0/16"]))).toMatchObject({ code: 0, err: "" });
      expect(observe(plan(["10.1.0.0/16", "10.2.0.0/16"]))).toEqual([]);
      expect(reached()).toEqual([3500]);
      // Another network is let in where all others are refused already.
      expect(observe(plan([`${here}/32`, "10.2.0.0/16"]))).toContain(
        `3443/tcp from ${here}/32 is closed by the stack's own refusal of all others`,
      );
      expect(apply(plan([`${here}/32`, "10.2.0.0/16"]))).toMatchObject({ code: 0, err: "" });
      expect(reached()).toEqual([3443, 3500]);
      expect(rules()).not.toContain("10.1.0.0");
      expect(machine.undo("firewall").code).toBe(0);
      expect(rules()).toBe(before);
    }, 60_000);
  });

  it("are narrowed for the next start too, where only that would open them", () => {
    expect(apply(plan(["10.1.0.0/16"])).code).toBe(0);
    machine.sh("firewall-cmd --permanent --add-port=3400-3600/tcp");
    expect(observe(plan(["10.1.0.0/16"]))).toEqual([wide(" (zone public)", "10.1.0.0/16")]);
    expect(apply(plan(["10.1.0.0/16"])).code).toBe(0);
    machine.sh("firewall-cmd --reload");
    expect(reached()).toEqual([3500]);
    expect(observe(plan(["10.1.0.0/16"]))).toEqual([]);
    machine.sh("firewall-cmd --permanent --remove-port=3400-3600/tcp; firewall-cmd --reload");
    expect(observe(plan(["10.1.0.0/16"]))).toEqual([]);
    machine.sh(
      "firewall-cmd --permanent --remove-rich-rule 'rule priority=-299 port port=3443 protocol=tcp reject'; firewall-cmd --add-port=3443/tcp; firewall-cmd --remove-rich-rule 'rule priority=-299 port port=3443 protocol=tcp reject'",
    );
    expect(observe(plan(["10.1.0.0/16"]))).toEqual([wide(" (zone public)", "10.1.0.0/16")]);
    expect(machine.undo("firewall").code).toBe(0);
    machine.sh("firewall-cmd --remove-port=3443/tcp");
  }, 60_000);

  describe("where nothing that the stack manages filters", () => {
    const left = (networks: string[]) => plan(networks, { "host.firewall.kind": "none" });
    const filter = (rules: string) =>
      machine.sh(
        `nft delete table inet mine 2>/dev/null; nft add table inet mine && nft 'add chain inet mine in { type filter hook input priority 0; policy accept; }' && nft '${rules}'`,
      );
    const refusals = (networks: string[]) =>
      observe(left(networks)).filter((line) => line.startsWith("refused: ") || line.includes("3443"));
    beforeAll(() => machine.sh("systemctl disable -q --now firewalld"));
    afterAll(() => machine.sh("nft delete table inet mine; systemctl enable -q --now firewalld"));

    it("are refused, with the way out", () => {
      expect(refusals([])).toEqual([]);
      expect(refusals(["127.0.0.0/8"])).toEqual([]);
      expect(refusals(["10.1.0.0/16"])).toEqual([
        expect.stringMatching(
          /^refused: trinitycore:realms\.wotlk\.console\.networks names 10\.1\.0\.0\/16, but nothing filters packets on this host: .*; the way out: pulumi config set --path trinitycore:host\.firewall\.kind ufw, .*ssh -L 3443:127\.0\.0\.1:3443$/,
        ),
      ]);
      const { code, err } = apply(left(["10.1.0.0/16"]));
      expect([code, err]).toEqual([1, expect.stringContaining("nothing filters packets")]);
    });

    it("are refused where a filter of the operator's lets everybody in, and not where it does not", () => {
      // Port 9 stands for all others there.
      filter("add rule inet mine in tcp dport 9 drop");
      expect(refusals(["10.1.0.0/16"])).toEqual([
        expect.stringMatching(
          /^refused: .* but the packet filter, which is left alone, lets everybody in to 3443\/tcp/,
        ),
      ]);
      filter("add rule inet mine in ip saddr != 10.1.0.0/16 tcp dport 3443 drop");
      expect(refusals(["10.1.0.0/16"])).toEqual([]);
      // Another network than the one of the rule: nobody of it comes in, but others do.
      expect(refusals(["fd00::/8"])).toEqual([
        expect.stringMatching(/^refused: .*but who gets in over IPv6 by the rules of the packet filter cannot be told/),
      ]);
      filter("add rule inet mine in tcp dport 3443 drop");
      expect(refusals(["10.1.0.0/16"])).toEqual([
        "hint: the packet filter, which is left alone, shuts out 3443/tcp from 10.1.0.0/16 too: open that there by hand, for them alone",
      ]);
    });
  });

  it("are refused for IPv6 networks on a server without IPv6", () => {
    machine.sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1");
    expect(observe(plan(["fd00::/8"]))[0]).toMatch(
      /^refused: trinitycore:realms\.wotlk\.console\.networks names an IPv6 network, but this host has no IPv6/,
    );
    machine.sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0");
  });

  it("are narrowed in ufw as well", () => {
    machine.sh(`systemctl disable -q --now firewalld; apt-get -q update && apt-get -q install -y --no-install-recommends ufw
      ufw allow 3400:3600/tcp; ufw allow 3443/tcp; ufw allow ssh; ufw --force enable`);
    const ufw = (...networks: string[]) => plan(networks, { "host.firewall.kind": "ufw" });
    const before = machine.sh("ufw show added");
    expect(reached()).toEqual([3443, 3500]);
    expect(observe(ufw("10.1.0.0/16", "fd00::/8"))).toContain(wide(" in ufw", "10.1.0.0/16 and fd00::/8"));
    expect(apply(ufw("10.1.0.0/16", "fd00::/8"))).toMatchObject({ code: 0, err: "" });
    expect(observe(ufw("10.1.0.0/16", "fd00::/8"))).toEqual([]);
    expect(reached()).toEqual([3500]);
    expect(apply(ufw("10.1.0.0/16", `${here}/32`))).toMatchObject({ code: 0, err: "" });
    expect(reached()).toEqual([3443, 3500]);
    // Somebody allows it ahead of the refusal.
    for (const rule of ["3443", "3440:3450/tcp"]) {
      machine.sh(`ufw prepend allow ${rule}`);
      expect(observe(ufw(`${here}/32`))).toContain(wide(" in ufw", `${here}/32`));
      expect(apply(ufw(`${here}/32`))).toMatchObject({ code: 0, err: "" });
      expect(observe(ufw(`${here}/32`))).toEqual([]);
      expect(reached()).toEqual([3443, 3500]);
      expect(apply(ufw("10.1.0.0/16"))).toMatchObject({ code: 0, err: "" });
      expect(reached()).toEqual([3500]);
    }
    machine.sh("ufw delete allow 3440:3450/tcp; ufw delete allow 3443");
    machine.sh("sed -i s/^IPV6=.*/IPV6=no/ /etc/default/ufw");
    expect(observe(ufw("fd00::/8"))[0]).toMatch(/^refused: .* but ufw does not filter IPv6 here \(IPV6=no in /);
    machine.sh("sed -i s/^IPV6=.*/IPV6=yes/ /etc/default/ufw");
    expect(machine.undo("firewall").code).toBe(0);
    expect(machine.sh("ufw show added")).toBe(before);
  }, 120_000);
});
