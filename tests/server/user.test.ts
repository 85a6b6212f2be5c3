import { userPlan } from "../../components/host/user";
import { load } from "../unit/settings/source";
import { onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

lab.describe("the service account and its folders", () => {
  const { args } = userPlan(onLab(load({})));
  const root = "/var/lib/trinity/Projects/trinity-335";
  let machine: Machine;
  const observe = () => machine.observe("user", "user", args);
  const apply = () => machine.apply("user", "user", args);

  beforeAll(() => {
    machine = onMachine("t-user");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("says what is missing on a bare server", () => {
    const seen = observe();
    expect(seen.slice(0, 3)).toEqual([
      "the group trinity is missing",
      "the user trinity is missing",
      "/var/lib/trinity is missing",
    ]);
    expect(seen).toContain(`${root}/etc/worldserver.conf.d is missing`);
    expect(seen).toContain("/etc/trinity-stack is missing");
  });

  it("makes all of it, and does nothing the second time", () => {
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(machine.sh("getent passwd trinity | cut -d: -f5-7")).toBe(
      "TrinityCore system account:/var/lib/trinity:/usr/sbin/nologin",
    );
    expect(machine.sh("passwd -S trinity | cut -d' ' -f2")).toBe("L");
    expect(machine.sh(`stat -c '%a %U:%G' /var/lib/trinity ${root} ${root}/logs ${root}/etc /etc/trinity-stack`)).toBe(
      "750 root:trinity\n755 root:root\n750 trinity:trinity\n755 root:root\n700 root:root",
    );
    expect(apply()).toMatchObject({ code: 0, out: "as it should be\n" });
  });

  it("names what was changed by hand, and puts it right", () => {
    machine.sh(
      `usermod -s /bin/bash trinity; sed -Ei 's/^(trinity:x:[0-9]+:)[0-9]+/\\1100/' /etc/passwd; chmod 0777 ${root}/etc; chown root:root ${root}/data; rmdir ${root}/work/authserver; echo trinity:secret | chpasswd`,
    );
    expect(observe()).toEqual([
      "the user trinity is in the group users, should be in trinity",
      "the shell of trinity is /bin/bash, should be /usr/sbin/nologin",
      "trinity can log in by password, should have none",
      `${root}/etc has mode 0777, should be 0755`,
      `${root}/data belongs to root:root, should be trinity:trinity`,
      `${root}/work/authserver is missing`,
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it.each([
    ["another shell that lets nobody in", "usermod -s /bin/false trinity"],
    ["a password that cannot be", "usermod -p '*' trinity"],
    ["an account that has expired", "usermod -e 1 trinity"],
    ["folders that are the account's alone", `chmod 0700 ${root}/logs ${root}/data`],
  ])("leaves what is stricter: %s", (_, harden) => {
    machine.sh(harden);
    expect(observe()).toEqual([]);
    // Putting something else right does not take it back either.
    machine.sh(`rmdir ${root}/work/authserver`);
    const before = machine.sh(`getent passwd trinity; getent shadow trinity; stat -c %a /var/lib/trinity ${root}/logs`);
    expect(apply().code).toBe(0);
    expect(machine.sh(`getent passwd trinity; getent shadow trinity; stat -c %a /var/lib/trinity ${root}/logs`)).toBe(
      before,
    );
  });

  it("sees modes that take something from the account, or from root's folders", () => {
    machine.sh(`chmod 0500 ${root}/data; chmod 0750 ${root}/etc; chmod 0770 ${root}/logs`);
    expect(observe()).toEqual([
      `${root}/etc has mode 0750, should be 0755`,
      `${root}/data has mode 0500, should be 0755`,
      `${root}/logs has mode 0770, should be 0750`,
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("follows no link that the account may have put in place of a folder", () => {
    machine.sh(`cd ${root} && rmdir logs && ln -s /etc logs && chown -h trinity logs`);
    expect(observe()).toEqual([`${root}/logs is no folder of its own`]);
    const { code, err } = apply();
    expect(code).toBe(1);
    expect(err).toContain(`${root}/logs is no folder of its own`);
    expect(machine.sh("stat -c %U /etc")).toBe("root");
    machine.sh(`rm ${root}/logs; rmdir ${root}/data && mkdir /srv/data && ln -s /srv/data ${root}/data`);
    expect(observe()).toEqual([
      `${root}/data is no folder of its own; game data elsewhere is mounted there, not linked: rm ${root}/data && mkdir ${root}/data && mount --bind /srv/data ${root}/data, and a line in /etc/fstab`,
      `${root}/logs is missing`,
    ]);
    machine.sh(`rm ${root}/data`);
    expect(apply().code).toBe(0);
  });

  it("brings over what an earlier version gave to the account, and nothing that lies in it", () => {
    machine.sh(
      `chown trinity:trinity /var/lib/trinity /var/lib/trinity/Projects ${root} ${root}/work && touch ${root}/work/theirs && chown trinity ${root}/work/theirs`,
    );
    expect(observe()).toEqual([
      "/var/lib/trinity belongs to trinity:trinity, should be root:trinity",
      "/var/lib/trinity/Projects belongs to trinity:trinity, should be root:root",
      `${root} belongs to trinity:trinity, should be root:root`,
      `${root}/work belongs to trinity:trinity, should be root:root`,
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
    expect(machine.sh(`stat -c %U ${root}/work/theirs; rm ${root}/work/theirs`)).toBe("trinity");
  });

  it("puts back under running processes what somebody made of the account's home", () => {
    machine.sh(
      "systemd-run --quiet --uid=trinity --unit=player sleep 600; sed -i 's,:/var/lib/trinity:,:/tmp:,' /etc/passwd",
    );
    expect(observe()).toEqual(["the home of trinity is /tmp, should be /var/lib/trinity"]);
    expect(apply().code).toBe(0);
    expect(machine.sh("getent passwd trinity | cut -d: -f6; systemctl is-active player; systemctl stop player")).toBe(
      "/var/lib/trinity\nactive",
    );
  });

  it("says why a home cannot be changed under running processes", () => {
    const moved = { ...args, home: "/srv/trinity" };
    machine.sh("systemd-run --quiet --uid=trinity --unit=player sleep 600");
    expect(machine.observe("user", "user", moved)).toContain(
      "the home of trinity is /var/lib/trinity, should be /srv/trinity",
    );
    const { code, err } = machine.apply("user", "user", moved);
    machine.sh("systemctl stop player");
    expect(code).toBe(1);
    expect(err).toMatch(/usermod cannot change trinity while processes of it run: .*used by process/);
    expect(err).toContain("sleep 600");
    expect(observe()).toEqual([]);
  });

  it("refuses somebody's account", () => {
    machine.sh("useradd -m person");
    const theirs = { ...args, name: "person", home: "/home/person" };
    expect(machine.observe("user", "user", theirs)[0]).toMatch(/^the user person is somebody's account \(uid 1\d+\)/);
    expect(machine.apply("user", "user", theirs).err).toContain("trinitycore:host.user.name");
    // Back to the account as it was: what the failed run was about is no longer wanted, but it never was the stack's.
    machine.sh("rm -rf /home/person/.* /home/person/* 2>/dev/null; true");
    expect(apply()).toMatchObject({ code: 0, out: expect.stringContaining("removing user person") });
    expect(machine.sh("id -un person; id -gn person")).toBe("person\nperson");
  });

  it("keeps account and home as long as there is data, and gives a rebuilt account its old home", () => {
    machine.sh(`runuser -u trinity -- touch ${root}/data/map`);
    expect(machine.undo("user")).toMatchObject({
      code: 0,
      out: expect.stringContaining("the user trinity stays: /var/lib/trinity holds data"),
    });
    expect(machine.sh(`id -un trinity; ls ${root}/data; ls -d /etc/trinity-stack 2>&1 | grep -c 'No such'`)).toBe(
      "trinity\nmap\n1",
    );
    machine.sh("userdel trinity");
    machine.sh(`chown -R 987:987 /var/lib/trinity`);
    expect(observe()).toContain("/var/lib/trinity belongs to UNKNOWN:UNKNOWN, should be root:trinity");
    expect(apply().code).toBe(0);
    expect(machine.sh(`stat -c %U:%G ${root}/data/map /var/lib/trinity`)).toBe("trinity:trinity\nroot:trinity");
    machine.sh(`userdel trinity; chown -R 986 ${root}/data`);
    expect(apply().out).toContain("giving what uid 986 left in /var/lib/trinity to trinity");
    expect(machine.sh(`stat -c %U:%G ${root}/data/map`)).toBe("trinity:trinity");
  });

  it("removes an account whose home is empty, never the home", () => {
    machine.sh(`rm ${root}/data/map`);
    expect(machine.undo("user").code).toBe(0);
    expect(machine.sh("getent passwd trinity; getent group trinity; ls -d /var/lib/trinity")).toBe("/var/lib/trinity");
  });
});
