import type { Past } from "./past";

const ports = "3724/tcp and 8085/tcp";
const ufwOpen = 'for port in 3724 8085; do ufw status | grep -q "^$port/tcp  *ALLOW" || exit 1; done';
const inUfw = `${ufwOpen}; [[ $(systemctl is-active firewalld) != active ]]`;
const asked = (filter: string) => ({ "trinitycore:host.firewall.kind": filter });
const shut443 = ["port 443"];

export const firewall: readonly Past[] = [
  {
    name: "ufw-and-firewalld",
    what: "ufw is active, firewalld is installed but off",
    holds: `${inUfw}; ufw show added | grep -qx 'ufw limit 2200/tcp'`,
  },
  {
    name: "ufw-and-firewalld",
    what: "ufw is active, firewalld is asked for",
    config: asked("firewalld"),
    refused: [
      "firewalld does not run, but ufw is active",
      "pulumi config set --path trinitycore:host.firewall.kind ufw",
    ],
  },
  {
    name: "port-2222",
    what: "sshd on a port of its own, no filter on, ufw asked for",
    sshPort: 2222,
    config: asked("ufw"),
    expectWords: [
      /starts ufw, which is off: it will let in .*3724\/tcp and 8085\/tcp for the stack, and 2222\/tcp as the way in over SSH/,
      "shut by ufw then, though something listens there: 443/tcp (socat)",
    ],
    holds: inUfw,
    own: shut443,
  },
  {
    name: "port-2222",
    what: "sshd on a port of its own, no filter on, firewalld asked for",
    sshPort: 2222,
    config: asked("firewalld"),
    expectWords: [
      /starts firewalld, which is off: it will let in .*22\/tcp \(ssh\).* and 2222\/tcp as the way in over SSH/,
      "shut by firewalld then, though something listens there: 443/tcp (socat)",
    ],
    holds: "systemctl is-active firewalld; firewall-cmd --query-port=2222/tcp; ! ufw status | grep -q ': active'",
    own: shut443,
  },
  {
    name: "port-2222",
    what: "sshd on a port of its own, no filter on, none asked for",
    sshPort: 2222,
    expectWords: ["nothing filters packets on this host: every port that something listens on is reachable"],
    holds: "! systemctl is-active firewalld; ! ufw status | grep -q ': active'",
  },
  {
    name: "nftables-drop",
    what: "nftables.service with a policy of drop",
    expectWords: [
      "what filters packets here is left alone (nftables): it lets in 3724/tcp and it shuts out 8085/tcp, so that no player gets in: open that there by hand",
    ],
    holds: "nft list ruleset | grep -q 'policy drop'",
  },
  {
    name: "nftables-drop",
    what: "nftables.service with a policy of drop, ufw asked for",
    config: asked("ufw"),
    refused: [
      "ufw does not run, but nftables is active",
      "pulumi config set --path trinitycore:host.firewall.kind none",
    ],
    quick: true,
  },
  {
    name: "iptables-persistent",
    what: "rules of iptables-persistent",
    expectWords: [
      "what filters packets here is left alone (netfilter-persistent): it lets in 8085/tcp and it shuts out 3724/tcp",
    ],
    holds: "iptables -S INPUT | grep -q -- '-j REJECT'",
  },
  {
    name: "csf",
    what: "csf and lfd",
    expectWords: [`what filters packets here is left alone (csf and lfd): it shuts out ${ports}`],
    holds: "systemctl is-active csf lfd",
  },
  {
    name: "csf",
    what: "csf and lfd, firewalld asked for",
    config: asked("firewalld"),
    refused: [
      "firewalld does not run, but csf is active",
      "pulumi config set --path trinitycore:host.firewall.kind none",
    ],
  },
  {
    name: "hand-made-rules",
    what: "rules that no service loads, ufw asked for",
    config: asked("ufw"),
    refused: ["ufw does not run, but rules that no service here owns filter packets"],
  },
  {
    name: "hand-made-rules",
    what: "rules that no service loads",
    expectWords: [`is left alone (rules that no service here owns; see nft list ruleset): it shuts out ${ports}`],
  },
  {
    name: "fail2ban",
    what: "bans and docker's chains, but no firewall",
    expectWords: ["nothing filters packets on this host"],
  },
  {
    name: "own-zone",
    what: "firewalld with a zone of the operator's",
    holds:
      "for how in '' --permanent; do firewall-cmd $how --zone=shop --query-port=8085/tcp && firewall-cmd $how --zone=shop --query-service=https || exit 1; done",
  },
  {
    name: "ufw-deny",
    what: "ufw, nothing let in but what is named",
    holds: `${ufwOpen}; ufw show added | grep -qx 'ufw allow 6000:6007/tcp'`,
  },
  {
    name: "ssh-socket",
    what: "Ubuntu's ssh.socket on a port of its own, ufw asked for",
    image: "bare-noble",
    sshPort: 2222,
    config: asked("ufw"),
    expectWords: [/starts ufw, which is off: .*\b2222\/tcp.* as the way in over SSH/],
    holds: ufwOpen,
  },
];
