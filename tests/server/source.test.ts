import { applied, sourceArgs as args, prepared, root } from "./built";
import { lab, type Machine } from "./on-machine";

const src = `${root}/src`;
const git = `cd ${src} && runuser -u trinity -- git`;

lab.describe("the source step", () => {
  let machine: Machine;
  let first: string;
  const look = (more = {}) => machine.observe("source", "source", { ...args, ...more });
  const fails = (more: object) => {
    const { code, err } = machine.apply("source", "source", { ...args, ...more });
    expect(code).not.toBe(0);
    return err;
  };
  const upstream = (change: string) =>
    machine.sh(`export HOME=/root; git config --global --add safe.directory '*'; cd /srv/git/core &&
      { git config remote.origin.url /srv/git/core.git; git config user.name u; git config user.email u@example.org; } && ${change} &&
      git add -A && git commit -q -m 'upstream moves' && git push -q /srv/git/core.git HEAD:3.3.5 && git rev-parse HEAD`);

  beforeAll(() => {
    machine = prepared("t-source");
    first = machine.sh("git --git-dir /srv/git/core.git -c safe.directory='*' rev-parse 3.3.5");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("clones the branch's tip with its submodules as the service user", () => {
    expect(look()).toEqual([`${src} is missing`]);
    expect(applied(machine, "source", args)).toContain(`3.3.5 at ${first.slice(0, 12)}`);
    expect(
      machine.sh(`${git} rev-parse HEAD; ${git} symbolic-ref --short HEAD; ls dep/standin; stat -c %U dep/standin .`),
    ).toBe([first, "3.3.5", "banner.h", "trinity", "trinity"].join("\n"));
    expect(applied(machine, "source", args)).toContain("as it should be");
  });

  it("stays at its commit when the branch moves on", () => {
    upstream("echo one >>README.md");
    expect(look()).toEqual([]);
  });

  it("takes no offence at the log that cmake leaves there", () => {
    machine.sh(
      `install -d -o trinity ${src}/CMakeFiles && install -o trinity /dev/null ${src}/CMakeFiles/CMakeOutput.log`,
    );
    expect(look()).toEqual([]);
  });

  it("takes local changes out, and keeps them as a patch", () => {
    machine.sh(
      `cd ${src} && echo 'int x;' >>src/common/Log.cpp && touch src/common/New.cpp && chown trinity src/common/New.cpp`,
    );
    expect(look()).toEqual([`${src} has 2 changed files: src/common/Log.cpp, src/common/New.cpp`]);
    applied(machine, "source", args);
    expect(machine.sh(`cat ${root}/src.changes-*.patch`)).toMatch(/\+int x;/);
    expect(machine.sh(`${git} status --porcelain`)).toBe("");
  });

  it("sees a changed submodule, a missing one and files of others", () => {
    machine.sh(`echo x >>${src}/dep/standin/banner.h`);
    expect(look()).toEqual([`${src} has 1 changed file: dep/standin`]);
    machine.sh(`cd ${src} && runuser -u trinity -- git submodule deinit -q -f dep/standin && chown root README.md`);
    expect(look()).toEqual([
      `${src} has files that are not trinity's: README.md (root)`,
      `${src} lacks the submodule dep/standin`,
    ]);
    applied(machine, "source", args);
    expect(look()).toEqual([]);
  });

  it("goes back from a foreign commit", () => {
    machine.sh(`${git} -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m foreign`);
    const foreign = machine.sh(`${git} rev-parse --short=12 HEAD`);
    expect(look()).toEqual([`${src} is on ${foreign}, should be on ${first.slice(0, 12)}`]);
    applied(machine, "source", args);
    expect(machine.sh(`${git} rev-parse HEAD`)).toBe(first);
  });

  it("makes a half clone and a lost one anew, at the same commit", () => {
    machine.sh(`rm -rf ${src}/.git/refs ${src}/.git/packed-refs; touch ${src}/.git/index.lock`);
    expect(look()).toEqual([`${src} is not a whole git checkout`]);
    applied(machine, "source", args);
    expect(machine.sh(`${git} rev-parse HEAD; ls -d ${src}.broken-*`)).toMatch(
      new RegExp(`^${first}\n${src}\\.broken-`),
    );
    machine.sh(`rm -rf ${src} ${src}.*`);
    applied(machine, "source", args);
    expect(machine.sh(`${git} rev-parse HEAD`)).toBe(first);
  });

  it("moves to a pinned commit, and names a pin or branch that is not there", () => {
    const second = upstream("echo two >>README.md");
    expect(look({ commit: second })).toEqual([
      `${src} is at ${first.slice(0, 12)}, should be at ${second.slice(0, 12)}`,
    ]);
    applied(machine, "source", { ...args, commit: second });
    expect(machine.sh(`${git} rev-parse HEAD; ${git} rev-list --count HEAD`)).toBe(`${second}\n1`);
    expect(look()).toEqual([`${src} is pinned to ${second.slice(0, 12)}, should be at the tip of 3.3.5`]);
    expect(fails({ commit: "1".repeat(40) })).toMatch(
      /no commit 1{40} on branch 3\.3\.5\n.*trinitycore:core\.source\.commit/,
    );
    expect(fails({ branch: "nosuch" })).toMatch(/has no branch nosuch\n.*trinitycore:core\.source\.branch/);
    expect(fails({ repository: "/srv/git/nosuch.git" })).toMatch(
      /nosuch\.git cannot be fetched from this host\n(.*\n)*.*trinitycore:core\.source\.repository/,
    );
    machine.sh(`${git} remote set-url origin /srv/git/core.git`);
    applied(machine, "source", args);
    expect(machine.sh(`${git} rev-parse HEAD`)).toBe(second);
  });

  it("fetches over ssh with the deploy key, which stays for root alone, and for nights", () => {
    machine.sh(`ssh-keygen -q -t ed25519 -N '' -f /root/deploy && cat /root/deploy.pub >>/root/.ssh/authorized_keys
      git config --global --add safe.directory '*'`);
    const key = machine.exec("cat /root/deploy").out;
    const repository = "ssh://root@127.0.0.1/srv/git/core.git";
    const over = {
      ...args,
      repository,
      knownHosts: machine.sh(`echo 127.0.0.1 $(cat /etc/ssh/ssh_host_ed25519_key.pub)`),
    };
    expect(look(over)).toEqual([`${src} follows another repository: /srv/git/core.git, should be ${repository}`]);
    const refused = machine.apply(
      "source",
      "source",
      { ...over, knownHosts: "127.0.0.1 ssh-ed25519 AAAA" },
      { deployKey: key },
    );
    expect(refused.err).toMatch(/Host key verification failed/);
    const { code, out, err } = machine.apply("source", "source", over, { deployKey: key });
    expect([code, out + err]).toEqual([0, expect.not.stringContaining("PRIVATE KEY")]);
    expect(machine.sh("ls -d /run/trinity-git.* 2>/dev/null || echo gone")).toBe("gone");
    const kept = "/var/lib/trinity-stack/source-files/deployKey";
    expect(machine.sh(`grep -rl 'PRIVATE KEY' ${src}/.git /var/lib/trinity-stack`)).toBe(kept);
    expect(machine.sh(`stat -c '%a %U' ${kept} $(dirname ${kept})`)).toBe("600 root\n700 root");
    applied(machine, "source", args);
    expect(machine.sh("ls /var/lib/trinity-stack/source-files 2>/dev/null || echo gone")).toBe("gone");
  });
});
