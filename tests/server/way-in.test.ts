import { firewallPlan } from "../../components/host/firewall";
import { wayInPlan } from "../../components/host/way-in";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

const plans = (kind: string) => {
  const settings = load({ "host.firewall.kind": kind, "host.ssh.port": "2222" });
  return { firewall: firewallPlan(onLab(settings), facts()).args, wayIn: wayInPlan(onLab(settings), facts()).args };
};
const guard = "/etc/systemd/system/trinity-firewall-guard.service";

lab.describe("a firewall that the stack starts", () => {
  let machine: Machine;
  const filters = () =>
    machine.sh("systemctl is-active firewalld; systemctl is-enabled firewalld; ufw status | head -1; true");
  const start = (kind: string) => machine.applyBySsh(2222, "firewall", "firewall", plans(kind).firewall);
  const login = (kind: string) => machine.applyBySsh(2222, "way-in", "way-in", plans(kind).wayIn);
  const look = (kind: string) => [
    ...machine.observe("firewall", "firewall", plans(kind).firewall),
    ...machine.observe("way-in", "way-in", plans(kind).wayIn),
  ];
  const configs = () => machine.sh("cd /etc && find ufw firewalld -type f -exec sha256sum {} + | sort -k 2");
  const until = (what: string) => machine.sh(`for i in {1..300}; do ${what} && exit; sleep 0.2; done; false`);

  beforeAll(() => {
    machine = onMachine("t-way-in");
    machine.sh(`systemctl disable --now firewalld
      apt-get -q update && apt-get -q install -y --no-install-recommends ufw socat
      echo 'ListenAddress 0.0.0.0:2222' >>/etc/ssh/sshd_config && systemctl restart ssh
      mkdir -p ${guard}.d && printf '[Service]\\nEnvironment=TRINITY_GUARD_SECONDS=12\\n' >${guard}.d/test.conf`);
  }, 300_000);
  afterAll(() => machine?.stop());

  it.each([
    ["ufw", "ufw allow 2222/tcp"],
    ["firewalld", "2222/tcp"],
  ])(
    "%s: lets in what sshd listens on, whatever its config calls a port, and stays after a new login",
    (kind, open) => {
      expect(look(kind)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(
            /^foretold: starts .*, which is off: .* 3724\/tcp and 8085\/tcp for the stack, and 2222\/tcp as the way in over SSH/,
          ),
          `blind: ${kind} does not run`,
        ]),
      );
      expect(start(kind)).toMatchObject({ code: 0, err: "" });
      expect(machine.sh("ufw show added; firewall-cmd --list-ports 2>&1; true")).toContain(open);
      expect(look(kind)).toEqual([
        `no new login over SSH has come through ${kind} since it was started; a minute after that it is stopped again`,
      ]);
      expect(login(kind).out).toContain(`a new login over SSH comes through ${kind}\n`);
      expect(look(kind)).toEqual([]);
      // Nothing waits any more that would stop it.
      expect(machine.sh("systemctl show -P MainPID trinity-firewall-guard")).toBe("0");
      expect(filters()).toContain(kind === "ufw" ? "Status: active" : "active\nenabled");
      expect(machine.sh(`ls -d ${guard} /var/lib/trinity-stack/firewall-guard* 2>/dev/null; true`)).toBe("");
      expect(machine.undo("firewall").out).toContain(
        `kept: ${kind}, which the stack started, with 2222/tcp open for SSH\n`,
      );
      machine.sh(
        kind === "ufw" ? "ufw --force reset" : "systemctl disable --now firewalld; rm -f /etc/firewalld/zones/*",
      );
    },
  );

  it("counts no login that was there before it", () => {
    expect(start("ufw").code).toBe(0);
    // Neither over SSH nor new.
    expect(machine.apply("way-in", "way-in", plans("ufw").wayIn).err).toContain("this is no new login over SSH");
    expect(login("ufw").code).toBe(0);
    expect(machine.undo("firewall").code).toBe(0);
    machine.sh("ufw --force reset");
  });

  it.each([
    ["ufw", "sed -i 's/^COMMIT/-I ufw-before-input -p tcp --dport 2222 -j DROP\\nCOMMIT/' /etc/ufw/before.rules"],
    [
      "firewalld",
      `firewall-offline-cmd --add-rich-rule='rule priority=-1 family=ipv4 port port=2222 protocol=tcp drop'`,
    ],
  ])("%s: is stopped again, with its configuration as it was, when it shuts the way in all the same", (kind, shut) => {
    machine.sh(shut);
    const before = [configs(), filters()];
    expect(start(kind).code).toBe(0);
    expect(login(kind)).toMatchObject({ code: 255, err: expect.stringMatching(/timed out/) });
    until("[[ -e /var/lib/trinity-stack/receipts/firewall/taken-back ]]");
    expect([configs(), filters()]).toEqual(before);
    const sentence = new RegExp(`${kind} was started, and stopped again at .* UTC: within a minute no new login`);
    expect(look(kind)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(sentence),
        expect.stringMatching(`^foretold: starts ${kind}`),
        expect.stringMatching(/^blind: .* within a minute no new login/),
      ]),
    );
    expect(login(kind).err).toMatch(sentence);
    expect(machine.sh(`ls ${guard} 2>&1 || true`)).toContain("No such file");
  });

  it("is not started where nobody can tell how one logs in", () => {
    const { firewall } = plans("firewalld");
    machine.sh("systemctl stop ssh");
    expect(machine.observe("firewall", "firewall", firewall)[0]).toMatch(
      /^refused: firewalld is not started, as it cannot be told/,
    );
    expect(machine.apply("firewall", "firewall", firewall).code).toBe(1);
    machine.sh("systemctl start ssh");
  });

  it("knows the present connection through sudo, and a port that a socket listens on", () => {
    const ways =
      ". /usr/local/libexec/trinity-stack/current/lib/core.sh; . /usr/local/libexec/trinity-stack/current/lib/way-in.sh; ssh_ports | xargs";
    machine.sh("apt-get -q install -y sudo >/dev/null 2>&1; command -v sudo");
    const bySsh = machine.ssh(2222, `sudo env -i PATH=$PATH bash -c '${ways}'`);
    expect(bySsh.out.trim()).toBe("2222");
    machine.sh(`mkdir -p /etc/systemd/system/ssh.socket.d
      printf '[Socket]\\nListenStream=\\nListenStream=0.0.0.0:2200\\nListenStream=[::]:2201\\n' >/etc/systemd/system/ssh.socket.d/ports.conf
      systemctl daemon-reload; systemctl stop ssh; systemctl start ssh.socket`);
    expect(machine.sh(ways)).toBe("2200 2201");
  });
});
