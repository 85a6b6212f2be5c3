import { packagesPlan } from "../../components/host/packages";
import type { Plan } from "../../steps/plan";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine, stepCommand } from "./on-machine";

lab.describe("packages", () => {
  const plan = packagesPlan(onLab(load({})), facts()).args;
  // Two small ones stand for the long list.
  const args: Plan["args"] = { ...plan, packages: ["socat", "xxd"] };
  let machine: Machine;
  const observe = (given = args) => machine.observe("packages", "packages", given);
  const apply = (given = args) => machine.apply("packages", "packages", given);

  beforeAll(() => {
    machine = onMachine("t-packages");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("names every missing package on a bare server", () => {
    const seen = observe(plan);
    expect(seen).toContain("the package libmariadb-dev-compat is not installed");
    expect(seen).not.toContain("the package iproute2 is not installed");
    expect(observe().slice(0, 2)).toEqual(["the package socat is not installed", "the package xxd is not installed"]);
  });

  it("installs the missing ones alone, and does nothing the second time", () => {
    const { code, out, err } = apply();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("updating the package lists\n");
    expect(out).toContain("installing 2 packages (apt): socat xxd\n");
    expect(machine.sh("command -v socat xxd")).toBe("/usr/bin/socat\n/usr/bin/xxd");
    expect(apply().out).toBe("as it should be\n");
  }, 120_000);

  it("sees a package that went missing or was left half-way, and puts it right", () => {
    machine.sh(
      "dpkg -r socat; sed -i '/^Package: xxd$/,/^$/s/^Status: .*/Status: install ok half-configured/' /var/lib/dpkg/status",
    );
    expect(observe()).toEqual([
      "the package socat is not installed",
      "the package xxd is half-configured, should be installed",
    ]);
    const { code, out } = apply();
    expect(code).toBe(0);
    // The lists are of today.
    expect(out).not.toContain("updating the package lists");
    expect(observe()).toEqual([]);
  }, 120_000);

  it("finishes a dpkg that was cut off before the dependencies came", () => {
    machine.sh(
      "dpkg -r xxd; d=$(mktemp -d) && mkdir $d/DEBIAN && printf 'Package: needy\\nVersion: 1\\nArchitecture: all\\nDepends: xxd\\nMaintainer: x <x@x>\\nDescription: x\\n' >$d/DEBIAN/control && dpkg-deb -b $d /run/needy.deb && dpkg --unpack /run/needy.deb",
    );
    const { code, out } = apply();
    expect([code, out]).toEqual([0, expect.stringContaining("finishing what another run of dpkg has begun\n")]);
    expect(machine.sh("dpkg -s needy xxd | grep -c '^Status: install ok installed'; dpkg -r needy >/dev/null")).toBe(
      "2",
    );
  }, 120_000);

  describe("while another package manager is at work", () => {
    /**
     * Runs the step while a lock is held as apt and dpkg do it; the lock goes when the step has said that it waits, or
     * never.
     */
    const beside = (lock: string, seconds: number) => {
      return machine.exec(`perl -e '
          use Fcntl; open my $f, ">>", shift or die; my $l = pack "s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0; fcntl($f, F_SETLK, $l) or die;
          open my $m, ">", "/run/held"; close $m; sleep 60' ${lock} & holder=$!
        until [ -e /run/held ] || ! kill -0 $holder; do sleep 0.1; done; rm -f /run/held
        : >/run/out # Else an earlier case's words would end the wait below.
        PACKAGES_WAIT=${seconds} bash ${stepCommand("packages", "packages", args)} >/run/out 2>&1 &
        until grep -q '^waiting' /run/out || ! kill -0 $!; do sleep 0.1; done
        [ ${seconds} = 0 ] || kill $holder
        wait $!; code=$?; kill $holder; cat /run/out; exit $code`);
    };

    it.each([
      ["dpkg's", "/var/lib/dpkg/lock-frontend", "dpkg -r xxd"],
      ["dpkg's, and something was begun", "/var/lib/dpkg/lock-frontend", "dpkg --unpack /run/needy.deb"],
      ["apt's for downloads", "/var/cache/apt/archives/lock", "dpkg -r xxd; apt-get clean"],
      ["apt's for its lists", "/var/lib/apt/lists/lock", "dpkg -r xxd; rm -f /var/lib/apt/lists/*_Packages*"],
    ])(
      "waits for its lock (%s) and says who holds it",
      (_, lock, first) => {
        machine.sh(`dpkg -r needy xxd; ${first}`);
        const { code, out } = beside(lock, 600);
        expect([code, out]).toEqual([0, expect.stringMatching(/^waiting for another package manager: .*\(perl\)/m)]);
        expect(observe()).toEqual([]);
      },
      120_000,
    );

    it("says who holds it when that does not end", () => {
      machine.sh("dpkg -r needy xxd");
      const { code, out } = beside("/var/lib/dpkg/lock-frontend", 0);
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(
          /^error: apt could not install the packages\n {2}E: Could not get lock .* held by process \d+ \(perl\)/m,
        ),
      ]);
      expect(apply().code).toBe(0);
    }, 120_000);
  });

  it("keeps needrestart off the realm's servers where there is one", () => {
    machine.sh("mkdir -p /etc/needrestart/conf.d");
    const file = "/etc/needrestart/conf.d/trinity-stack.conf";
    expect(observe()).toEqual([`${file} is missing`]);
    expect(apply().code).toBe(0);
    machine.sh(`sed -i 's/= 0/= 1/' ${file}`);
    expect(observe()[0]).toBe(`${file} lacks: $nrconf{override_rc}{qr(^authserver\\.service$)} = 0;`);
    expect(apply().code).toBe(0);
    expect(
      machine.sh(`perl -e 'my %nrconf; eval join("", <>) // die $@; print keys %{$nrconf{override_rc}}' ${file}`),
    ).toContain("worldserver");
    expect(machine.undo("packages").code).toBe(0);
    expect(machine.sh(`ls /etc/needrestart/conf.d; command -v socat`)).toBe("/usr/bin/socat");
    machine.sh("rm -r /etc/needrestart");
  });

  it("shows apt's own words when it cannot", () => {
    const { code, err } = apply({ ...args, packages: ["socat", "no-such-package"] });
    expect(code).toBe(1);
    expect(err).toMatch(/^error: apt could not install the packages\n {2}E: Unable to locate package no-such-package/);
  }, 120_000);
});
