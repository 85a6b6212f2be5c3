import { packagesPlan } from "../../components/host/packages";
import type { Plan } from "../../steps/plan";
import { load } from "../unit/settings/source";
import { facts, fedoraFacts, onLab } from "./facts-of";
import { lab, type Machine, onMachine, stepCommand } from "./on-machine";

/** What Fedora has under another name than it is asked for: the package, and what it provides. */
const PROVIDERS: Readonly<Record<string, string>> = {
  "mariadb-server": "mariadb10.11-server",
  "zlib-devel": "zlib-ng-compat-devel",
};
/**
 * Packages that no plan names: one for the shell that scripts want, one that takes as long as it is let, one that
 * nothing can satisfy.
 */
const FURTHER = `package bash "Provides: /bin/sh"
  package slow "AutoReqProv: no" '%post -n slow -p /bin/sh
until [ -e /run/go-on ]; do sleep 0.1; done'
  package needy "Requires: no-such-thing"`;

/** One generation of dnf, and where the lab gets it. */
export interface Dnf {
  readonly name: string;
  readonly machine: string;
  readonly image: string;
  /** Releases whose archives it needs. */
  readonly suites?: readonly string[];
  /** Shell that installs it, with rpm and createrepo_c. */
  readonly install: string;
  /** What it says when there is no such package, when nothing can satisfy one, when a repository is out of order. */
  readonly words: { readonly unknown: string; readonly unsatisfied: string; readonly broken: RegExp };
}

/**
 * dnf and rpm are Fedora's own, brought by Debian; the repository holds a small package for every name of Fedora's
 * plan.
 */
export const dnfCases = ({ name, machine: at, image, suites, install, words }: Dnf) =>
  lab.describe(
    `packages, by ${name}`,
    () => {
      const plan = packagesPlan(onLab(load({})), fedoraFacts).args;
      const names = plan.packages as string[];
      const few: Plan["args"] = { ...plan, packages: ["clang", "mariadb-server"] };
      let machine: Machine;
      const observe = (given = plan) => machine.observe("packages", "packages", given);
      const apply = (given = plan) => machine.apply("packages", "packages", given);
      const missing = (wanted: string[]) => wanted.map((name) => `the package ${name} is not installed`);
      const installed = () => machine.sh("rpm -qa --qf '%{NAME}\\n' | sort").split("\n");

      beforeAll(() => {
        machine = onMachine(at, image);
        machine.sh(`{ ${install}; } >/run/apt.log 2>&1 || { cat /run/apt.log; exit 1; }
      mkdir -p /srv/repo /etc/dnf/vars /etc/yum.repos.d && echo 43 >/etc/dnf/vars/releasever && cd /srv/repo
      package() { printf '%%package -n %s\\nSummary: x\\n%b\\n%%description -n %s\\nx\\n%%files -n %s\\n%b\\n' "$1" "$2" "$1" "$1" "$3"; }
      { printf 'Name: all\\nVersion: 1\\nRelease: 1\\nSummary: x\\nLicense: x\\nBuildArch: noarch\\n%%description\\nx\\n'
        ${names.map((name) => `package ${PROVIDERS[name] ?? name} ${PROVIDERS[name] ? `"Provides: ${name} = 1"` : '""'}`).join("; ")}
        ${FURTHER}; } >all.spec
      rpmbuild -bb --quiet --define '_rpmdir /srv/repo' all.spec && createrepo_c -q .
      printf '[lab]\\nname=lab\\nbaseurl=file:///srv/repo\\ngpgcheck=0\\nmetadata_expire=1h\\n' >/etc/yum.repos.d/lab.repo
      dnf -q -y install bash >/dev/null`);
      }, 300_000);
      afterAll(() => machine?.stop());

      it("installs every package of Fedora's table on a bare server, and does nothing the second time", () => {
        expect(observe()).toEqual(missing(names));
        const { code, out, err } = apply();
        expect({ code, err }).toEqual({ code: 0, err: "" });
        expect(out).toContain(`installing ${names.length} packages (dnf): ${names.join(" ")}\n`);
        expect(out).toMatch(/^25 % \(Installing.*\n50 % \(.*\n75 % \(/m);
        expect(installed()).toEqual([...names.map((name) => PROVIDERS[name] ?? name), "bash"].sort());
        expect(apply().out).toBe("as it should be\n");
        // dnf may print a whole repository, with the password of its proxy.
        expect(machine.sh("stat -c %a /run/trinity-stack/locks/packages.log")).toBe("600");
      }, 120_000);

      it("brings back the ones that went missing, and no other", () => {
        machine.sh("rpm -e socat mariadb10.11-server");
        expect(observe()).toEqual(missing(["mariadb-server", "socat"]));
        expect(apply()).toMatchObject({
          code: 0,
          out: expect.stringContaining("installing 2 packages (dnf): mariadb-server socat\n"),
        });
        expect(observe()).toEqual([]);
      }, 60_000);

      it("installs what a dnf that was killed did not come to", () => {
        machine.sh(`rpm -e clang; rm -f /run/go-on; dnf -q -y install slow clang >/dev/null 2>&1 & dnf=$!
      until pgrep -f '/bin/sh /var/tmp/rpm-tmp' >/dev/null || ! kill -0 $dnf; do sleep 0.1; done
      kill -KILL $dnf; touch /run/go-on; wait $dnf; rpm -e clang 2>/dev/null || true`);
        expect(observe(few)).toEqual(missing(["clang"]));
        expect(apply(few)).toMatchObject({ code: 0, err: "" });
        expect(observe(few)).toEqual([]);
        machine.sh("rpm -e --noscripts slow || true");
      }, 60_000);

      describe("while another package manager is at work", () => {
        /** Runs the step beside it; the other goes on when the step has said that it waits, or never. */
        const beside = (other: string, seconds: number) => {
          return machine.exec(`rpm -e clang; rm -f /run/go-on; : >/run/out
        ${other} >/dev/null 2>&1 & other=$!
        until pgrep -f '/bin/sh /var/tmp/rpm-tmp' >/dev/null || ! kill -0 $other; do sleep 0.1; done
        PACKAGES_WAIT=${seconds} bash ${stepCommand("packages", "packages", few)} >/run/out 2>&1 & step=$!
        until grep -q '^waiting' /run/out || ! kill -0 $step; do sleep 0.1; done
        [ ${seconds} = 0 ] || touch /run/go-on
        wait $step; code=$?; touch /run/go-on; wait $other; cat /run/out; rpm -e slow; exit $code`);
        };

        it.each([
          ["dnf", "dnf -y install slow", /: (RPMDB already|\S+\.lock is) locked by (process )?\d+ \(dnf\)$/m],
          ["rpm", "rpm -i /srv/repo/noarch/slow-1-1.noarch.rpm", /: \S+\.lock is locked by process \d+ \(rpm\)$/m],
        ])(
          "waits for %s and says who it is",
          (_, other, says) => {
            const { code, out } = beside(other, 600);
            expect([code, out]).toEqual([0, expect.stringMatching(/^waiting for another package manager: /m)]);
            expect(out).toMatch(says);
            expect(observe(few)).toEqual([]);
          },
          60_000,
        );

        it("says who it is when that does not end", () => {
          const { code, out } = beside("dnf -y install slow", 0);
          expect([code, out]).toEqual([
            1,
            expect.stringMatching(
              /^error: dnf could not install the packages\n( {2}.*\n)* {2}.*locked by (process )?\d+/m,
            ),
          ]);
          expect(apply(few).code).toBe(0);
        }, 60_000);
      });

      describe("shows dnf's own words", () => {
        const refused = (wanted: string[]) => {
          const { code, err } = apply({ ...plan, packages: wanted });
          expect(code).toBe(1);
          return err;
        };

        it("when there is no such package", () => {
          expect(refused(["clang", "no-such"])).toBe(`error: dnf could not install the packages\n${words.unknown}`);
        }, 60_000);

        it("when nothing can satisfy one", () => {
          expect(refused(["needy"])).toBe(`error: dnf could not install the packages\n${words.unsatisfied}`);
        }, 60_000);

        it("when a repository is out of order, and not when it is another than is needed", () => {
          machine.sh("rpm -e clang; dnf -q clean all; mv /srv/repo/repodata /srv/repodata");
          expect(refused(["clang"])).toMatch(words.broken);
          machine.sh(
            "mv /srv/repodata /srv/repo/repodata; printf '[other]\\nname=other\\nbaseurl=http://127.0.0.1:9/\\ngpgcheck=0\\nskip_if_unavailable=1\\n' >/etc/yum.repos.d/other.repo",
          );
          expect(apply(few)).toMatchObject({ code: 0, err: "" });
          machine.sh("rm /etc/yum.repos.d/other.repo");
        }, 60_000);
      });

      it("fetches the metadata anew when what it names is gone from the mirror", () => {
        machine.sh(`rpm -e clang; cd /srv/repo && sed -i 's/^Release: 1/Release: 2/' all.spec && rm noarch/clang-1-1.noarch.rpm &&
      rpmbuild -bb --quiet --define '_rpmdir /srv/repo' all.spec && rm noarch/*-1-1.noarch.rpm && createrepo_c -q .`);
        expect(apply(few)).toMatchObject({
          code: 0,
          err: "",
          out: expect.stringContaining("updating the package lists\n"),
        });
        expect(machine.sh("rpm -q clang")).toBe("clang-1-2.noarch");
      }, 60_000);

      it("changes nothing that is there beyond newer versions, and names what it would", () => {
        machine.sh(`mkdir -p /srv/theirs && cd /srv/theirs
      make() { { printf 'Name: all%s\\nVersion: %s\\nRelease: 1\\nSummary: x\\nLicense: x\\nBuildArch: noarch\\n%%%%description\\nx\\n' "$1" "$1"; cat; } >all.spec; rpmbuild -bb --quiet --define "_rpmdir $2" all.spec; }
      package() { printf '%%%%package -n %s\\nSummary: x\\n%b\\n%%%%description -n %s\\nx\\n%%%%files -n %s\\n' "$1" "$2" "$1" "$1"; }
      { package some-sql "Conflicts: wants-room"; package their-lib; package p7zip; } | make 1 /srv/theirs
      { package lower; } | make 3 /srv/theirs
      { package wants-room; package wants-newer "Requires: their-lib = 2"; package their-lib; package sevenzip "Obsoletes: p7zip < 2"; package wants-lower "Requires: lower = 2"; package lower; } | make 2 /srv/repo
      rpm -i noarch/*.rpm; cd /srv/repo && createrepo_c -q . && dnf -q clean all`);
        const only = (...packages: string[]) => ({ ...plan, packages });
        const harm = (given: Plan["args"]) => observe(given).filter((line) => /^(refused|foretold): /.test(line));
        const untold = /^foretold: what dnf would change of the packages that are there cannot be told yet/;
        expect(harm(only("wants-room"))).toEqual([expect.stringMatching(untold)]);
        const lowered =
          /dnf would put an older version of lower in the place of the present one, .*: dnf list --showduplicates lower/;
        expect(apply(only("wants-lower")).err).toMatch(lowered);
        machine.sh("dnf -q makecache");
        expect(harm(only("wants-lower"))).toEqual([expect.stringMatching(lowered)]);
        expect(harm(only("wants-room"))).toEqual([
          expect.stringMatching(
            /^refused: dnf cannot install what the realm needs beside what is there: .*some-sql.* conflicts with wants-room/,
          ),
        ]);
        expect(harm(only("wants-newer", "sevenzip"))).toEqual([
          "foretold: dnf takes p7zip out, as packages that the realm needs have taken that place",
          "foretold: installing packages brings newer versions of their-lib, which the new ones need; no service is restarted by that",
        ]);
        expect(apply(only("wants-newer", "sevenzip"))).toMatchObject({ code: 0, err: "" });
        expect(machine.sh("rpm -q some-sql lower their-lib")).toBe(
          "some-sql-1-1.noarch\nlower-3-1.noarch\ntheir-lib-2-1.noarch",
        );
      }, 120_000);

      it("leaves a Debian to apt, where somebody installed dnf", () => {
        expect(packagesPlan(onLab(load({})), facts()).args.family).toBe("apt");
      });
    },
    suites,
  );
