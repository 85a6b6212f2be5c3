/**
 * What of the stack's ports comes through a packet filter that is not the stack's: read from its rules, without any
 * server.
 */
import { join } from "node:path";
import { run } from "./on-machine";

const reader = join(__dirname, "../../server/lib/input-rules.awk");
const read = (rules: string, ports: string, besides = "", named = "") => {
  const given = ["-v", "device=eth0", "-v", `ports=${ports}`, "-v", `besides=${besides}`, "-v", `named=${named}`];
  const { code, out, err } = run("awk", [...given, "-f", reader], rules);
  expect([code, err]).toEqual([0, ""]);
  return out.trim().split("\n").join(", ");
};
const chain = (rules: string, policy = "drop", more = "") =>
  `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n${rules
    .split("\n")
    .map((rule) => `\t\t${rule.trim()}`)
    .join("\n")}\n\t}\n${more}}\n`;
const save = (rules: string, policy = "ACCEPT") => `*filter\n:INPUT ${policy} [0:0]\n:OWN - [0:0]\n${rules}\nCOMMIT\n`;

const cases: [what: string, rules: string, says: string][] = [
  ["nothing at all", "", "open"],
  ["a policy of accept", chain("", "accept"), "open"],
  ["a policy of drop", chain(""), "shut"],
  ["the port by name of a set", chain("tcp dport { 22, 8085 } accept"), "open"],
  ["a set over several lines", chain("tcp dport { 22,\n  8000-8100 } accept"), "open"],
  ["other ports alone", chain("tcp dport { 22, 443 } accept\ntcp dport 8086 accept"), "shut"],
  ["all but some", chain("tcp dport != { 25, 8085 } accept"), "shut"],
  ["the port in UDP", chain("udp dport 8085 accept"), "shut"],
  [
    "a map of ports",
    chain("tcp dport vmap { 22 : accept, 8080-8090 : jump game }", "drop", "\tchain game {\n\t\taccept\n\t}\n"),
    "open",
  ],
  ["a map of states", chain("ct state vmap { established : accept, related : accept, new : drop }\naccept"), "shut"],
  ["established connections alone", chain("ct state established,related accept"), "shut"],
  ["new ones", chain("ct state new tcp dport 8085 accept"), "open"],
  ["all on lo", chain('iifname "lo" accept'), "shut"],
  ["all on this interface", chain('iifname "eth*" accept'), "open"],
  ["another interface's rules", chain('iifname "wg0" tcp dport 8085 accept'), "shut"],
  ["one network alone", chain("ip saddr 10.0.0.0/8 accept"), "unsure"],
  ["all but one network dropped", chain("ip saddr != 10.0.0.0/8 drop\naccept"), "unsure"],
  ["a rate", chain("tcp dport 8085 limit rate 5/second accept"), "unsure"],
  ["who is banned", chain("ip saddr @banned drop\ntcp dport 8085 accept"), "open"],
  [
    "a last refusal",
    chain('counter packets 1 bytes 2 log prefix "no; accept " reject with icmpx admin-prohibited', "accept"),
    "shut",
  ],
  ["a comment that reads like a rule", chain('tcp dport 22 accept comment "not 8085 accept"'), "shut"],
  [
    "a jump and back",
    chain("jump own\ntcp dport 8085 accept", "drop", "\tchain own {\n\t\ttcp dport 22 drop\n\t\treturn\n\t}\n"),
    "open",
  ],
  ["a goto that ends there", chain("goto own\naccept", "drop", "\tchain own {\n\t}\n"), "shut"],
  ["bans as fail2ban makes them", chain("tcp dport 22 ip saddr @addr-set-sshd reject", "accept"), "open"],
  ["two tables, of which one drops", chain("accept") + chain("", "drop").replace("inet filter", "ip other"), "shut"],
  ["what is forwarded, as docker's", chain("").replace("hook input", "hook forward"), "open"],
  ["IPv6 alone", chain("").replace("inet filter", "ip6 filter"), "open"],
  [
    "not the server's own addresses",
    chain("fib daddr type broadcast drop\nfib daddr type local tcp dport 8085 accept"),
    "open",
  ],
  ["iptables: policy", save("", "DROP"), "shut"],
  ["iptables: a port", save("-A INPUT -p tcp -m tcp --dport 8085 -j ACCEPT", "DROP"), "open"],
  [
    "iptables: a range, and ports",
    save("-A INPUT -p tcp -m multiport --dports 22,8000:8100 -j ACCEPT\n-A INPUT -j DROP"),
    "open",
  ],
  [
    "iptables: a chain of its own",
    save(
      '-A INPUT -m comment --comment "all -j DROP" -j OWN\n-A OWN -p tcp -m tcp --dport 22 -j ACCEPT\n-A OWN -j REJECT --reject-with tcp-reset',
    ),
    "shut",
  ],
  [
    "iptables: states",
    save(
      '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j LOG --log-prefix "refused: "\n-A INPUT -j DROP',
    ),
    "shut",
  ],
  ["iptables: not this port", save("-A INPUT -p tcp -m tcp ! --dport 8085 -j ACCEPT", "DROP"), "shut"],
  ["iptables: a network", save("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 8085 -j ACCEPT", "DROP"), "unsure"],
  ["iptables: modules nobody here knows", save("-A INPUT -p tcp -m geoip --src-cc DE -j ACCEPT", "DROP"), "unsure"],
  [
    "nft cannot name a module",
    chain('meta l4proto tcp xt match "multiport" counter packets 0 bytes 0 accept'),
    "unsure",
  ],
];

/** For somebody who is in none of 10.0.0.0/8 and 203.0.113.0/24. */
const strangers: [what: string, rules: string, says: string][] = [
  ["nothing at all", "", "open"],
  ["a named network alone", chain("ip saddr 10.0.0.0/8 tcp dport 3443 accept"), "shut"],
  ["all but a named network dropped", chain("ip saddr != 10.0.0.0/8 tcp dport 3443 drop", "accept"), "shut"],
  [
    "others of the same port",
    chain("ip saddr { 10.0.0.0/8, 192.168.0.1-192.168.0.9 } accept\ntcp dport 3443 accept"),
    "open",
  ],
  ["half of all", chain("ip saddr 128.0.0.0/1 accept"), "open"],
  ["a range of addresses", chain("ip saddr 198.51.100.0-198.51.100.255 accept"), "open"],
  ["a set whose elements are not read", chain("ip saddr @admins accept"), "unsure"],
  ["iptables: a named network", save("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 3443 -j ACCEPT", "DROP"), "shut"],
  ["iptables: all but it", save("-A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 3443 -j DROP"), "shut"],
];

describe("the rules of a packet filter", () => {
  it.each(strangers)("for strangers: %s", (_what, rules, says) => {
    expect(read(rules, "3443", "", "10.0.0.0/8 203.0.113.0/24")).toBe(`3443 ${says}`);
  });

  it("know no stranger where everybody is named", () => {
    expect(read("", "3443", "", "0.0.0.0/1 128.0.0.0/1")).toBe("3443 shut");
  });

  it.each(cases)("%s", (_what, rules, says) => {
    expect(read(rules, "8085")).toBe(`8085 ${says}`);
  });

  it("are read for many ports at once, and without those of one's own", () => {
    expect(read(chain("tcp dport { 22, 3724 } accept"), "3724 8085 22")).toBe("3724 open, 8085 shut, 22 open");
    expect(read(chain("").replace("inet filter", "inet firewalld"), "9", "firewalld")).toBe("9 open");
  });
});
